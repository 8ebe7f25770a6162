"""What is planted in the demo's history is large enough to be found, and what is not is not."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from desk.demo.history.asked import topics, turns
from desk.demo.history.customers import everybody
from desk.demo.history.plan import DAYS, contacts
from desk.insights.bursts import watched
from desk.insights.effect import Counts, controls_for, effect_of

KEYS = [topic.key for topic in topics()]


@pytest.fixture(scope="module")
def counts() -> Counts:
    """Contacts by topic and day, as a reader would count who always knows the topic."""
    found = np.zeros((len(KEYS), DAYS + 1), np.int64)
    for day, made in enumerate(contacts(datetime(2026, 11, 26, 8, tzinfo=UTC), everybody())):
        for one in made:
            found[KEYS.index(one.topic.key), day] += 1
    return found


def test_it_is_as_much_as_a_small_shop_is_asked(counts: Counts) -> None:
    assert 6_000 < counts.sum() < 9_000
    assert len(KEYS) >= 25


def test_the_voucher_raises_an_alarm_within_two_days(counts: Counts) -> None:
    alarms = watched(counts).alarms[KEYS.index("voucher")]
    began = DAYS - next(turn.began for turn in turns() if turn.topic == "voucher") + 1
    assert not alarms[:began].any()
    assert alarms[began : began + 3].any() and alarms[-3:].any()


@pytest.mark.parametrize(("topic", "proven"), [("descaling light", True), ("invoice", False)])
def test_one_article_helped_and_the_other_did_not(counts: Counts, topic: str, proven: bool) -> None:
    told = {turn.topic for turn in turns()}
    others = [row for row, key in enumerate(KEYS) if key not in told]
    row = KEYS.index(topic)
    changed = DAYS - next(turn.began for turn in turns() if turn.topic == topic)
    whole_days = counts[:, :DAYS]

    effect = effect_of(whole_days, row, changed, controls_for(whole_days, row, changed, others))

    assert effect.proven is proven
    assert not effect.weak


def test_who_waits_for_the_new_courier_asks_again() -> None:
    asked = [one for day in contacts(datetime(2026, 11, 26, 8, tzinfo=UTC), everybody(), 0.3) for one in day]
    late = [one for one in asked if one.topic.key == "where is it"]
    people = [one.person for one in late if one.opened_at > datetime(2026, 11, 3, tzinfo=UTC)]
    before = [one.person for one in late if one.opened_at <= datetime(2026, 11, 3, tzinfo=UTC)]
    assert len(people) - len(set(people)) > 2 * (len(before) - len(set(before)))


def test_the_same_end_tells_the_same() -> None:
    end = datetime(2026, 11, 26, 8, tzinfo=UTC)
    once, again = (list(contacts(end, everybody(), 0.1)) for _ in range(2))
    assert once == again
