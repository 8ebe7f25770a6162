"""The ledger of a clock, and what follows from it: how much it has run, when it is due, how it ended.

A ledger is a list of entries that only grows. Nothing here reads a clock on a wall: where a clock
stands is the fold of its entries, and the same entries always fold to the same clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from desk.model.sla import OPEN_PHASES, ClockKind, EntryKind, Phase
from desk.sla.hours import Hours

WARNED_WITH = 0.25
"""A clock is due soon once so much of its target is left."""

HoursFor = Callable[[int | None], Hours]
"""The hours of a version of a calendar; None is around the clock."""

_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `target` and `calendar` are said where they begin to hold; `voids` are numbers of lines."""

    kind: EntryKind
    at: datetime
    cause: str = ""
    sentence: str = ""
    target: timedelta | None = None
    calendar: int | None = None
    flagged: bool = False
    message_id: int | None = None
    move_id: str | None = None
    voids: tuple[int, ...] = ()
    id: int = 0


@dataclass(frozen=True, slots=True)
class Clock:
    """Where a clock stands. `used` is the working time until `since`; it runs on from there while running."""

    kind: ClockKind
    started_at: datetime
    last_at: datetime
    phase: Phase = Phase.RUNNING
    target: timedelta | None = None
    calendar: int | None = None
    used: timedelta = _ZERO
    since: datetime | None = None
    missed_at: datetime | None = None
    missed_after: timedelta | None = None
    ended_at: datetime | None = None
    warned: bool = False
    flagged: bool = False
    ended_by: str = ""

    @property
    def is_open(self) -> bool:
        return self.phase in OPEN_PHASES

    @property
    def left(self) -> timedelta | None:
        """Working time left at `since`; None without a target. Less than nothing once overdrawn."""
        return None if self.target is None else self.target - self.used

    def used_at(self, moment: datetime, hours_for: HoursFor) -> timedelta:
        """The working time it has run until a moment."""
        if self.since is None:
            return self.used
        return self.used + hours_for(self.calendar).between(self.since, moment)

    def due_at(self, hours_for: HoursFor) -> datetime | None:
        """When its target is used up; None while it does not run, or has no target.

        A clock that was missed stays due at that moment, until it ends.
        """
        if self.since is None or self.left is None:
            return None
        return self.missed_at or hours_for(self.calendar).after(self.since, self.left)

    def warn_at(self, hours_for: HoursFor) -> datetime | None:
        """When a quarter of its target is left; None once it is due no more, or was missed."""
        if self.since is None or self.target is None or self.left is None or self.missed_at is not None:
            return None
        return hours_for(self.calendar).after(self.since, self.left - self.target * WARNED_WITH)

    def wakes_at(self, hours_for: HoursFor) -> datetime | None:
        """The next moment at which time alone moves it: to a warning, then to the miss."""
        if self.missed_at is not None:
            return None
        return self.due_at(hours_for) if self.warned else self.warn_at(hours_for)


def fold(kind: ClockKind, entries: Iterable[Entry], hours_for: HoursFor) -> Clock:
    """Where the ledger leaves the clock. The first entry that holds starts it; ValueError without one."""
    lines = list(entries)
    voided = {number for line in lines for number in line.voids}
    clock: Clock | None = None
    for line in lines:
        if line.id not in voided or not line.id:
            clock = begun(kind, line) if clock is None else step(clock, line, hours_for)
    if clock is None:
        raise ValueError("A ledger begins with a start.")
    return clock


def begun(kind: ClockKind, entry: Entry) -> Clock:
    """A clock after its first entry, which starts it."""
    if entry.kind is not EntryKind.STARTED:
        raise ValueError(f"A ledger begins with a start, not with {entry.kind.value}.")
    return Clock(
        kind=kind,
        started_at=entry.at,
        last_at=entry.at,
        target=entry.target,
        calendar=entry.calendar,
        since=entry.at,
    )


def step(clock: Clock, entry: Entry, hours_for: HoursFor) -> Clock:
    """The clock after one more entry. An entry of an earlier moment than the last counts as of that one:
    a clock that is set back takes no time away from anybody.
    """
    at = max(entry.at, clock.last_at)
    return _STEPS[entry.kind](replace(clock, last_at=at), replace(entry, at=at), hours_for)


_Step = Callable[[Clock, Entry, HoursFor], Clock]


def _paused(clock: Clock, entry: Entry, hours_for: HoursFor) -> Clock:
    told = _run_until(clock, entry.at, hours_for)
    return replace(told, phase=Phase.PAUSED, since=None, flagged=clock.flagged or entry.flagged)


def _resumed(clock: Clock, entry: Entry, hours_for: HoursFor) -> Clock:
    told = _run_until(clock, entry.at, hours_for)
    return replace(told, phase=Phase.RUNNING, since=entry.at, ended_at=None, ended_by="")


def _retargeted(clock: Clock, entry: Entry, hours_for: HoursFor) -> Clock:
    told = _run_until(clock, entry.at, hours_for)
    return replace(told, target=entry.target, calendar=entry.calendar, warned=False)


def _ended(phase: Phase) -> _Step:
    def ended(clock: Clock, entry: Entry, hours_for: HoursFor) -> Clock:
        told = _run_until(clock, entry.at, hours_for)
        return replace(told, phase=phase, since=None, ended_at=entry.at, ended_by=entry.cause)

    return ended


def _run_until(clock: Clock, moment: datetime, hours_for: HoursFor) -> Clock:
    if clock.since is None:
        return clock
    return replace(clock, used=clock.used_at(moment, hours_for), since=moment)


def _warned(clock: Clock, entry: Entry, hours_for: HoursFor) -> Clock:
    return replace(clock, warned=True)


def _missed(clock: Clock, entry: Entry, hours_for: HoursFor) -> Clock:
    if clock.missed_at is not None:
        return replace(clock, warned=True)
    # Its target is used up at that moment; a later target does not move the miss.
    return replace(clock, warned=True, missed_at=entry.at, missed_after=clock.target)


def _flagged(clock: Clock, entry: Entry, hours_for: HoursFor) -> Clock:
    return replace(clock, flagged=True)


def _same(clock: Clock, entry: Entry, hours_for: HoursFor) -> Clock:
    return clock


_STEPS: dict[EntryKind, _Step] = {
    EntryKind.PAUSED: _paused,
    EntryKind.RESUMED: _resumed,
    EntryKind.RETARGETED: _retargeted,
    EntryKind.WARNED: _warned,
    EntryKind.MISSED: _missed,
    EntryKind.MET: _ended(Phase.MET),
    EntryKind.CANCELLED: _ended(Phase.CANCELLED),
    EntryKind.FLAGGED: _flagged,
    EntryKind.STARTED: _same,
    EntryKind.MOVED: _same,
    EntryKind.VOIDED: _same,
}
