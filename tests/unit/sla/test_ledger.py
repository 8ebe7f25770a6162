"""The laws of the ledger: any run of deeds, on any hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.sla import ClockKind, EntryKind, Phase
from desk.sla.hours import Hours
from desk.sla.ledger import Clock, Entry, fold
from tests.unit.sla.weeks import BERLIN, lengths, moments, weeks

KIND = ClockKind.RESOLUTION
TARGET = timedelta(hours=8)
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""Nine in Berlin."""

gaps = st.lists(st.timedeltas(timedelta(0), timedelta(hours=30)), min_size=0, max_size=8)


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def begin(start: datetime, target: timedelta | None = TARGET) -> Entry:
    return Entry(EntryKind.STARTED, start, target=target)


def folded(entries: list[Entry], hours: Hours = BERLIN) -> Clock:
    return fold(KIND, entries, lambda _: hours)


def due(entries: list[Entry], hours: Hours = BERLIN) -> datetime | None:
    return folded(entries, hours).due_at(lambda _: hours)


def paused_and_resumed(start: datetime, lengths: list[timedelta]) -> tuple[list[Entry], list[datetime]]:
    """A ledger that is paused and resumed in turn, and its moments."""
    entries, moment, moments = [begin(start)], start, [start]
    for number, gap in enumerate(lengths):
        moment += gap
        moments.append(moment)
        entries.append(Entry(EntryKind.RESUMED if number % 2 else EntryKind.PAUSED, moment))
    return entries, moments


@given(weeks(), moments, gaps)
def test_it_has_run_for_the_working_time_outside_its_pauses(
    hours: Hours, start: datetime, lengths: list[timedelta]
) -> None:
    entries, moments = paused_and_resumed(start, lengths)
    ran = sum((hours.between(moments[n], moments[n + 1]) for n in range(0, len(moments) - 1, 2)), timedelta())
    clock = folded(entries, hours)
    assert clock.used == ran
    assert (clock.phase is Phase.PAUSED) == (len(lengths) % 2 == 1)
    assert (clock.due_at(lambda _: hours) is None) == (clock.phase is Phase.PAUSED)


@given(weeks(), moments, gaps)
def test_it_is_due_when_its_target_has_been_used(
    hours: Hours, start: datetime, lengths: list[timedelta]
) -> None:
    entries, _ = paused_and_resumed(start, lengths)
    clock = folded(entries, hours)
    moment = clock.due_at(lambda _: hours)
    if moment is not None and clock.used <= TARGET:
        assert clock.used_at(moment, lambda _: hours) == TARGET


@given(weeks(), moments, lengths, lengths)
def test_another_target_counts_from_the_same_start(
    hours: Hours, start: datetime, ran: timedelta, target: timedelta
) -> None:
    entries = [begin(start), Entry(EntryKind.RETARGETED, start + ran, target=target)]
    expected = max(hours.after(start, target), start + ran)
    if hours.between(start, start + ran) < target:
        assert due(entries, hours) == expected
    else:
        assert due(entries, hours) == start + ran


@given(weeks(), weeks(), moments, lengths)
def test_another_calendar_counts_from_its_moment_on(
    before: Hours, after: Hours, start: datetime, ran: timedelta
) -> None:
    entries = [
        Entry(EntryKind.STARTED, start, target=TARGET, calendar=1),
        Entry(EntryKind.RETARGETED, start + ran, target=TARGET, calendar=2),
    ]
    hours_for = {1: before, 2: after}
    clock = fold(KIND, entries, lambda number: hours_for[number or 1])
    left = max(timedelta(0), TARGET - before.between(start, start + ran))
    assert clock.due_at(lambda number: hours_for[number or 1]) == after.after(start + ran, left)


@given(weeks(), moments, gaps, st.integers(0, 7))
def test_what_is_voided_never_was(
    hours: Hours, start: datetime, lengths: list[timedelta], which: int
) -> None:
    entries, moments = paused_and_resumed(start, lengths)
    pair = [n for n in (2 * which + 1, 2 * which + 2) if n < len(entries)]
    numbered = [replace(entry, id=n + 1) for n, entry in enumerate(entries)]
    voiding = Entry(EntryKind.VOIDED, moments[-1], voids=tuple(n + 1 for n in pair), id=99)
    without = [entry for n, entry in enumerate(entries) if n not in pair]
    assert due([*numbered, voiding], hours) == due(without, hours)


@given(moments, gaps)
def test_a_clock_that_was_missed_stays_missed(start: datetime, lengths: list[timedelta]) -> None:
    entries, moments = paused_and_resumed(start, lengths)
    missed = [*entries[:1], Entry(EntryKind.MISSED, start), *entries[1:]]
    later = [*missed, Entry(EntryKind.RETARGETED, moments[-1], target=timedelta(days=300))]
    assert folded(missed).missed_at == folded(later).missed_at == start


def test_a_wall_clock_that_is_set_back_takes_no_time_away() -> None:
    entries = [begin(at(0)), Entry(EntryKind.PAUSED, at(2)), Entry(EntryKind.RESUMED, at(1))]
    clock = folded(entries)
    assert clock.used == timedelta(hours=2)
    assert clock.since == at(2)


def test_a_reopened_clock_goes_on_with_what_it_has_used() -> None:
    entries = [begin(at(0)), Entry(EntryKind.MET, at(2)), Entry(EntryKind.RESUMED, at(24))]
    clock = folded(entries)
    assert (clock.phase, clock.used, clock.ended_at) == (Phase.RUNNING, timedelta(hours=2), None)
    assert due(entries) == at(24 + 7), "six hours are left from Tuesday nine o'clock, and lunch counts not"


def test_it_warns_when_a_quarter_is_left_and_then_wakes_when_due() -> None:
    clock, hours_for = folded([begin(at(0), timedelta(hours=2))]), lambda _: BERLIN
    assert clock.wakes_at(hours_for) == clock.warn_at(hours_for) == at(1.5)
    warned = folded([begin(at(0), timedelta(hours=2)), Entry(EntryKind.WARNED, at(1.5))])
    assert warned.wakes_at(hours_for) == at(2)
    missed = folded([begin(at(0), timedelta(hours=2)), Entry(EntryKind.MISSED, at(2))])
    assert missed.wakes_at(hours_for) is None
    assert missed.due_at(hours_for) == at(2)


def test_without_a_target_it_measures_and_is_never_due() -> None:
    clock = folded([begin(at(0), None), Entry(EntryKind.MET, at(5))])
    assert clock.used == timedelta(hours=4)
    assert clock.due_at(lambda _: BERLIN) is clock.wakes_at(lambda _: BERLIN) is None


def test_a_ledger_without_a_start_is_none() -> None:
    with pytest.raises(ValueError, match="begins with a start"):
        folded([Entry(EntryKind.MET, at(0))])
    with pytest.raises(ValueError, match="begins with a start"):
        folded([])
