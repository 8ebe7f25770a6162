"""The key under which a program handed a contact in: the same key again is the same contact."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record


class ContactKey(Record):
    """One a key and agent; `digest` is of what was asked, the rest is what was answered."""

    __tablename__ = "contact_keys"
    __table_args__ = (UniqueConstraint("agent_id", "key_hash"),)

    id: Mapped[Key] = mapped_column(init=False)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    key_hash: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), default=None)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), default=None)
    outcome: Mapped[str] = mapped_column(String(16), default="")
