"""Presence: whether an agent takes work now."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Record


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
