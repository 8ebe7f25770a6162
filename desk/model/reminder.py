"""Reminders: what a person wants to be told again, and when; of a case, or free-standing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record

LONGEST_WORD = 200


class Reminder(Record):
    """One person's own: nobody else reads its `word`. It is told once, at `at` (`told_at`); moved, it is told
    again. `ended_at` is when it was done, or `dropped`.
    """

    __tablename__ = "reminders"
    __table_args__ = (
        Index("ix_reminders_open", "agent_id", "at", postgresql_where=text("ended_at IS NULL")),
        Index("ix_reminders_due", "at", postgresql_where=text("told_at IS NULL AND ended_at IS NULL")),
        Index("ix_reminders_case_id", "case_id", postgresql_where=text("case_id IS NOT NULL")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    word: Mapped[str] = mapped_column(String(LONGEST_WORD))
    at: Mapped[datetime]
    made_at: Mapped[datetime]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), default=None)
    told_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    dropped: Mapped[bool] = mapped_column(default=False)
