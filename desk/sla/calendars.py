"""A business calendar as it is written down: checked in words, and read into hours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from desk.model.errors import Invalid
from desk.sla.holidays import countries
from desk.sla.hours import AROUND_THE_CLOCK, Hours, Span

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_SPANS = 12
MOST_SPECIAL = 400
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
_SPAN = re.compile(r"\d\d:\d\d-\d\d:\d\d")


def checked_calendar(given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A calendar's content as it is kept: `{zone, days, country, region, special}`.

    `days` holds pairs of times by day (`mon` … `sun`), `special` the days that differ:
    `{date, name, spans}`, without spans a day off. Raises Invalid, in words, for a zone, a time or a
    country that is not, spans that overlap, and hours that never open.
    """
    zone = _zone(given.get("zone"))
    week = given.get("days") or {}
    unknown = [day for day in week if day not in DAYS]
    if unknown:
        raise Invalid(f"“{unknown[0][:20]}” is no day: {', '.join(DAYS)}.", "hours.days")
    days = {
        day: _spans(name, week.get(day) or [], "hours.days") for day, name in zip(DAYS, NAMES, strict=True)
    }
    country, region = _place(given.get("country"), given.get("region"))
    content = {
        "zone": zone.key,
        "days": days,
        "country": country,
        "region": region,
        "special": _special(given.get("special") or []),
    }
    _refuse_never_open(content, now)
    return content


def hours_from(content: Mapping[str, Any]) -> Hours:
    """The hours of a content that was checked when it was kept."""
    return Hours(
        zone=ZoneInfo(content["zone"]),
        week=tuple(tuple(_minutes(span) for span in content["days"][day]) for day in DAYS),
        country=content["country"],
        region=content["region"],
        special={
            date.fromisoformat(day["date"]): tuple(_minutes(span) for span in day["spans"])
            for day in content["special"]
        },
    )


@lru_cache(256)
def hours_in(kept: str) -> Hours:
    """The hours in the JSON of a version, remembered with the days they looked at; "" is around the clock."""
    return hours_from(json.loads(kept)) if kept else AROUND_THE_CLOCK


def special_day(line: str) -> dict[str, Any]:
    """A special day as a person writes it: a date, the spans it is open, its name.

    “2026-12-24 09:00-12:00 Christmas Eve” is open for three hours, “2026-12-31 Stocktaking” is a day off.
    """
    day, *words = line.split()
    spans = [word.split("-") for word in words if _SPAN.fullmatch(word)]
    name = " ".join(word for word in words if not _SPAN.fullmatch(word))
    return {"date": day, "name": name, "spans": spans}


def special_line(day: Mapping[str, Any]) -> str:
    """The same, as it is shown: the inverse of `special_day`."""
    return " ".join([day["date"], *("-".join(span) for span in day["spans"]), *day["name"].split()])


def _refuse_never_open(content: Mapping[str, Any], now: datetime) -> None:
    if not any(content["days"].values()) and not any(day["spans"] for day in content["special"]):
        raise Invalid("This calendar has no open hour: no clock on it would ever run. Add one.", "hours.days")
    try:
        hours_from(content).opening_after(now)
    except Invalid:
        raise Invalid(
            "This calendar does not open within the next two years: its open days are all holidays or past.",
            "hours.days",
        ) from None


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(name or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            f"There is no time zone “{str(name)[:60]}”; write it like Europe/Berlin.", "hours.zone"
        ) from None


def _place(country: Any, region: Any) -> tuple[str | None, str | None]:
    if not country:
        return None, None
    known = countries()
    if country not in known:
        raise Invalid(
            f"No holidays are known of “{str(country)[:20]}”; give a country's two letters.", "country"
        )
    if region and region not in known[country]:
        told = f"it has {', '.join(known[country])}" if known[country] else "it has none"
        raise Invalid(f"{country} has no region “{str(region)[:20]}”: {told}."[:400], "region")
    return str(country), str(region) if region else None


def _special(given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list) or len(given) > MOST_SPECIAL:
        raise Invalid(f"Special days are a list of {MOST_SPECIAL} at most.", "special")
    days: dict[str, dict[str, Any]] = {}
    for place, one in enumerate(given, 1):
        try:
            day = date.fromisoformat(str(one["date"])).isoformat()
        except (ValueError, KeyError, TypeError):
            raise Invalid(f"Give special day {place} a date such as 2026-12-24.", "special") from None
        if day in days:
            raise Invalid(f"{day} stands twice among the special days.", "special")
        spans = _spans(day, one.get("spans") or [], "special")
        days[day] = {"date": day, "name": str(one.get("name") or "").strip()[:80], "spans": spans}
    return [days[day] for day in sorted(days)]


def _spans(name: str, given: Any, field: str) -> list[list[str]]:
    """The spans of one day, in order."""
    if not isinstance(given, list) or len(given) > MOST_SPANS:
        raise Invalid(f"{name}: a list of {MOST_SPANS} spans at most.", field)
    spans = sorted(_span(name, span, field) for span in given)
    for before, after in pairwise(spans):
        if after[0] < before[1]:
            raise Invalid(
                f"{name}: {before[0]}–{before[1]} and {after[0]}–{after[1]} overlap. Make them one.", field
            )
    return spans


def _span(name: str, given: Any, field: str) -> list[str]:
    try:
        opens, closes = (str(one) for one in given)
    except (TypeError, ValueError):
        raise Invalid(f"{name}: write each span as two times, such as 09:00 and 17:00.", field) from None
    if not (_TIME.fullmatch(opens) and _TIME.fullmatch(closes)) or opens >= closes:
        raise Invalid(f"{name}: from {opens[:8]} to {closes[:8]} is no span of a day.", field)
    return [opens, closes]


def _minutes(span: list[str]) -> Span:
    def minute(clock: str) -> int:
        hours, _, minutes = clock.partition(":")
        return int(timedelta(hours=int(hours), minutes=int(minutes)).total_seconds() // 60)

    return minute(span[0]), minute(span[1])
