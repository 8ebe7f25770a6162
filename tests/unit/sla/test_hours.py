"""The laws of working time, and the nights in which the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from desk.model.errors import Invalid
from desk.sla.hours import AROUND_THE_CLOCK, Hours
from tests.unit.sla.weeks import BERLIN, OFFICE, lengths, moments, weeks

MINUTE = timedelta(minutes=1)


def berlin(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo("Europe/Berlin"), fold=fold)  # type: ignore[misc, arg-type]


def nightly(opens: int, closes: int) -> Hours:
    return Hours(zone=ZoneInfo("Europe/Berlin"), week=(((opens, closes),),) * 7)


def on_the_wall(hours: Hours, moment: datetime) -> bool:
    """The definition, read off a clock on the wall."""
    there = moment.astimezone(hours.zone)
    if hours.holiday_on(there.date()):
        return False
    minute = there.hour * 60 + there.minute
    return any(opens <= minute < closes for opens, closes in hours.week[there.weekday()])


@given(weeks(), moments, lengths)
def test_what_was_added_is_what_lies_between(hours: Hours, start: datetime, worked: timedelta) -> None:
    assert hours.between(start, hours.after(start, worked)) == worked


@given(weeks(), moments, lengths, lengths)
def test_waiting_twice_is_waiting_for_the_sum(
    hours: Hours, start: datetime, first: timedelta, then: timedelta
) -> None:
    assert hours.after(hours.after(start, first), then) == hours.after(start, first + then)


@given(weeks(), moments, lengths)
def test_no_earlier_moment_would_do(hours: Hours, start: datetime, worked: timedelta) -> None:
    due = hours.after(start, worked + MINUTE)
    assert hours.between(start, due - timedelta(microseconds=1)) < worked + MINUTE


@given(weeks(), moments, lengths, lengths)
def test_time_between_adds_up(hours: Hours, start: datetime, first: timedelta, then: timedelta) -> None:
    middle, end = start + first, start + first + then
    assert hours.between(start, middle) + hours.between(middle, end) == hours.between(start, end)


@settings(max_examples=40)
@given(weeks(), moments)
def test_a_clock_on_the_wall_counts_the_same(hours: Hours, start: datetime) -> None:
    start = start.replace(second=0, microsecond=0)
    minutes = [start + n * MINUTE for n in range(36 * 60)]
    told = sum((MINUTE for minute in minutes if on_the_wall(hours, minute)), timedelta())
    assert hours.between(start, start + timedelta(hours=36)) == told
    assert all(hours.is_open(minute) == on_the_wall(hours, minute) for minute in minutes[::7])


@given(moments, lengths)
def test_around_the_clock_every_minute_counts(start: datetime, worked: timedelta) -> None:
    assert AROUND_THE_CLOCK.after(start, worked) == start + worked


@given(weeks(), moments)
def test_the_next_opening_is_open_and_nothing_was_worked_until_then(hours: Hours, start: datetime) -> None:
    opening = hours.opening_after(start)
    assert hours.is_open(opening)
    assert hours.between(start, opening) == timedelta(0)


def test_a_target_runs_over_lunch_and_the_week_end() -> None:
    friday = berlin(2026, 11, 27, 11, 30)
    assert BERLIN.after(friday, timedelta(hours=1)) == berlin(2026, 11, 27, 13, 30)
    assert BERLIN.after(friday, timedelta(hours=5)) == berlin(2026, 11, 30, 9, 30)


def test_a_holiday_counts_nothing_and_has_a_name() -> None:
    assert BERLIN.after(berlin(2026, 12, 24, 16, 0), timedelta(hours=2)) == berlin(2026, 12, 28, 10, 0)
    assert BERLIN.holiday_on(date(2026, 12, 25)) == "Christmas Day"


def test_the_hour_that_is_skipped_was_never_worked() -> None:
    hours, before = nightly(60, 240), berlin(2026, 3, 29, 0, 0)
    assert hours.between(before, berlin(2026, 3, 29, 12, 0)) == timedelta(hours=2)
    assert hours.after(before, timedelta(hours=2)) == berlin(2026, 3, 29, 4, 0)
    assert nightly(120, 180).between(before, before + timedelta(hours=20)) == timedelta(0)


def test_the_hour_that_comes_twice_is_worked_twice() -> None:
    hours, before = nightly(60, 240), berlin(2026, 10, 25, 0, 0)
    assert hours.between(before, berlin(2026, 10, 25, 12, 0)) == timedelta(hours=4)
    assert hours.after(before, timedelta(hours=2)) == berlin(2026, 10, 25, 2, 0, fold=1).astimezone(UTC)
    assert nightly(120, 150).between(before, before + timedelta(hours=20)) == timedelta(hours=1)


def test_a_whole_day_is_as_long_as_it_was() -> None:
    hours = nightly(0, 1440)
    for day, length in ((berlin(2026, 3, 29), 23), (berlin(2026, 10, 25), 25), (berlin(2026, 5, 4), 24)):
        tomorrow = datetime(day.year, day.month, day.day + 1, tzinfo=day.tzinfo)
        assert hours.between(day, tomorrow) == timedelta(hours=length)


def test_a_day_that_a_country_left_out_was_never_worked() -> None:
    samoa = ZoneInfo("Pacific/Apia")
    hours = Hours(zone=samoa, week=(((0, 1440),),) * 7)
    thursday, saturday = datetime(2011, 12, 29, tzinfo=samoa), datetime(2011, 12, 31, tzinfo=samoa)
    assert hours.between(thursday, saturday) == timedelta(hours=24)


def test_a_special_day_replaces_what_would_be() -> None:
    special = {date(2026, 12, 25): ((600, 720),), date(2026, 12, 28): ()}
    hours = Hours(zone=BERLIN.zone, week=OFFICE, country="DE", special=special)
    assert hours.after(berlin(2026, 12, 24, 17, 0), timedelta(hours=1)) == berlin(2026, 12, 25, 11, 0)
    assert hours.opening_after(berlin(2026, 12, 25, 12, 0)) == berlin(2026, 12, 29, 9, 0)


def test_hours_that_never_open_are_refused_in_words() -> None:
    never = Hours(zone=ZoneInfo("UTC"), week=((),) * 7)
    with pytest.raises(Invalid, match="never open"):
        never.after(berlin(2026, 1, 1), MINUTE)


def test_when_it_closed_is_told_only_while_it_is_closed() -> None:
    friday = berlin(2026, 3, 6, 17, 0)
    assert BERLIN.closed_since(friday - MINUTE) is None
    assert BERLIN.closed_since(berlin(2026, 3, 8, 11, 0)) == BERLIN.closed_since(friday) == friday
    assert Hours(zone=ZoneInfo("UTC"), week=((),) * 7).closed_since(friday) is None
