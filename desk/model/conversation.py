"""A conversation is one thread with one customer on one channel; a case may span several."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record


class Conversation(Record):
    __tablename__ = "conversations"

    id: Mapped[Key] = mapped_column(init=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), index=True)
    subject: Mapped[str] = mapped_column(String(998))
    created_at: Mapped[datetime]


class ThreadId(Record):
    """A Message-ID that leads to a conversation: sent, received, or only ever seen in References.

    Kept for ever, so that an answer to an old mail, and a late original, find their thread.
    """

    __tablename__ = "thread_ids"
    __table_args__ = (UniqueConstraint("channel_id", "message_id"),)

    id: Mapped[Key] = mapped_column(init=False)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    message_id: Mapped[str] = mapped_column(String(998))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    ours: Mapped[bool] = mapped_column(default=False)


class Participation(Record):
    """An address that takes part in a conversation: what a weak hint needs to join a message to it."""

    __tablename__ = "participations"
    __table_args__ = (
        UniqueConstraint("conversation_id", "address"),
        Index("ix_participations_address", "address"),
    )

    id: Mapped[Key] = mapped_column(init=False)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    address: Mapped[str] = mapped_column(String(320))
    added_at: Mapped[datetime]
