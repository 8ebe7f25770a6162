"""The journal, read: what the relay still has to hand on, and what a screen has missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from desk.model.transit import JournalEntry

RELAY_LOCK = 0x4445534B_0001
"""The advisory lock that makes the relay one, however many are started."""


def become_the_relay(session: Session) -> bool:
    """Whether this transaction is the relay's; False while another one holds the lock."""
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(RELAY_LOCK))))


def unrelayed(session: Session, limit: int) -> Sequence[JournalEntry]:
    """The oldest entries not handed on yet, those set aside by `trouble` left out."""
    return session.scalars(
        select(JournalEntry)
        .where(JournalEntry.position.is_(None), JournalEntry.trouble.is_(None))
        .order_by(JournalEntry.id)
        .limit(limit)
    ).all()


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
