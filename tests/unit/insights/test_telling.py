"""Telling people before they ask: in their words, at their hour, and never with a hole in the text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from desk.insights.telling import filled_in, language_for, leaves_at, names_in
from desk.model.proactive import Segment, SegmentKind

YEAR = datetime(2026, 1, 1, tzinfo=UTC)
moments = some.integers(0, 525_600).map(lambda minutes: YEAR + timedelta(minutes=minutes))
hours = some.integers(0, 23)
zones = some.sampled_from(["Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland", None])


@given(moments, zones, hours, hours)
def test_it_leaves_within_a_day_and_never_in_quiet_hours(
    now: datetime, zone: str | None, quiet_from: int, quiet_until: int
) -> None:
    at = leaves_at(now, zone, "Europe/London", quiet_from, quiet_until)
    assert now <= at <= now + timedelta(hours=25)
    assert leaves_at(at, zone, "Europe/London", quiet_from, quiet_until) == at


def test_the_evening_waits_for_the_morning_of_its_reader() -> None:
    evening = datetime(2026, 3, 2, 19, 30, tzinfo=UTC)
    assert leaves_at(evening, "Europe/London", "UTC", 20, 8) == evening
    morning = leaves_at(evening, "Europe/Berlin", "UTC", 20, 8)
    assert morning.astimezone(ZoneInfo("Europe/Berlin")).isoformat() == "2026-03-03T08:00:00+01:00"
    assert leaves_at(evening, "Mars/Base", "UTC", 20, 8) == evening, "a zone we do not know is the desk's"


def test_a_value_is_one_line_and_is_never_looked_into() -> None:
    text = "Hello {{customer.first_name}}, {{ order.number }}."
    filled = filled_in(text, {"customer.first_name": "{{desk.name}}\nBcc: all", "order.number": "7"})
    assert filled == "Hello {{desk.name}} Bcc: all, 7."
    with pytest.raises(KeyError):
        filled_in(text, {"customer.first_name": " ", "order.number": "7"})


def test_placeholders_without_a_meaning_are_refused() -> None:
    assert names_in("{{ order.product }} of {{desk.name}}") == {"order.product", "desk.name"}
    for wrong in ("{{case.number}}", "{{customer.__class__}}", "{{ 7*7 }}", "{{Customer.Name}}"):
        with pytest.raises(ValueError, match="means nothing here"):
            names_in(wrong)


def test_the_language_is_theirs_or_near_or_the_first() -> None:
    assert language_for("de-AT", ["en", "de"]) == "de"
    assert language_for("de", ["en", "de-ch"]) == "de-ch"
    assert language_for("fr", ["en", "de"]) == language_for(None, ["en", "de"]) == "en"


def test_a_segment_says_what_it_lacks() -> None:
    assert Segment(SegmentKind.AWAITING).trouble is None
    assert "product" in (Segment(SegmentKind.BOUGHT).trouble or "")
    assert "states" in (Segment(SegmentKind.LATE_ORDER).trouble or "")
    assert "older" in (Segment(SegmentKind.AWAITING, older_than_days=30).trouble or "")
