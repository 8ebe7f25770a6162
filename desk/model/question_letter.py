"""A letter of questions: the figures of what customers ask, mailed to one person by a rhythm."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.goal import Rhythm
from desk.model.record import Key, Record


class QuestionLetter(Record):
    """`narrowed` holds those of `queue_id`, `channel`, `tier` and `language` to which it is narrowed."""

    __tablename__ = "question_letters"
    __table_args__ = (UniqueConstraint("agent_id", "rhythm", "narrowed"),)

    id: Mapped[Key] = mapped_column(init=False)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    rhythm: Mapped[Rhythm]
    narrowed: Mapped[dict[str, Any]] = mapped_column(JSONB)
    asked_at: Mapped[datetime]
