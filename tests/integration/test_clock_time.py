"""What time does to clocks: noted for many at once, never twice, and never against a deed in progress."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from desk.actions.clocks.by_time import note_time
from desk.actions.clocks.calendars import add_calendar, change_calendar
from desk.actions.clocks.targets import change_targets
from desk.actions.messages.reply import Reply, send_reply
from desk.jobs import keep_time
from desk.model.case import Case
from desk.model.events import ClockDueSoon, ClockMissed
from desk.model.sla import EntryKind, SlaClock, SlaEntry
from desk.model.transit import JournalEntry
from desk.store.clocks.reading import next_wake
from desk.store.unit_of_work import Store
from tests.integration.test_clocks import ALWAYS, FIRST, Stage
from tests.people import STAGE, Cast, minutes


@pytest.fixture
def stage(store: Store, cast: Cast) -> Stage:
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        change_targets(work, [{"first_response": 3600}])
    return Stage(store, cast)


def tick(store: Store, at: float, limit: int = 100) -> int:
    with store.unit_of_work(keep_time.CLOCK, now=minutes(at)) as work:
        return note_time(work, limit)


def told(store: Store) -> list[tuple[str, int | None]]:
    with store.reading(STAGE) as work:
        rows = work.session.execute(
            select(JournalEntry.kind, JournalEntry.case_id)
            .where(JournalEntry.kind.in_([ClockDueSoon.__name__, ClockMissed.__name__]))
            .order_by(JournalEntry.id)
        )
        return [(row[0], row[1]) for row in rows]


def test_a_promise_is_warned_of_and_then_missed_each_once(stage: Stage) -> None:
    case_id = stage.mail(0)
    assert tick(stage.store, 44) == 0
    assert (tick(stage.store, 45.1), tick(stage.store, 45.2)) == (1, 0)
    assert (tick(stage.store, 60), tick(stage.store, 60.01), tick(stage.store, 61)) == (0, 1, 0)
    assert told(stage.store) == [("ClockDueSoon", case_id), ("ClockMissed", case_id)]
    clock = stage.clock(case_id, FIRST)
    assert (clock.missed_at, clock.due_at) == (minutes(60), minutes(60))
    assert stage.story(case_id, FIRST) == ["started:opened", "warned:time", "missed:time"]


def test_a_clock_that_slept_notes_the_miss_at_its_moment(stage: Stage) -> None:
    case_id = stage.mail(0)
    assert tick(stage.store, 500) == 1
    with stage.store.reading(STAGE) as work:
        missed = work.session.scalars(select(SlaEntry).where(SlaEntry.kind == EntryKind.MISSED)).one()
        assert (missed.at, missed.noted_at) == (minutes(60), minutes(500))
    assert stage.due(case_id) == minutes(60)


def test_an_answer_that_comes_first_after_the_moment_notes_the_miss_itself(stage: Stage) -> None:
    case_id = stage.mail(0)
    stage.reply(61, case_id)
    assert stage.clock(case_id, FIRST).missed_at == minutes(60)
    assert told(stage.store) == [("ClockMissed", case_id)]
    assert tick(stage.store, 62) == 0


def test_many_are_noted_in_order_and_in_portions(stage: Stage) -> None:
    cases = [stage.mail(n) for n in range(5)]
    assert [tick(stage.store, 200, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert [case_id for _, case_id in told(stage.store)] == cases


def test_a_deed_in_progress_is_not_waited_for(stage: Stage) -> None:
    held, free = stage.mail(0), stage.mail(1)
    with stage.store.unit_of_work(STAGE) as work:
        work.session.get_one(Case, held, with_for_update=True)
        assert tick(stage.store, 100) == 1
        assert told(stage.store) == [("ClockMissed", free)]
    assert tick(stage.store, 100) == 1


def test_an_edited_calendar_is_followed_before_anything_is_noted(stage: Stage) -> None:
    manager = stage.cast.actor(stage.cast.sam)
    with stage.store.unit_of_work(manager, now=minutes(-60)) as work:
        calendar = add_calendar(work, {"name": "Always", "days": ALWAYS})
    case_id = stage.mail(0)
    with stage.store.unit_of_work(manager, now=minutes(30)) as work:
        change_calendar(work, calendar["id"], {"days": {"tue": [["09:00", "12:00"]]}})
    assert tick(stage.store, 70) == 0
    keep_time.look(stage.store)
    assert stage.clock(case_id, FIRST).missed_at == minutes(24 * 60 + 30)


def test_answers_and_the_clock_at_once_never_disagree(stage: Stage) -> None:
    """Whoever is first: a promise that was answered in time is not missed, and one that was not is."""
    cases = [stage.mail(0) for _ in range(8)]
    done = threading.Event()

    def ticking() -> None:
        while not done.is_set():
            tick(stage.store, 60.5)

    clock = threading.Thread(target=ticking)
    clock.start()
    try:
        for number, case_id in enumerate(cases):
            stage.reply(60.4 if number % 2 else 60.6, case_id)
    finally:
        done.set()
        clock.join()
    tick(stage.store, 61)
    assert [stage.clock(case_id, FIRST).missed_at for case_id in cases] == [minutes(60)] * len(cases)
    kinds = [stage.story(case_id, FIRST) for case_id in cases]
    assert all(story.count("missed:time") == 1 for story in kinds)


def test_the_clock_sleeps_until_the_next_promise(stage: Stage) -> None:
    assert keep_time.look(stage.store) == keep_time.LOOK_SECONDS
    with stage.store.unit_of_work(stage.cast.actor(stage.cast.ada)) as work:
        assert next_wake(work.session) is None
    stage.mail(0)
    assert keep_time.look(stage.store) == keep_time.LOOK_SECONDS
    with stage.store.reading(STAGE) as work:
        assert work.session.scalars(select(SlaClock).where(SlaClock.missed_at.is_not(None))).first()


def test_a_wall_clock_that_is_set_holds_the_noting_for_a_while() -> None:
    noon = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    wall = keep_time.Wall(noon, 100.0)
    assert not wall.has_jumped(noon + timedelta(seconds=1), 101.0)
    assert wall.has_jumped(noon + timedelta(hours=1), 102.0)
    assert wall.has_jumped(noon + timedelta(hours=1, seconds=50), 152.0)
    assert not wall.has_jumped(noon + timedelta(hours=1, seconds=61), 163.0)
    assert wall.has_jumped(noon - timedelta(days=1), 164.0)


def test_a_reply_in_time_stays_in_time_whenever_it_is_noted(stage: Stage) -> None:
    case_id = stage.mail(0)
    with stage.store.unit_of_work(stage.cast.actor(stage.cast.ada), now=minutes(60)) as work:
        send_reply(work, case_id, Reply("Just in time", "in-time"))
    assert tick(stage.store, 61) == 0
    assert stage.clock(case_id, FIRST).missed_at is None
