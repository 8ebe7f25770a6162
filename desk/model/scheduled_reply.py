"""Scheduled replies: an answer that is written, and leaves at a moment its agent chose."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record


class ScheduledState(StrEnum):
    WAITING = "waiting"
    HELD_BACK = "held_back"
    SENT = "sent"
    CANCELLED = "cancelled"


_PENDING_SQL = "state IN ('waiting', 'held_back')"


class ScheduledReply(Record):
    """No message yet: it becomes one at `at`, as if its agent sent it then, or is held back for `why`.

    `seen_id` is the newest message of the case that its agent knew of; `content` holds the words, the
    recipients and the files, as the composer has them.
    """

    __tablename__ = "scheduled_replies"
    __table_args__ = (
        UniqueConstraint("agent_id", "client_id"),
        Index("ix_scheduled_replies_due", "at", postgresql_where=text("state = 'waiting'")),
        Index("ix_scheduled_replies_case", "case_id", postgresql_where=text(_PENDING_SQL)),
        Index("ix_scheduled_replies_agent", "agent_id", "at", postgresql_where=text(_PENDING_SQL)),
    )

    id: Mapped[Key] = mapped_column(init=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    client_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    made_at: Mapped[datetime]
    seen_id: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[ScheduledState] = mapped_column(default=ScheduledState.WAITING)
    why: Mapped[str | None] = mapped_column(String(500), default=None)
    held_at: Mapped[datetime | None] = mapped_column(default=None)
    message_id: Mapped[int | None] = mapped_column(default=None)

    @property
    def is_pending(self) -> bool:
        return self.state in (ScheduledState.WAITING, ScheduledState.HELD_BACK)
