"""Rules of telling people before they ask: whom it concerns, in which words, and at what hour."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PLACEHOLDERS = ("customer.name", "customer.first_name", "order.number", "order.product", "desk.name")
_NAMED = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{\{\s*([a-z_.]{1,40})\s*\}\}")
LONGEST_VALUE = 200


def names_in(text: str) -> set[str]:
    """The placeholders that a text holds. Raises ValueError for one that means nothing here."""
    written = {found.strip() for found in _NAMED.findall(text)}
    if unknown := sorted(written - set(PLACEHOLDERS)):
        raise ValueError(f"“{{{{{unknown[0][:40]}}}}}” means nothing here; {', '.join(PLACEHOLDERS)} do.")
    return written


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced, in one pass, by values of one line: nothing in a value is
    looked into. Raises KeyError for a placeholder without a value: nobody is written to as “{{…}}”.
    """
    return _PLACEHOLDER.sub(lambda found: _plain(values[found.group(1)]), text)


def language_for(spoken: str | None, written: Sequence[str]) -> str:
    """The language to write in: theirs, else one of the same tongue, else the first."""
    wanted = (spoken or "").lower()
    for candidate in (wanted, wanted.partition("-")[0]):
        if candidate in written:
            return candidate
    tongue = wanted.partition("-")[0]
    return next((one for one in written if tongue and one.partition("-")[0] == tongue), written[0])


def leaves_at(now: datetime, zone: str | None, desk_zone: str, quiet_from: int, quiet_until: int) -> datetime:
    """When a message may leave: now, or when the quiet hours of its reader's day are over.

    Hours are of the clock on the wall there, from `quiet_from` to before `quiet_until`, over midnight where
    the first is the later; the same hour for both is none. A zone that we do not know is the desk's.
    """
    local = now.astimezone(_zone(zone, desk_zone))
    if quiet_from == quiet_until:
        return now
    if quiet_from < quiet_until:
        is_quiet = quiet_from <= local.hour < quiet_until
    else:
        is_quiet = local.hour >= quiet_from or local.hour < quiet_until
    if not is_quiet:
        return now
    day = local.date() + timedelta(days=int(local.hour >= quiet_until))
    return datetime.combine(day, time(quiet_until), local.tzinfo).astimezone(now.tzinfo)


def _zone(name: str | None, otherwise: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or otherwise)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(otherwise)


def _plain(value: str) -> str:
    if not (said := " ".join(value.split())[:LONGEST_VALUE]):
        raise KeyError(value)
    return said
