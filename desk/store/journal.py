"""The journal, read: what the relay still has to hand on, and what a screen has missed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from desk.model.transit import JournalEntry
from desk.store.line import Line, Statement

RELAY_LOCK = 0x4445534B_0001
"""The advisory lock that makes the relay one, however many are started."""

_BECOME_THE_RELAY = Statement(f"SELECT pg_try_advisory_xact_lock({RELAY_LOCK}) AS held")
_UNRELAYED = Statement(
    """
    SELECT id, kind, payload FROM journal WHERE position IS NULL AND trouble IS NULL ORDER BY id LIMIT :most
    """
)
_LAST_POSITION = Statement("SELECT coalesce(max(position), 0) AS position FROM journal")
_NOTE_RELAYED = Statement(
    """
    UPDATE journal SET position = one.position, relayed_at = :now, attempts = attempts + 1,
      trouble = one.trouble
    FROM jsonb_to_recordset(CAST(:handed_on AS jsonb)) AS one(id bigint, position bigint, trouble text)
    WHERE journal.id = one.id
    """
)


@dataclass(frozen=True, slots=True)
class HandedOn:
    """An entry of the journal that got its position; `trouble` says why nobody could be told of it."""

    id: int
    position: int
    trouble: str | None


def unrelayed(line: Line, most: int) -> tuple[Sequence[Any], int]:
    """The oldest entries not handed on yet (id, kind, payload), those set aside by `trouble` left out, and
    the position of the last that was; in one round trip. None while another relay is at it: this transaction
    becomes the only one.
    """
    held = line.write(_BECOME_THE_RELAY)
    # Statements of their own, which see all that was noted before the lock was free.
    waiting, last = line.write(_UNRELAYED, {"most": most}), line.write(_LAST_POSITION)
    if not held.rows[0].held:
        return (), 0
    return waiting.rows, last.rows[0].position


def note_relayed(line: Line, handed_on: Sequence[HandedOn], now: datetime) -> None:
    """Give the entries their positions; goes with the commit."""
    entries = json.dumps([asdict(one) for one in handed_on])
    line.write(_NOTE_RELAYED, {"now": now, "handed_on": entries})


def last_position(session: Session) -> int:
    """The position of the entry relayed last; 0 before the first."""
    return session.scalar(select(func.coalesce(func.max(JournalEntry.position), 0))) or 0


def relayed_since(session: Session, position: int, limit: int) -> Sequence[JournalEntry]:
    """What was relayed after `position`, in order."""
    return session.scalars(
        select(JournalEntry)
        .where(JournalEntry.position > position)
        .order_by(JournalEntry.position)
        .limit(limit)
    ).all()


def oldest_unrelayed(session: Session) -> datetime | None:
    """When the oldest waiting entry happened: the relay's lag."""
    return session.scalar(
        select(func.min(JournalEntry.occurred_at)).where(
            JournalEntry.position.is_(None), JournalEntry.trouble.is_(None)
        )
    )


def is_reachable(session: Session) -> bool:
    """Whether the database answers at all."""
    return bool(session.scalar(text("SELECT 1")))
