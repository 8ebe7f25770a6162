"""Presence: whether an agent takes work now, and when they did."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record


class PresenceState(StrEnum):
    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


class Presence(Record):
    """`seen_at` is the last sign of the agent's browser; `idle_since` when work was last taken or ended."""

    __tablename__ = "presences"

    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    state: Mapped[PresenceState]
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
    idle_since: Mapped[datetime]
    missed_offers: Mapped[int] = mapped_column(default=0)


class PresenceSpan(Record):
    """An agent was in `state` from `since` to `until`; the one that still lasts has no `until`.

    The spans of an agent follow each other without a gap from their first day on.
    """

    __tablename__ = "presence_spans"
    __table_args__ = (
        Index("uq_presence_spans_lasting", "agent_id", unique=True, postgresql_where=text("until IS NULL")),
        Index("ix_presence_spans_until", "until"),
    )

    id: Mapped[Key] = mapped_column(init=False)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    state: Mapped[PresenceState]
    since: Mapped[datetime]
    until: Mapped[datetime | None] = mapped_column(default=None)
