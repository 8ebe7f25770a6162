"""The clocks of one case, opened for a deed: moved by the rules, written down, and shown on the case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from desk.model.case import Case
from desk.model.events import ClockMissed
from desk.model.sla import ClockKind, EntryKind, Phase, SlaClock, SlaEntry
from desk.sla.calendars import hours_in
from desk.sla.hours import Hours
from desk.sla.ledger import Clock, Entry, begun, fold, step
from desk.sla.penalties import penalty_of
from desk.sla.rules import Deed, Standing, What, aimed, followed, overdue, started
from desk.sla.targets import penalty_for, target_for, targets_in
from desk.store.clocks.reading import (
    Promise,
    calendar_of_version,
    clocks_of,
    hours_kept,
    ledger_of,
    promise_for,
    targets_kept,
)
from desk.store.unit_of_work import Work


@dataclass
class Book:
    """What a deed moves: `rows` are the clocks that are not over for good. The caller holds the case."""

    work: Work
    case: Case
    promise: Promise
    rows: list[SlaClock]
    _hours: dict[int, Hours] = field(default_factory=dict)
    _lines: list[SlaEntry] = field(default_factory=list)

    def hours_for(self, version_id: int | None) -> Hours:
        """The hours of a version of a calendar."""
        if version_id is None:
            return hours_in("")
        if version_id == self.promise.calendar_version_id:
            return hours_in(self.promise.hours)
        if version_id not in self._hours:
            kept = hours_kept(self.work.session, [version_id])[version_id]
            self._hours[version_id] = hours_in(kept)
        return self._hours[version_id]

    def clocks(self) -> list[Clock]:
        """Where the clocks stand, as the rules take them."""
        return [clock_of(row) for row in self.rows]

    def catch_up(self) -> None:
        """What happened without a deed: an edited calendar, from its moment on; a miss not yet noted."""
        for row in self.rows:
            if self._runs_by_an_older_calendar(row):
                sentence = f"The calendar “{self.promise.calendar_name}” was changed."
                deed = Deed(What.CALENDAR, sentence[:300])
                since = self.promise.calendar_since or self.work.now
                number = self.promise.calendar_version_id
                self.write(row, aimed(clock_of(row), row.target, number, deed, since))
            if (missed := overdue(clock_of(row), self.work.now, self.hours_for)) is not None:
                self.write(row, missed)
                tell_missed(self.work, self.case, row)

    def follow(self, deed: Deed) -> None:
        """What the deed means for the clocks that there are, and those it starts."""
        standing = _standing(self.case)
        entries = followed(self.clocks(), standing, deed, self.work.now)
        for row, entry in zip(list(self.rows), entries, strict=True):
            self.write(row, entry)
        if self.promise.policy_id is not None:
            for kind in started(self.clocks(), standing, deed):
                self.start(kind, deed)

    def aim(self, deed: Deed) -> None:
        """The targets and hours that hold for the case now; each clock by the version it started under."""
        texts = self._targets()
        for row in self.rows:
            if not clock_of(row).is_open:
                continue
            target = self._target(texts[row.policy_id], row.kind)
            cause = deed
            if row.tier is not self.promise.tier:
                cause = Deed(What.TIER, f"The customer's tier is {self.promise.tier.value} now.")
                row.tier = self.promise.tier
            number = self.promise.calendar_version_id
            if row.missed_at is None:
                row.penalty_terms = self._penalty(texts[row.policy_id], row.kind)
            self.write(row, aimed(clock_of(row), target, number, cause, self.work.now))

    def start(self, kind: ClockKind, deed: Deed) -> SlaClock:
        """A new clock, from when what it measures began."""
        assert self.promise.policy_id is not None
        entry = Entry(
            EntryKind.STARTED,
            deed.since or self.work.now,
            deed.what,
            deed.sentence,
            target=self._target(self.promise.targets, kind),
            calendar=self.promise.calendar_version_id,
            message_id=deed.message_id,
            move_id=deed.move_id,
        )
        row = SlaClock(
            case_id=self.case.id,
            kind=kind,
            policy_id=self.promise.policy_id,
            tier=self.promise.tier,
            started_at=entry.at,
            last_at=entry.at,
            penalty_terms=self._penalty(self.promise.targets, kind),
        )
        self._set(row, begun(kind, entry))
        self._note(row, entry)
        self.rows.append(row)
        if row.due_at is not None and row.due_at < self.work.now:
            # It counts from its true beginning, and nobody could have kept it before it was started.
            self.write(row, replace(entry, kind=EntryKind.RETARGETED, at=self.work.now))
        return row

    def write(self, row: SlaClock, entry: Entry | None) -> None:
        """One more entry: the ledger grows, and the row says where the clock stands after it."""
        if entry is None:
            return
        before = row.penalty
        self._set(row, step(clock_of(row), entry, self.hours_for))
        self._note(row, entry, penalty=row.penalty if row.penalty != before else None)

    def void(self, lines: Sequence[SlaEntry], deed: Deed) -> list[SlaClock]:
        """Take lines back, as if they had never been; returns the clocks they belong to."""
        self.keep()
        self.work.session.flush()
        touched = [row for row in self.rows if row.id in {line.clock_id for line in lines}]
        for row in touched:
            numbers = tuple(line.id for line in lines if line.clock_id == row.id)
            voiding = Entry(EntryKind.VOIDED, self.work.now, deed.what, deed.sentence, voids=numbers)
            kept = [entry_of(line) for line in ledger_of(self.work.session, [row.id])]
            self._set(row, fold(row.kind, [*kept, voiding], self.hours_for))
            self._note(row, voiding)
        return touched

    def close(self) -> None:
        """Done: everything is written down, and the case shows it."""
        self.show()
        self.keep()

    def show(self) -> None:
        """The case says which of its clocks is due first."""
        due = [(row.due_at, row) for row in self.rows if row.due_at is not None]
        first = min(due, key=lambda one: one[0], default=None)
        self.case.due_at = first[0] if first else None
        self.case.due_clock = first[1].kind if first else None
        self.case.due_soon_at = first[1].warn_at if first else None

    def keep(self) -> None:
        """Write down what was moved. The case is in the database by now."""
        for line in self._lines:
            line.clock.case_id = line.clock.case_id or self.case.id
        self.work.session.add_all(self._lines)
        self._lines.clear()

    def _runs_by_an_older_calendar(self, row: SlaClock) -> bool:
        version_id = row.calendar_version_id
        if not clock_of(row).is_open or version_id is None or version_id == self.promise.calendar_version_id:
            return False
        return calendar_of_version(self.work.session, version_id) == self.promise.calendar_id

    def _targets(self) -> dict[int, str]:
        older = {row.policy_id for row in self.rows} - {self.promise.policy_id}
        kept = targets_kept(self.work.session, older) if older else {}
        return (
            kept if self.promise.policy_id is None else kept | {self.promise.policy_id: self.promise.targets}
        )

    def _target(self, targets: str, kind: ClockKind) -> timedelta | None:
        case = self.case
        return target_for(targets_in(targets), kind, self.promise.tier, case.channel, case.priority)

    def _penalty(self, targets: str, kind: ClockKind) -> dict[str, Any] | None:
        case = self.case
        return penalty_for(targets_in(targets), kind, self.promise.tier, case.channel, case.priority)

    def _set(self, row: SlaClock, clock: Clock) -> None:
        row.phase, row.target, row.calendar_version_id = clock.phase, clock.target, clock.calendar
        row.used, row.since, row.last_at = clock.used, clock.since, clock.last_at
        row.missed_at, row.ended_at, row.ended_by = clock.missed_at, clock.ended_at, clock.ended_by
        row.warned, row.flagged = clock.warned, clock.flagged
        row.missed_after, row.penalty = clock.missed_after, penalty_of(clock, row.penalty_terms)
        row.due_at = clock.due_at(self.hours_for)
        row.warn_at = clock.warn_at(self.hours_for)
        row.wakes_at = clock.wakes_at(self.hours_for)

    def _note(self, row: SlaClock, entry: Entry, *, penalty: Decimal | None = None) -> None:
        line = SlaEntry(
            clock=row,
            kind=entry.kind,
            at=max(entry.at, row.last_at),
            noted_at=self.work.now,
            cause=entry.cause,
            sentence=entry.sentence[:300],
            actor=self.work.actor.key,
            target=entry.target,
            calendar_version_id=entry.calendar,
            message_id=entry.message_id,
            move_id=entry.move_id,
            flagged=entry.flagged,
            voids=list(entry.voids),
            penalty=penalty,
        )
        self._lines.append(line)


def open_book(work: Work, case: Case, promise: Promise | None = None) -> Book | None:
    """The clocks of a case, caught up with time; None where nothing is promised and nothing runs.

    `promise` is what holds for the case, where that is known already.
    """
    [book] = _caught_up(work, [Book(work, case, promise or _promise(work, case), [])])
    return book if book.rows or book.promise.policy_id is not None else None


def open_books(work: Work, cases: Sequence[Case]) -> list[Book]:
    """The same for several cases, a book each. The caller holds them all."""
    return _caught_up(work, [Book(work, case, _promise(work, case), []) for case in cases])


def _caught_up(work: Work, books: list[Book]) -> list[Book]:
    having = {book.case.id: book for book in books if book.promise.has_clocks}
    for row in clocks_of(work.session, having) if having else ():
        having[row.case_id].rows.append(row)
    for book in having.values():
        book.catch_up()
    return books


def _promise(work: Work, case: Case) -> Promise:
    return promise_for(work.line, queue_id=case.queue_id, customer_id=case.customer_id, case_id=case.id)


def clock_of(row: SlaClock) -> Clock:
    """Where a clock stands, by its row."""
    return Clock(
        kind=row.kind,
        started_at=row.started_at,
        last_at=row.last_at,
        phase=row.phase,
        target=row.target,
        calendar=row.calendar_version_id,
        used=row.used,
        since=row.since,
        missed_at=row.missed_at,
        missed_after=row.missed_after,
        ended_at=row.ended_at,
        warned=row.warned,
        flagged=row.flagged,
        ended_by=row.ended_by,
    )


def entry_of(line: SlaEntry) -> Entry:
    """A line of a ledger, as it is folded."""
    return Entry(
        kind=line.kind,
        at=line.at,
        cause=line.cause,
        sentence=line.sentence,
        target=line.target,
        calendar=line.calendar_version_id,
        flagged=line.flagged,
        message_id=line.message_id,
        move_id=line.move_id,
        voids=tuple(line.voids),
        id=line.id,
    )


def tell_missed(work: Work, case: Case, row: SlaClock) -> None:
    """The promise was broken: screens and reactions hear of it."""
    work.record(
        ClockMissed(
            case_id=case.id, queue_id=case.queue_id, assignee_id=case.assignee_id, clock=row.kind.value
        )
    )


def _standing(case: Case) -> Standing:
    return Standing(case.status, case.waiting_since is not None, case.first_replied_at is not None)


def open_rows(rows: Iterable[SlaClock]) -> list[SlaClock]:
    """Those that run or rest."""
    return [row for row in rows if row.phase in (Phase.RUNNING, Phase.PAUSED)]
