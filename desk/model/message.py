"""A message is one thing said in a case: inbound, outbound, a private note, or an event of the case."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Computed, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.customer import CHAT_VISITOR
from desk.model.inbound import Automatic, Verdict
from desk.model.record import Key, Record


class MessageKind(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    NOTE = "note"
    EVENT = "event"


class AuthorKind(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    THIRD_PARTY = "third_party"
    SYSTEM = "system"


class DeliveryState(StrEnum):
    """Where an outbound message stands; only ever moves as the world reports."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    BOUNCED = "bounced"


class Message(Record):
    """`position` counts within the case from 1; `visible_to_customer` is fixed at creation.

    `sequence` counts what the visitor of a chat may see; unlike a position it never changes.
    A `whisper` is a note to the agent who is in the chat.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("case_id", "position"),
        UniqueConstraint("channel_id", "source_key"),
        Index(
            "uq_messages_conversation_sequence",
            "conversation_id",
            "sequence",
            unique=True,
            postgresql_where=text("sequence IS NOT NULL"),
        ),
        Index(
            "uq_messages_author_client",
            "agent_id",
            "client_id",
            unique=True,
            postgresql_where=text("client_id IS NOT NULL"),
        ),
        Index("ix_messages_search", "search", postgresql_using="gin"),
        Index("ix_messages_internet_id", "internet_id", postgresql_where=text("internet_id IS NOT NULL")),
        Index(
            "ix_messages_author",
            "author_address",
            text("at DESC"),
            postgresql_where=text("kind = 'inbound'"),
        ),
        Index(
            "ix_messages_written",
            "agent_id",
            "at",
            postgresql_where=text("agent_id IS NOT NULL AND kind IN ('outbound', 'note')"),
        ),
        Index("ix_messages_mentions", "mentions", postgresql_using="gin"),
    )

    id: Mapped[Key] = mapped_column(init=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    position: Mapped[int]
    kind: Mapped[MessageKind]
    author_kind: Mapped[AuthorKind]
    at: Mapped[datetime]
    visible_to_customer: Mapped[bool]
    conversation_id: Mapped[int | None] = mapped_column(
        ForeignKey("conversations.id"), default=None, index=True
    )
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id"), default=None)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    author_name: Mapped[str] = mapped_column(String(200), default="")
    author_address: Mapped[str | None] = mapped_column(String(320), default=None)
    subject: Mapped[str | None] = mapped_column(String(998), default=None)
    text: Mapped[str] = mapped_column(Text, default="")
    reply: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str | None] = mapped_column(Text, default=None, deferred=True)
    has_html: Mapped[bool] = mapped_column(default=False)
    recipients_to: Mapped[list[Any]] = mapped_column(JSONB, default_factory=list)
    recipients_cc: Mapped[list[Any]] = mapped_column(JSONB, default_factory=list)
    reply_to: Mapped[list[Any]] = mapped_column(JSONB, default_factory=list)
    internet_id: Mapped[str | None] = mapped_column(String(998), default=None)
    source_key: Mapped[str | None] = mapped_column(String(400), default=None)
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"), unique=True, default=None)
    client_id: Mapped[str | None] = mapped_column(String(64), default=None)
    state: Mapped[DeliveryState | None] = mapped_column(default=None)
    state_sentence: Mapped[str | None] = mapped_column(String(500), default=None)
    threading: Mapped[str | None] = mapped_column(String(300), default=None)
    automatic: Mapped[Automatic | None] = mapped_column(default=None)
    verdict: Mapped[Verdict] = mapped_column(default=Verdict.NONE)
    verdict_source: Mapped[str | None] = mapped_column(String(200), default=None)
    suspicions: Mapped[list[str]] = mapped_column(ARRAY(String), default_factory=list)
    mentions: Mapped[list[int]] = mapped_column(JSONB, default_factory=list)
    sequence: Mapped[int | None] = mapped_column(default=None)
    whisper: Mapped[bool] = mapped_column(default=False)
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "to_tsvector('simple', left(coalesce(subject, '') || ' ' || reply, 200000))",
            persisted=True,
        ),
        init=False,
        deferred=True,
        repr=False,
    )


class Attachment(Record):
    """A file of a message or a draft; its bytes are stored under `sha256`, strangers hold `token`."""

    __tablename__ = "attachments"

    id: Mapped[Key] = mapped_column(init=False)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), default=None, index=True)
    uploader_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    content_id: Mapped[str | None] = mapped_column(String(255), default=None)
    inline: Mapped[bool] = mapped_column(default=False)
    visitor_id: Mapped[int | None] = mapped_column(ForeignKey("visitors.id"), default=None)


def author_called(name: str, address: str | None, *, sequence: int | None) -> str:
    """Whom a message is from, on screen; empty for the desk itself.

    Where a message with a `sequence` has an address, it is a browser's number in a chat.
    """
    return name or (CHAT_VISITOR if address and sequence is not None else address) or ""
