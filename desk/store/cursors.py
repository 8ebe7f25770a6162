"""Cursors: where a list was left off, as a text that a client hands back unread."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.model.errors import Invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST = 2**63 - 1


def cursor_of(order: str, at: datetime, key: int) -> str:
    """The place after the row of this moment and number, in a list of this order."""
    return _written([order, (at - _EPOCH) // _MICROSECOND, key])


def place_of(cursor: str, order: str) -> tuple[datetime, int]:
    """The moment and number that `cursor_of` wrote. Raises Invalid for anything else."""
    try:
        written, microseconds, key = _read(cursor)
        if written != order or not 0 <= key <= _LARGEST:
            raise ValueError
        return _EPOCH + microseconds * _MICROSECOND, key
    except (ValueError, TypeError, OverflowError):
        raise _not_ours() from None


def number_cursor(key: int) -> str:
    """The place after the row of this number."""
    return _written([key])


def number_of(cursor: str) -> int:
    """The number that `number_cursor` wrote. Raises Invalid for anything else."""
    try:
        (key,) = _read(cursor)
        if type(key) is not int or not 0 <= key <= _LARGEST:
            raise ValueError
    except (ValueError, TypeError):
        raise _not_ours() from None
    return key


def _written(parts: list[str | int]) -> str:
    return urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def _read(cursor: str) -> list[Any]:
    """Whatever JSON the cursor holds, if it is a list. Raises ValueError."""
    if len(cursor) > 120:
        raise ValueError
    parts: list[Any] = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return parts


def _not_ours() -> Invalid:
    return Invalid("This is not a cursor of this list; ask for its first page.", "cursor")
