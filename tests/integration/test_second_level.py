"""The second level: raised by time, by reopening and by category, with its reason, and returned for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from desk.actions.cases.deeds import reopen_case, resolve_case
from desk.actions.cases.edits import CaseEdit, edit_case
from desk.actions.cases.second_level import cases_to_raise, raise_case
from desk.actions.clocks.calendars import add_calendar
from desk.actions.routing.assignments import assign
from desk.actions.routing.line_time import rises_until
from desk.actions.setup.kinds import QUEUES
from desk.actions.setup.rows import change
from desk.jobs.raise_cases import raise_cases
from desk.model.case import Case, CaseChange, Category
from desk.model.errors import Conflict, Invalid
from desk.model.message import Message, MessageKind
from desk.model.permission import system
from desk.model.queue import Queue
from desk.routing.second_level import FirstLevel, reason_to_raise
from desk.store.unit_of_work import Store, Work
from tests.people import STAGE, Cast, a_case, minutes

CLOCK = system("clock")


def due(store: Store, at: float) -> list[int]:
    with store.reading(STAGE, now=minutes(at)) as work:
        return list(cases_to_raise(work, 10))


def rule(work: Work, cast: Cast, *, after: int = 0, reopens: int = 0, to: Queue | None = None) -> None:
    queue = work.session.get_one(Queue, cast.support.id)
    queue.second_level_minutes, queue.second_level_reopens = after, reopens
    queue.second_level_queue_id = to.id if to else None
    work.session.flush()


def test_what_is_unresolved_for_too_long_goes_to_the_second_level_and_says_why(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        rule(work, cast, after=60, to=cast.billing)
        case_id = a_case(work, cast.cleo, queue=cast.support).id
        assign(work, work.session.get_one(Case, case_id), cast.ada.id)
        a_case(work, cast.cleo, queue=cast.billing)
    assert (due(store, 59), due(store, 60)) == ([], [case_id])
    with store.reading(STAGE, now=minutes(59)) as work:
        assert [rises_until(work, minutes(at)) for at in (59.9, 60.1)] == [[], [minutes(60)]]
    with store.unit_of_work(CLOCK, now=minutes(60)) as work:
        raise_case(work, case_id)
    with store.reading(STAGE) as work:
        case = work.session.get_one(Case, case_id)
        assert (case.level, case.queue_id, case.assignee_id) == (2, cast.billing.id, None)
        change_of = select(CaseChange).where(CaseChange.case_id == case_id, CaseChange.what == "level")
        assert work.session.scalars(change_of).one().why == (
            "It has been unresolved for 1 h of working time."
        )
        events = select(Message.text).where(Message.case_id == case_id, Message.kind == MessageKind.EVENT)
        assert "Raised to the second level. It has been unresolved for 1 h of working time." in (
            work.session.scalars(events).all()
        )
    with store.unit_of_work(CLOCK, now=minutes(61)) as work, pytest.raises(Conflict, match="No rule raises"):
        raise_case(work, case_id)


def test_a_person_returns_it_to_where_it_was_and_no_rule_raises_it_again(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        rule(work, cast, after=60, to=cast.billing)
        case_id = a_case(work, cast.cleo, queue=cast.support).id
    with store.unit_of_work(CLOCK, now=minutes(60)) as work:
        raise_case(work, case_id)
    with store.unit_of_work(cast.actor(cast.ben), now=minutes(61)) as work:
        case = edit_case(work, case_id, CaseEdit(frozenset({"level"}), level=1))
        assert (case.level, case.queue_id) == (1, cast.support.id)
    assert due(store, 999) == []


def test_nights_do_not_count_and_what_waits_for_its_customer_is_left(store: Store, cast: Cast) -> None:
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(0)) as work:
        days = {day: [["09:00", "10:00"]] for day in ("mon", "tue")}
        add_calendar(work, {"name": "Hour", "zone": "UTC", "days": days, "queue_ids": [cast.support.id]})
        rule(work, cast, after=90)
        case = a_case(work, cast.cleo, queue=cast.support)
        a_case(work, cast.cleo, "Waits", queue=cast.support).wait_for_customer()
    assert (due(store, 24 * 60 + 29), due(store, 24 * 60 + 30)) == ([], [case.id])


def test_what_is_reopened_or_of_a_hard_category_is_raised_where_it_is(store: Store, cast: Cast) -> None:
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        rule(work, cast, reopens=1)
        hard = Category(name="Legal", second_level=True)
        work.session.add(hard)
        work.session.flush()
        plain, again, legal = (a_case(work, cast.cleo, name, queue=cast.support).id for name in "PAL")
        edit_case(work, legal, CaseEdit(frozenset({"category_id"}), category_id=hard.id))
        resolve_case(work, again, "Solved")
        reopen_case(work, again)
    assert raise_cases(store) == 2
    with store.reading(STAGE) as work:
        levels = {case.id: (case.level, case.queue_id) for case in work.session.scalars(select(Case))}
    assert levels == {
        plain: (1, cast.support.id),
        again: (2, cast.support.id),
        legal: (2, cast.support.id),
    }


def test_a_queue_is_not_its_own_second_level(store: Store, cast: Cast) -> None:
    own = pytest.raises(Invalid, match="Support is the first level here")
    with store.unit_of_work(cast.actor(cast.sam)) as work, own:
        change(work, QUEUES, cast.support.id, {"second_level_queue_id": cast.support.id})


def test_the_reason_is_told_in_words_and_no_rule_is_never() -> None:
    day = timedelta(days=1)
    assert reason_to_raise(FirstLevel(day, 9), minutes=0, reopens=0) is None
    assert reason_to_raise(FirstLevel(day, 2), minutes=0, reopens=2) == "It was reopened 2 times."
    hard = FirstLevel(timedelta(0), hard_category="Legal")
    assert reason_to_raise(hard, minutes=0, reopens=0) == (
        "Its category “Legal” is one for the second level."
    )
