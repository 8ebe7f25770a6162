"""The audit log, kept: each line's digest covers the line before it, so that a change shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from desk.model.access import AuditEntry
from desk.model.agent import Agent

AUDIT_LOCK = 0x4445534B_0003
"""Held from the last line read to the commit: a chain has one end."""
_BATCH = 1000
REFUSED = "refused"
"""A deed with this word in its name was not done."""


def append(session: Session, entry: AuditEntry) -> None:
    """Add a line to the chain; the next one waits until this commit."""
    session.execute(select(func.pg_advisory_xact_lock(AUDIT_LOCK)))
    session.flush()
    last = session.scalar(select(AuditEntry.digest).order_by(AuditEntry.id.desc()).limit(1))
    entry.digest = digest_of(entry, last or "")
    session.add(entry)
    session.flush()


def digest_of(entry: AuditEntry, before: str) -> str:
    """SHA-256 over the line before and every column of this one but its number."""
    columns = [
        before,
        entry.at.astimezone(UTC).isoformat(),
        entry.who,
        entry.what,
        entry.about,
        entry.address,
        entry.detail,
    ]
    return hashlib.sha256(json.dumps(columns, sort_keys=True).encode()).hexdigest()


def first_broken(session: Session) -> int | None:
    """The number of the first line that does not follow from the one before; None for a whole chain."""
    before, after_id = "", 0
    while lines := _lines_after(session, after_id):
        for line in lines:
            if digest_of(line, before) != line.digest:
                return line.id
            before = line.digest
        after_id = lines[-1].id
    return None


def latest(
    session: Session, *, before_id: int | None, limit: int, words: Sequence[str] = (), refused: bool = False
) -> Sequence[AuditEntry]:
    """The newest lines first: those before `before_id` that hold every one of the words, in whatever case.

    A line about an agent is found by the name that the agent has now, too. With `refused` only lines of what
    was refused.
    """
    statement = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before_id is not None:
        statement = statement.where(AuditEntry.id < before_id)
    if refused:
        statement = statement.where(AuditEntry.what.contains(REFUSED))
    return session.scalars(statement.where(*map(_holds, words))).all()


def _holds(word: str) -> ColumnElement[bool]:
    called = select(func.concat("agent:", Agent.id)).where(Agent.name.icontains(word, autoescape=True))
    texts = (
        AuditEntry.who,
        AuditEntry.what,
        AuditEntry.about,
        AuditEntry.address,
        cast(AuditEntry.detail, Text),
    )
    return or_(*(text.icontains(word, autoescape=True) for text in texts), AuditEntry.about.in_(called))


def _lines_after(session: Session, after_id: int) -> Sequence[AuditEntry]:
    return session.scalars(
        select(AuditEntry).where(AuditEntry.id > after_id).order_by(AuditEntry.id).limit(_BATCH)
    ).all()
