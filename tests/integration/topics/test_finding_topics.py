"""Contacts become questions, questions topics; and a topic keeps its number through every night."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import delete, select, text

from desk.actions.insights.question_report import standing_shown
from desk.actions.insights.topic_found import note_progress
from desk.actions.insights.topic_runs import ask_due, ask_for_night, ask_for_topics, begin_run
from desk.actions.insights.topics import accept_topic, take_back
from desk.jobs.analyst import beat
from desk.jobs.find_topics import find_topics
from desk.jobs.nightly_topics import nightly_topics
from desk.jobs.read_questions import read_questions
from desk.jobs.reading_space import Reading
from desk.jobs.rush import CALM, Rush
from desk.model.message import Message, MessageKind
from desk.model.topic import Question, RunKind, Topic, TopicEvent, TopicRun, TopicState
from desk.store.insights.topics import begin_anew
from desk.store.unit_of_work import Store
from tests.integration.topics.conftest import EVENING, ask, find
from tests.people import MORNING, STAGE, Cast, a_case, a_message, minutes
from tests.unit.insights.asked import QUESTIONS, SAID


def topic_of(store: Store) -> dict[str, int | None]:
    with store.reading(STAGE) as work:
        return {
            row.text: row.topic_id for row in work.session.execute(select(Question.text, Question.topic_id))
        }


def test_what_is_asked_becomes_topics_of_one_kind_each(store: Store, asked_for_weeks: Reading) -> None:
    of = topic_of(store)
    kinds_in = {
        number: {kind for kind, said in SAID.items() for one in said if of[one] == number}
        for number in of.values()
    }
    assert len(kinds_in) >= 4
    assert all(len(kinds) == 1 for number, kinds in kinds_in.items() if number is not None)
    with store.reading(STAGE) as work:
        run = work.session.scalars(select(TopicRun)).one()
        assert run.questions == 192 and run.topics == len(work.session.scalars(select(Topic)).all())


def test_after_a_rush_the_database_knows_how_many_questions_it_holds(store: Store, cast: Cast) -> None:
    reading = Reading(store, lambda: None, batch=40)
    ask(store, cast, [f"I forgot my password, number {n}" for n in range(90)], MORNING, timedelta(minutes=1))
    assert read_questions(reading, EVENING) == 90
    with store.reading(STAGE) as work:
        assert work.session.scalar(text("SELECT reltuples FROM pg_class WHERE relname = 'questions'")) == 90


def test_a_later_question_is_placed_with_the_topic_of_its_kind(
    store: Store, cast: Cast, asked_for_weeks: Reading
) -> None:
    of = topic_of(store)
    ask(store, cast, ["Hello,\n\nI forgot my password at sign in again\n\nBest regards,\nCleo"], EVENING)
    assert read_questions(asked_for_weeks, EVENING) == 1
    assert read_questions(asked_for_weeks, EVENING) == 0
    with store.reading(STAGE) as work:
        newest = work.session.scalars(select(Question).order_by(Question.id.desc()).limit(1)).one()
    assert newest.text == "I forgot my password at sign in again"
    assert newest.sure and newest.topic_id == of["i forgot my password at sign in again"]


def test_who_rested_loads_anew_and_places_as_before(store: Store, cast: Cast, reading: Reading) -> None:
    loaded: list[int] = []
    reading.encoder_of = lambda: loaded.append(1)
    ask(store, cast, QUESTIONS, MORNING, timedelta(hours=6))
    find(reading, EVENING)
    of = topic_of(store)
    assert (reading.rest(), reading.rest(), len(loaded)) == (True, False, 1)
    ask(store, cast, ["I forgot my password at sign in again"], EVENING)
    assert read_questions(reading, EVENING) == 1
    assert len(loaded) == 2
    with store.reading(STAGE) as work:
        newest = work.session.scalars(select(Question).order_by(Question.id.desc()).limit(1)).one()
    assert newest.topic_id == of["i forgot my password at sign in again"]


def test_two_questions_of_one_mail_are_two(store: Store, cast: Cast, asked_for_weeks: Reading) -> None:
    of = topic_of(store)
    ask(
        store,
        cast,
        ["Where is my parcel with the coffee? And: I need the invoice for the taxes as pdf?"],
        EVENING,
    )
    read_questions(asked_for_weeks, EVENING)
    with store.reading(STAGE) as work:
        rows = work.session.scalars(select(Question).order_by(Question.id.desc()).limit(2)).all()
    assert {row.ordinal for row in rows} == {0, 1} and len({row.message_id for row in rows}) == 1
    assert {row.topic_id for row in rows} == {
        of["where is my parcel with the coffee"],
        of["i need the invoice for the taxes"],
    }


def test_a_case_is_one_contact_until_it_was_resolved(store: Store, cast: Cast, reading: Reading) -> None:
    with store.unit_of_work(STAGE, now=MORNING) as work:
        case = a_case(work, cast.cleo, text="Where is my parcel?")
        a_message(work, case, "On its way.", kind=MessageKind.OUTBOUND, agent=cast.ada, at=minutes(5))
        a_message(work, case, "And now?", at=minutes(10))
        a_case(work, cast.cleo, "Smile", text="👍")
    assert read_questions(reading, minutes(30)) == 2
    with store.reading(STAGE) as work:
        texts = work.session.scalars(select(Question.text).order_by(Question.id)).all()
    # Without a word, the subject speaks.
    assert texts == ["Where is my parcel?", "Smile"]


def test_what_names_a_person_is_masked_before_it_is_kept(store: Store, cast: Cast, reading: Reading) -> None:
    ask(store, cast, ["My name is Cleo Patterson, my order 123456789 is late, call +49 170 1234567"], MORNING)
    read_questions(reading, MORNING)
    assert list(topic_of(store)) == ["My name is [name], my order [number] is late, call [phone]"]


def test_the_numbers_of_topics_outlast_a_discovery(
    store: Store, cast: Cast, asked_for_weeks: Reading
) -> None:
    before = topic_of(store)
    ask(store, cast, [f"{one} please" for one in SAID["invoice"]], EVENING, timedelta(hours=1))
    find(asked_for_weeks, EVENING + timedelta(days=3))
    after = topic_of(store)
    same = Counter(after[one] == before[one] for one in before if before[one] is not None)
    assert same[True] > 0.87 * same.total()


def test_the_night_proposes_what_fits_no_topic(store: Store, cast: Cast, asked_for_weeks: Reading) -> None:
    shop = (
        ("do you sell", "where are", "can i buy", "have you got"),
        ("gift vouchers", "vouchers as a gift"),
    )
    gifts = [
        " ".join(parts).strip()
        for parts in product(*shop, ("in the shop", "for birthdays", "for christmas", ""))
    ]
    ask(store, cast, gifts, EVENING)
    read_questions(asked_for_weeks, EVENING)
    with store.unit_of_work(STAGE, now=EVENING) as work:
        ask_for_night(work)
        run = begin_run(work)
    assert run is not None and nightly_topics(asked_for_weeks, run.id, EVENING) == 1
    with store.reading(STAGE) as work:
        topic = work.session.scalars(select(Topic).where(Topic.state == TopicState.PROPOSED)).one()
    assert "gift" in topic.name and Counter(topic_of(store)[one] == topic.id for one in gifts)[True] >= 12


def test_runs_are_asked_for_when_they_are_due(store: Store, cast: Cast, reading: Reading) -> None:
    def due(days: float) -> RunKind | None:
        now = EVENING + timedelta(days=days)
        with store.unit_of_work(STAGE, now=now) as work:
            run = ask_due(work)
            if run is not None:
                run.finished_at, run.questions = now, 250
            return run.kind if run else None

    assert due(0) is None
    ask(store, cast, [f"Where is parcel {number}?" for number in range(250)], MORNING)
    read_questions(reading, EVENING)
    assert due(0) is RunKind.DISCOVERY
    assert due(0.5) is None
    assert due(31) is RunKind.DISCOVERY


def test_a_beat_reads_finds_and_watches(store: Store, cast: Cast, reading: Reading) -> None:
    ask(
        store,
        cast,
        [*(one for said in SAID.values() for one in said), *SAID["refund"]],
        MORNING,
        timedelta(hours=6),
    )
    assert beat(reading, EVENING) == 240
    assert set(topic_of(store).values()) - {None}
    assert beat(reading, EVENING) == 0


def test_topics_wait_for_the_end_of_a_heap_and_a_person_need_not(
    store: Store, cast: Cast, reading: Reading
) -> None:
    asked = [*(one for said in SAID.values() for one in said), *SAID["refund"]]
    ask(store, cast, asked, MORNING, timedelta(hours=6))
    rush = Rush()
    assert beat(reading, EVENING, rush) > 100
    assert beat(reading, EVENING + CALM / 2, rush) == 0
    assert not set(topic_of(store).values()) - {None}
    with store.unit_of_work(STAGE, now=EVENING) as work:
        assert standing_shown(work)["run"] is None
    beat(reading, EVENING + CALM, rush)
    assert set(topic_of(store).values()) - {None}


def test_how_far_a_discovery_is_can_be_asked(store: Store, cast: Cast, reading: Reading) -> None:
    ask(store, cast, [one for said in SAID.values() for one in said], MORNING, timedelta(hours=6))
    read_questions(reading, EVENING)
    with store.unit_of_work(STAGE, now=EVENING) as work:
        ask_for_topics(work)
        run = begin_run(work)
        assert run is not None
        note_progress(work, run.id, "reading", 60, 180)
    with store.reading(STAGE) as work:
        shown = standing_shown(work)["run"]
    assert (shown["progress"], shown["finished_at"]) == ({"step": "reading", "done": 60, "total": 180}, None)
    find_topics(reading, run.id, EVENING)
    with store.reading(STAGE) as work:
        shown = standing_shown(work)["run"]
    assert shown["progress"] is None and shown["finished_at"] is not None


def test_a_question_goes_with_its_message_and_its_vector_by_night(
    store: Store, cast: Cast, asked_for_weeks: Reading
) -> None:
    with store.unit_of_work(STAGE, now=EVENING) as work:
        gone = work.session.scalars(select(Question).limit(1)).one()
        work.session.execute(
            text("INSERT INTO question_vectors VALUES (:hash, 'm', '')"), {"hash": gone.words_hash}
        )
        work.session.execute(delete(Message).where(Message.id == gone.message_id))
        topic = work.session.get_one(Topic, gone.found_id)
        topic.examples = [gone.text]
        ask_for_night(work)
        run = begin_run(work)
    assert run is not None
    nightly_topics(asked_for_weeks, run.id, EVENING)
    with store.reading(STAGE) as work:
        assert work.session.get(Question, gone.id) is None
        assert work.session.execute(text("SELECT count(*) FROM question_vectors")).scalar() == 0
        assert gone.text not in work.session.get_one(Topic, gone.found_id).examples


def test_a_heap_without_two_kinds_is_said_in_words(store: Store, cast: Cast, reading: Reading) -> None:
    ask(store, cast, ["Where is my parcel?"] * 3, MORNING)
    assert find(reading, EVENING) == 0
    with store.reading(STAGE) as work:
        assert work.session.scalars(select(TopicRun.problem)).one()
        assert not work.session.scalars(select(TopicEvent)).all()


def test_a_run_that_died_begins_anew_and_one_that_failed_says_so(
    store: Store, cast: Cast, reading: Reading
) -> None:
    ask(store, cast, [one for said in SAID.values() for one in said][:60], MORNING)
    with store.unit_of_work(STAGE, now=EVENING) as work:
        ask_for_topics(work)
        run = begin_run(work)
    assert run is not None
    with store.unit_of_work(STAGE, now=EVENING) as work:
        assert begin_run(work) is None
        begin_anew(work.session)
    assert beat(reading, EVENING) == 60
    assert find_topics(reading, run.id, EVENING) == 0, "what is finished is not found twice"
    broken = Reading(store, _no_encoder)
    with store.unit_of_work(STAGE, now=EVENING) as work:
        ask_for_topics(work)
    with pytest.raises(RuntimeError):
        beat(broken, EVENING)
    with store.reading(STAGE) as work:
        problems = work.session.scalars(select(TopicRun.problem).order_by(TopicRun.id)).all()
    assert problems == [None, "It failed; the log of the analyst says why."]


def _no_encoder() -> None:
    raise RuntimeError("weights are broken")


def test_a_facet_counts_for_its_topic_until_a_person_makes_it_one(
    store: Store, cast: Cast, asked_for_weeks: Reading
) -> None:
    whole = topic_of(store)[SAID["refund"][0]]
    with store.unit_of_work(cast.actor(cast.sam), now=EVENING) as work:
        facet = Topic(
            name="Grinders",
            state=TopicState.PROPOSED,
            created_at=EVENING,
            updated_at=EVENING,
            facet_of_id=whole,
        )
        work.session.add(facet)
        work.session.flush()
        said = work.session.scalars(select(Question).where(Question.text == SAID["refund"][0])).one()
        said.found_id = facet.id
        work.session.flush()
        event = accept_topic(work, facet.id)
    assert topic_of(store)[SAID["refund"][0]] == facet.id
    with store.unit_of_work(cast.actor(cast.sam), now=EVENING) as work:
        take_back(work, event.id)
    assert topic_of(store)[SAID["refund"][0]] == whole
