"""Calendars as they are written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.model.errors import Invalid
from desk.sla.calendars import checked_calendar, hours_from
from desk.sla.hours import AROUND_THE_CLOCK

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEEK = {day: [["13:00", "17:00"], ["09:00", "12:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def test_a_calendar_is_kept_whole_and_read_back() -> None:
    kept = checked_calendar({"zone": "Europe/Berlin", "days": WEEK, "country": "DE", "region": "BE"}, NOW)
    assert kept["days"]["mon"] == [["09:00", "12:00"], ["13:00", "17:00"]]
    assert kept["days"]["sun"] == []
    monday = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    assert hours_from(kept).between(monday, monday + timedelta(hours=12)) == timedelta(hours=7)


def test_a_calendar_can_be_open_around_the_clock() -> None:
    days = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    hours = hours_from(checked_calendar({"zone": "America/New_York", "days": days}, NOW))
    assert hours.after(NOW, timedelta(days=200)) == AROUND_THE_CLOCK.after(NOW, timedelta(days=200))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "no open hour"),
        ({"days": {"mon": []}}, "no open hour"),
        ({"special": [{"date": "2020-01-01", "spans": [["09:00", "10:00"]]}]}, "all holidays or past"),
        ({"days": WEEK, "zone": "Europe/Atlantis"}, "no time zone “Europe/Atlantis”"),
        ({"days": {"moonday": []}}, "no day"),
        ({"days": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}}, "Monday: 09:00–12:00 and 11:00–13:00"),
        ({"days": {"mon": [["17:00", "09:00"]]}}, "Monday: from 17:00 to 09:00"),
        ({"days": {"mon": [["9", "12:00"]]}}, "no span of a day"),
        ({"days": {"mon": ["09:00"]}}, "two times"),
        ({"days": WEEK, "country": "XX"}, "No holidays are known of “XX”"),
        ({"days": WEEK, "country": "DE", "region": "ZZ"}, "DE has no region “ZZ”"),
        ({"days": WEEK, "special": [{"date": "24.12."}]}, "a date such as"),
        ({"days": WEEK, "special": [{"date": "2026-12-24"}, {"date": "2026-12-24"}]}, "stands twice"),
    ],
)
def test_what_cannot_be_is_refused_in_words(given: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        checked_calendar(given, NOW)
