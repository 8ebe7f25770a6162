"""When a chat is open: simple hours of a week, in the shop's own time zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from desk.model.errors import Invalid

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
_FIELD = "chat.hours"


def checked_hours(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Hours as they are kept: a `zone` and, by day, pairs of times; None is always. Raises Invalid."""
    if not given:
        return None
    zone, days = str(given.get("zone") or "UTC"), given.get("days") or {}
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid(f"There is no time zone “{zone[:60]}”.", _FIELD) from None
    unknown = [day for day in days if day not in DAYS]
    if unknown:
        raise Invalid(f"“{unknown[0][:20]}” is no day: {', '.join(DAYS)}.", _FIELD)
    return {"zone": zone, "days": {day: [_span(day, span) for span in days.get(day, [])] for day in DAYS}}


def is_open(hours: Mapping[str, Any] | None, now: datetime) -> bool:
    """Whether the chat is open at `now`. A time that the change of the clocks leaves out does not matter."""
    if hours is None:
        return True
    there = now.astimezone(ZoneInfo(hours["zone"]))
    clock = f"{there:%H:%M}"
    return any(opens <= clock < closes for opens, closes in hours["days"].get(DAYS[there.weekday()], []))


def _span(day: str, given: Any) -> list[str]:
    try:
        opens, closes = given
    except (TypeError, ValueError):
        raise Invalid(f"{day}: write each span as two times, such as 09:00 and 17:00.", _FIELD) from None
    if not (_TIME.fullmatch(str(opens)) and _TIME.fullmatch(str(closes))) or opens >= closes:
        raise Invalid(f"{day}: from {opens} to {closes} is no span of a day.", _FIELD)
    return [opens, closes]
