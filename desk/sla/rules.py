"""What a deed does to the clocks of a case: pure, from where the case stands after it.

- The first response runs from the opening until a person answers; each next response from the
  customer's first unanswered word until we answer; the resolution from the opening until it is resolved.
- Nothing pauses a clock but waiting for the customer and being on hold. Sleep does not.
- A pause while the customer has an unanswered word is allowed, and flagged.
- What is resolved without an answer has its response clocks cancelled, not met.
- A case that is reopened goes on with the clocks that its resolution ended, with what they have used:
  who resolves too early gains nothing. The time in between counts for nobody.
- Who raises a priority or a tier sets the whole target anew, from the same start. Where that is used
  up already, the clock is due at the moment of the change, never before it.
- A clock that was missed stays missed, whatever comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desk.model.case import DONE, CaseStatus
from desk.model.sla import RESPONSES, ClockKind, EntryKind, Phase
from desk.sla.ledger import Clock, Entry, HoursFor


class What(StrEnum):
    """The cause of an entry, in a word."""

    OPENED = "opened"
    WROTE = "wrote"
    REPLIED = "replied"
    STATUS = "status"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    QUEUE = "queue"
    CALENDAR = "calendar"
    PRIORITY = "priority"
    TIER = "tier"
    MERGE = "merge"
    SPLIT = "split"
    WITHDRAWN = "withdrawn"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Deed:
    """What happened, in a word and a sentence.

    `since` is when what it starts began in truth, where that was earlier; `move_id` names the merge or
    split, as in `merge:7`.
    """

    what: What
    sentence: str
    message_id: int | None = None
    move_id: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the case is after the deed."""

    status: CaseStatus
    waiting: bool
    first_replied: bool

    @property
    def is_done(self) -> bool:
        return self.status in DONE

    @property
    def rests(self) -> bool:
        """The one reason to pause: the ball is with the customer, or with a third party."""
        return self.status in (CaseStatus.WAITING, CaseStatus.ON_HOLD)


def overdue(clock: Clock, now: datetime, hours_for: HoursFor) -> Entry | None:
    """The miss that nobody has noted yet, at the moment at which it was due."""
    due = clock.due_at(hours_for)
    if due is None or clock.missed_at is not None or due >= now:
        return None
    return Entry(EntryKind.MISSED, due, What.TIME, "Its time was up.")


def followed(clocks: Sequence[Clock], case: Standing, deed: Deed, now: datetime) -> list[Entry | None]:
    """What the deed means for each of the clocks."""
    unanswered = deed.what is not What.REPLIED and any(
        clock.is_open and clock.kind in RESPONSES for clock in clocks
    )
    return [
        _of_response(clock, case, deed, now)
        if clock.kind in RESPONSES
        else _of_resolution(clock, case, deed, now, flagged=unanswered)
        for clock in clocks
    ]


def started(clocks: Sequence[Clock], case: Standing, deed: Deed) -> list[ClockKind]:
    """The clocks that the deed starts, given those there are after it."""
    if deed.what not in (What.OPENED, What.WROTE) or case.is_done:
        return []
    kinds = [] if deed.what is What.WROTE else [ClockKind.RESOLUTION]
    answering = any(clock.is_open and clock.kind in RESPONSES for clock in clocks)
    if case.waiting and not answering:
        kinds.insert(0, ClockKind.NEXT_RESPONSE if case.first_replied else ClockKind.FIRST_RESPONSE)
    return kinds


def aimed(
    clock: Clock, target: timedelta | None, calendar: int | None, deed: Deed, at: datetime
) -> Entry | None:
    """The entry that gives an open clock another target or calendar; None where it has them."""
    if not clock.is_open or (clock.target == target and clock.calendar == calendar):
        return None
    return Entry(EntryKind.RETARGETED, at, deed.what, deed.sentence, target=target, calendar=calendar)


def sooner(one: Clock, other: Clock, hours_for: HoursFor) -> Clock:
    """Of two promises of one kind, the one to be kept first: the one due first, where both run; else
    the one with less time left. The first one, where they are alike.
    """
    due, due_other = one.due_at(hours_for), other.due_at(hours_for)
    if due is not None and due_other is not None:
        return one if due <= due_other else other
    left, left_other = one.left, other.left
    if left_other is None:
        return one
    return other if left is None or left_other < left else one


def _of_response(clock: Clock, case: Standing, deed: Deed, now: datetime) -> Entry | None:
    if not clock.is_open:
        reopened = clock.phase is Phase.CANCELLED and clock.ended_by == What.RESOLVED and not case.is_done
        return _entry(EntryKind.RESUMED, deed, now) if reopened else None
    if deed.what is What.REPLIED:
        return _entry(EntryKind.MET, deed, now)
    if case.is_done:
        return _entry(EntryKind.CANCELLED, deed, now)
    return _paused_or_resumed(clock, case, deed, now, flagged=True)


def _of_resolution(clock: Clock, case: Standing, deed: Deed, now: datetime, *, flagged: bool) -> Entry | None:
    if not clock.is_open:
        reopened = clock.phase is Phase.MET and not case.is_done
        return _entry(EntryKind.RESUMED, deed, now) if reopened else None
    if case.is_done:
        return _entry(EntryKind.MET, deed, now)
    return _paused_or_resumed(clock, case, deed, now, flagged=flagged)


def _paused_or_resumed(
    clock: Clock, case: Standing, deed: Deed, now: datetime, *, flagged: bool
) -> Entry | None:
    if case.rests and clock.phase is Phase.RUNNING:
        return _entry(EntryKind.PAUSED, deed, now, flagged=flagged)
    if not case.rests and clock.phase is Phase.PAUSED:
        return _entry(EntryKind.RESUMED, deed, now)
    return None


def _entry(kind: EntryKind, deed: Deed, at: datetime, *, flagged: bool = False) -> Entry:
    return Entry(
        kind,
        at,
        deed.what,
        deed.sentence,
        flagged=flagged,
        message_id=deed.message_id,
        move_id=deed.move_id,
    )
