"""A person's tasks and diary on a real database: what they did, when they were there, what comes due."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from desk.actions.cases.deeds import resolve_case, snooze_case
from desk.actions.people.diary import diary_shown, tasks_shown
from desk.actions.routing.assignments import accept, assign
from desk.actions.routing.offers import decline, offer_next
from desk.actions.routing.presence import change_presence
from desk.model.access import AuditEntry
from desk.model.case import Case
from desk.model.errors import Invalid, NotFound
from desk.model.message import MessageKind
from desk.model.presence import PresenceState
from desk.store.policies import set_policies
from desk.store.unit_of_work import Store
from tests.people import MORNING, STAGE, Cast, a_case, a_message, minutes

MONDAY = date(2026, 3, 2)


def test_a_day_is_told_in_its_order_with_presence_and_sums(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        change_presence(work, cast.ada.id, PresenceState.AVAILABLE)
        first, second = (
            a_case(work, cast.cleo, subject, queue=cast.support, text="Help").id for subject in ("One", "Two")
        )
    for case_id, at in ((first, 1), (second, 2)):
        with store.unit_of_work(STAGE, now=minutes(at)) as work:
            offer = offer_next(work, case_id)
            assert offer is not None
            number = offer.id
        with store.unit_of_work(cast.actor(cast.ada), now=minutes(at + 0.5)) as work:
            (accept if case_id == first else decline)(work, number)
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(9)) as work:
        case = work.session.get_one(Case, first)
        a_message(work, case, "Done", kind=MessageKind.OUTBOUND, agent=cast.ada)
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(10)) as work:
        resolve_case(work, first, "answered")
    with store.unit_of_work(STAGE, now=minutes(60)) as work:
        change_presence(work, cast.ada.id, PresenceState.AWAY)
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(90)) as work:
        told = diary_shown(work, cast.ada.id, None)
        noted = work.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    rows = [(row["what"], row["case_id"], row["seconds"] and round(row["seconds"])) for row in told["rows"]]
    assert rows == [
        ("worked", first, 30),
        ("offer_declined", second, 30),
        ("answered", first, None),
        ("resolved", first, None),
    ]
    assert told["rows"][0]["subject"] == "One" and told["rows"][0]["opens"]
    spans = [(span["state"], span["until"] - span["since"], span["lasts"]) for span in told["presence"]]
    assert spans == [
        ("available", timedelta(minutes=60), False),
        ("away", timedelta(minutes=30), True),
    ]
    assert told["sums"]["minutes"] == {"available": 60.0, "away": 30.0} and told["sums"]["cases"] == 2
    assert (told["day"], told["zone"], told["more"]) == (MONDAY, "UTC", False)
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(90)) as work:
        before = diary_shown(work, cast.ada.id, MONDAY - timedelta(days=1))
        assert (before["rows"], before["presence"]) == ([], [])
        assert work.session.scalar(select(func.count()).select_from(AuditEntry)) == noted + 1
        with pytest.raises(Invalid, match="lies in the future"):
            diary_shown(work, cast.ada.id, MONDAY + timedelta(days=1))
        set_policies(work.session, {"time_zone": "Pacific/Auckland"})
        theirs = diary_shown(work, cast.ada.id, None)
        assert (theirs["day"], theirs["begins"]) == (MONDAY, MORNING - timedelta(hours=22))
        with pytest.raises(NotFound):
            diary_shown(work, 999, None)
    with store.unit_of_work(cast.actor(cast.ben), now=minutes(90)) as work, pytest.raises(NotFound):
        diary_shown(work, cast.ada.id, None)


def test_tasks_are_what_comes_due_and_what_wakes_and_no_subject_of_a_case_one_may_not_open(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE, now=MORNING) as work:
        cases = [a_case(work, cast.cleo, name, queue=cast.support, text="Help") for name in ("A", "B", "C")]
        for case in cases:
            assign(work, case, cast.ada.id)
        late, soon, asleep = (case.id for case in cases)
        cases[0].due_at, cases[1].due_at = minutes(-5), minutes(20)
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(1)) as work:
        snooze_case(work, asleep, minutes(300))
    with store.unit_of_work(STAGE, now=minutes(2)) as work:
        work.session.get_one(Case, soon).queue_id = cast.billing.id
    with store.reading(cast.actor(cast.sam), now=minutes(2)) as work:
        told = tasks_shown(work, cast.ada.id)
    assert [row["case_id"] for row in told["promises"]][:2] == [late, soon]
    assert [(row["case_id"], row["due_at"]) for row in told["sleeping"]] == [(asleep, minutes(300))]
    assert told["retention"] == [] and all(row["opens"] for row in told["promises"])
    with store.reading(cast.actor(cast.ben)) as work, pytest.raises(NotFound):
        tasks_shown(work, cast.ada.id)
