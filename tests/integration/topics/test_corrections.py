"""What a person says of a topic holds at once, outlasts every discovery, and can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from desk.actions.insights import topics
from desk.actions.insights.question_report import period_asked, questions_shown
from desk.jobs.place_made import place_made
from desk.jobs.read_questions import read_questions
from desk.jobs.reading_space import Reading
from desk.model.errors import Conflict, Forbidden, Invalid
from desk.model.topic import Question, Topic, TopicState
from desk.store.unit_of_work import Store
from tests.integration.topics.conftest import EVENING, ask, find
from tests.people import STAGE, Cast
from tests.unit.insights.asked import SAID


def counted(store: Store, said: str) -> int | None:
    with store.reading(STAGE) as work:
        return work.session.scalars(select(Question.topic_id).where(Question.text == said)).first()


def topic_of(store: Store, said: str) -> int:
    found = counted(store, said)
    assert found is not None
    return found


def test_a_name_outlasts_a_discovery(store: Store, cast: Cast, asked_for_weeks: Reading) -> None:
    number = topic_of(store, SAID["invoice"][0])
    with store.unit_of_work(cast.actor(cast.sam), now=EVENING) as work:
        topics.rename_topic(work, number, "Invoices")
        topics.move_to_area(work, number, "Money")
    ask(store, cast, [f"{one} thanks" for one in SAID["delivery"]], EVENING)
    find(asked_for_weeks, EVENING + timedelta(days=1))
    with store.reading(STAGE) as work:
        topic = work.session.get_one(Topic, number)
    assert (topic.name, topic.area, topic.state) == ("Invoices", "Money", TopicState.ACTIVE)


def test_a_merge_outlasts_a_discovery_and_is_taken_back(
    store: Store, cast: Cast, asked_for_weeks: Reading
) -> None:
    one, other = topic_of(store, SAID["invoice"][0]), topic_of(store, SAID["refund"][0])
    with store.unit_of_work(cast.actor(cast.sam), now=EVENING) as work:
        event_id = topics.merge_topics(work, one, other).id
    assert topic_of(store, SAID["invoice"][0]) == other
    find(asked_for_weeks, EVENING + timedelta(days=1))
    ask(store, cast, ["the invoice is wrong for my company again"], EVENING)
    read_questions(asked_for_weeks, EVENING)
    assert (
        topic_of(store, "the invoice is wrong for my company again")
        == topic_of(store, SAID["refund"][0])
        == other
    )
    with store.unit_of_work(cast.actor(cast.sam), now=EVENING) as work:
        topics.take_back(work, event_id)
    assert topic_of(store, SAID["invoice"][0]) == one


def test_what_was_set_aside_is_told_with_the_way_back_until_it_is_taken_back(
    store: Store, cast: Cast, asked_for_weeks: Reading
) -> None:
    one, other, none = (topic_of(store, SAID[said][0]) for said in ("invoice", "refund", "password"))
    with store.unit_of_work(cast.actor(cast.sam), now=EVENING) as work:
        topics.rename_topic(work, one, "A bill")
        merged = topics.merge_topics(work, one, other)
        rejected = topics.reject_topic(work, none)
        name = work.session.get_one(Topic, other).name

    def shown() -> dict[int, tuple[int, str | None]]:
        with store.reading(cast.actor(cast.sam)) as work:
            told = questions_shown(work, period_asked(work))["set_aside"]
        return {row["id"]: (row["event_id"], row["merged_into"]) for row in told}

    assert shown() == {one: (merged.id, name), none: (rejected.id, None)}
    with store.unit_of_work(cast.actor(cast.sam), now=EVENING) as work:
        topics.take_back(work, merged.id)
        topics.take_back(work, rejected.id)
    assert shown() == {}
    assert topic_of(store, SAID["invoice"][0]) == one


def test_what_is_no_topic_counts_for_none_now_and_later(
    store: Store, cast: Cast, asked_for_weeks: Reading
) -> None:
    number = topic_of(store, SAID["password"][0])
    with store.unit_of_work(cast.actor(cast.sam), now=EVENING) as work:
        topics.reject_topic(work, number)
    find(asked_for_weeks, EVENING + timedelta(days=1))
    ask(store, cast, ["i forgot my password at sign in once more"], EVENING)
    read_questions(asked_for_weeks, EVENING)
    assert counted(store, SAID["password"][0]) is None
    assert counted(store, "i forgot my password at sign in once more") is None


def test_a_part_split_off_draws_what_comes_later_and_lasts(
    store: Store, cast: Cast, asked_for_weeks: Reading
) -> None:
    whole = topic_of(store, "reset the password on your site")
    with store.unit_of_work(cast.actor(cast.sam), now=EVENING) as work:
        event = topics.split_topic(work, whole, "Resetting", "reset the")
    part = event.topic_id
    assert (
        topic_of(store, "reset the password on your site")
        == part
        != topic_of(store, "my password fails on your site")
    )
    assert place_made(asked_for_weeks, EVENING) == 1
    ask(store, cast, ["reset the password on your site now"], EVENING)
    read_questions(asked_for_weeks, EVENING)
    assert topic_of(store, "reset the password on your site now") == part
    find(asked_for_weeks, EVENING + timedelta(days=1))
    assert topic_of(store, "reset the password on your site") == part
    with store.unit_of_work(cast.actor(cast.sam), now=EVENING) as work:
        topics.take_back(work, event.id)
    assert topic_of(store, "reset the password on your site") != part


def test_what_was_changed_since_is_not_taken_back(store: Store, cast: Cast, asked_for_weeks: Reading) -> None:
    number = topic_of(store, SAID["invoice"][0])
    with store.unit_of_work(cast.actor(cast.sam), now=EVENING) as work:
        first = topics.rename_topic(work, number, "Invoices").id
        topics.rename_topic(work, number, "Bills")
    with pytest.raises(Conflict), store.unit_of_work(cast.actor(cast.sam)) as work:
        topics.take_back(work, first)


def test_a_split_needs_words_that_some_hold_and_not_all(
    store: Store, cast: Cast, asked_for_weeks: Reading
) -> None:
    number = topic_of(store, SAID["invoice"][0])
    for words in ("zebra", "invoice"):
        with pytest.raises(Invalid), store.unit_of_work(cast.actor(cast.sam)) as work:
            topics.split_topic(work, number, "Part", words)


def test_agents_and_auditors_change_no_topic(store: Store, cast: Cast, asked_for_weeks: Reading) -> None:
    number = topic_of(store, SAID["invoice"][0])
    for person in (cast.ada, cast.otto):
        with pytest.raises(Forbidden), store.unit_of_work(cast.actor(person)) as work:
            topics.rename_topic(work, number, "Mine")
