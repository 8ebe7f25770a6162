"""Reminders: one's own, told once in time, moved, done, dropped and had back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from desk.actions.cases.merges import merge_cases
from desk.actions.people.diary import tasks_shown
from desk.actions.people.reminders import (
    change_reminder,
    drop_reminder,
    remind,
    reminders_shown,
    tell_reminders,
)
from desk.jobs.clock import tell_of_reminders
from desk.model.agent import Agent
from desk.model.change import changes_of
from desk.model.errors import Invalid, NotFound
from desk.model.events import ReminderDue
from desk.model.reminder import Reminder
from desk.store.people.reminders import forget_old_reminders
from desk.store.unit_of_work import Store
from tests.people import MORNING, STAGE, Cast, a_case, minutes


def mine(store: Store, cast: Cast, who: Agent, at: float = 0) -> list[tuple[str, int | None, bool]]:
    with store.reading(cast.actor(who), now=minutes(at)) as work:
        return [
            (row["word"], row["case_id"], row["told_at"] is not None) for row in reminders_shown(work)["rows"]
        ]


def test_it_is_told_once_at_its_time_and_again_when_it_was_moved(store: Store, cast: Cast) -> None:
    with store.unit_of_work(cast.actor(cast.ada), now=MORNING) as work:
        case_id = a_case(work, cast.cleo, queue=cast.support).id
        late = remind(work, minutes(60), " Ring Cleo ", case_id)["id"]
        remind(work, minutes(30), "Stand up")
    assert mine(store, cast, cast.ada) == [("Stand up", None, False), ("Ring Cleo", case_id, False)]
    told = []
    for at in (29, 30, 59, 60, 61):
        with store.unit_of_work(STAGE, now=minutes(at)) as work:
            told.append(tell_reminders(work, 10))
    assert told == [0, 1, 0, 1, 0]
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(62)) as work:
        change_reminder(work, late, at=minutes(90), word="Write to Cleo")
    for at, count in ((89, 0), (90, 1)):
        with store.unit_of_work(STAGE, now=minutes(at)) as work:
            assert tell_reminders(work, 10) == count
    assert mine(store, cast, cast.ada, 91) == [("Stand up", None, True), ("Write to Cleo", case_id, True)]
    assert tell_of_reminders(store) == 0


def test_done_and_dropped_ones_are_told_no_more_and_can_be_had_back(store: Store, cast: Cast) -> None:
    with store.unit_of_work(cast.actor(cast.ada), now=MORNING) as work:
        done, dropped = (remind(work, minutes(10), word)["id"] for word in ("One", "Two"))
        change_reminder(work, done, done=True)
        drop_reminder(work, dropped)
    assert mine(store, cast, cast.ada) == []
    with store.unit_of_work(STAGE, now=minutes(20)) as work:
        assert tell_reminders(work, 10) == 0
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(21)) as work:
        for one in (done, dropped):
            change_reminder(work, one, done=False)
    assert [word for word, _, _ in mine(store, cast, cast.ada)] == ["One", "Two"]
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(22)) as work:
        drop_reminder(work, dropped)
        assert forget_old_reminders(work.session, minutes(22)) == 0
        assert forget_old_reminders(work.session, minutes(23)) == 1


def test_it_is_nobody_elses_and_the_diary_of_others_only_counts(store: Store, cast: Cast) -> None:
    with store.unit_of_work(cast.actor(cast.ada), now=MORNING) as work:
        number = remind(work, minutes(10), "Secret")["id"]
        remind(work, minutes(20), "Later")
    assert mine(store, cast, cast.ben) == []
    with store.unit_of_work(cast.actor(cast.ben), now=MORNING) as work:
        for deed in (drop_reminder, change_reminder):
            with pytest.raises(NotFound, match="You have no reminder"):
                deed(work, number)
    with store.reading(cast.actor(cast.sam), now=minutes(15)) as work:
        told = tasks_shown(work, cast.ada.id)
        assert told["reminders"] == {"open": 2, "due": 1} and "Secret" not in str(told)
    (change,) = changes_of(ReminderDue(agent_id=cast.ada.id, reminder_id=number), 7)
    assert change.rooms == (f"agent:{cast.ada.id}",) and "Secret" not in str(change.payload)


def test_a_merged_case_is_the_one_it_is_part_of(store: Store, cast: Cast) -> None:
    with store.unit_of_work(cast.actor(cast.ada), now=MORNING) as work:
        kept, merged = (a_case(work, cast.cleo, queue=cast.support, text="Help").id for _ in range(2))
        remind(work, minutes(10), "Look", merged)
        merge_cases(work, merged, into=kept)
    assert mine(store, cast, cast.ada) == [("Look", kept, False)]


def test_what_cannot_be_is_said_in_words(store: Store, cast: Cast) -> None:
    with store.unit_of_work(cast.actor(cast.ada), now=MORNING) as work:
        for at, word, said in (
            (minutes(0), "Now", "time is over"),
            (MORNING + timedelta(days=3000), "Far", "five years"),
            (minutes(5), "  ", "what you want to be reminded of"),
            (minutes(5), "x" * 201, "1 to 200"),
        ):
            with pytest.raises(Invalid, match=said):
                remind(work, at, word)
        with pytest.raises(NotFound, match="There is no case"):
            remind(work, minutes(5), "Look", 10**9)
        assert work.session.scalars(select(Reminder)).all() == []
