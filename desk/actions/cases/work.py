"""Keeping the work on cases for figures: what the journal tells, and a walk through all of them by night."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from desk.actions.customers.worth import last_hour
from desk.model.case_work import WorkMark
from desk.store.cases.work import (
    entries_waiting,
    find_mark,
    get_mark,
    keep,
    next_cases,
    next_entries,
    take_work,
    unheard_of,
)
from desk.store.policies import policy
from desk.store.unit_of_work import Work

HOUR = 3
"""Of the night, in the desk's zone: when all cases are looked through."""
MANY = 500
"""So many entries of the journal are asked for directly, rather than kept one by one."""
ENTRIES, CASES = 5_000, 500
"""What is kept in one transaction: so many entries, or cases of a walk."""


def work_is_to_be_kept(work: Work) -> bool:
    """Whether the journal has told much that is not kept yet, or a walk goes on or is due."""
    return entries_waiting(work.session) >= MANY or _walk_goes_on(work, find_mark(work.session))


def keep_next(work: Work) -> int:
    """Keep what comes next, of the journal and then of a walk; how many entries and cases, 0 where nothing is
    due or somebody else is at it."""
    if not take_work(work.session):
        return 0
    mark = get_mark(work.session)
    if entries_waiting(work.session) >= MANY:
        return _follow(work, mark)
    return _walk(work, mark) if _walk_goes_on(work, mark) else 0


def walk_on(work: Work, begun: datetime) -> int:
    """The next cases of a walk that began at `begun` or later; how many, 0 at its end. Waits for whoever
    keeps work meanwhile."""
    take_work(work.session, wait=True)
    mark = get_mark(work.session)
    if mark.walk_began_at is None or mark.walk_began_at < begun:
        _begin(mark, begun)
    return _walk(work, mark) if mark.walk_ended_at is None else 0


def _follow(work: Work, mark: WorkMark) -> int:
    position, cases = next_entries(work.session, mark.position, ENTRIES)
    keep(work.session, cases)
    told, mark.position = position - mark.position, position
    return told


def _walk_goes_on(work: Work, mark: WorkMark | None) -> bool:
    if mark is None or mark.walk_ended_at is None:
        return True
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    return mark.walk_ended_at < last_hour(work.now, HOUR, zone)


def _walk(work: Work, mark: WorkMark) -> int:
    if mark.walk_began_at is None or mark.walk_ended_at is not None:
        _begin(mark, work.now)
    cases = next_cases(work.session, mark.walked_to, CASES)
    if not cases:
        mark.walk_ended_at = work.now
        return 0
    wrong = unheard_of(work.session, keep(work.session, cases))
    mark.walked_to = cases[-1]
    mark.repaired += len(wrong)
    return len(cases)


def _begin(mark: WorkMark, now: datetime) -> None:
    mark.walk_began_at, mark.walk_ended_at, mark.walked_to, mark.repaired = now, None, 0, 0
