"""What is on its way: what is ours but not yet read, and messages that are ours to hand over."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.inbound import ChannelKind
from desk.model.record import Key, Record


class InboxState(StrEnum):
    RECEIVED = "received"
    DONE = "done"
    QUARANTINED = "quarantined"
    SET_ASIDE = "set_aside"


class Inbox(Record):
    """Raw bytes exactly as they came, kept before anything reads them; `kind` says who can read them.

    `attempts` is counted before each try, so that a try that kills its process counts as well.
    `notice` says what is missing of a mail too large to keep whole. `outcome` and
    `outcome_reason` say what became of it; nothing ever leaves this table in silence.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel_id", "source_key"),
        Index("ix_inbox_due", "kind", "not_before", "id", postgresql_where=text("state = 'received'")),
        Index("ix_inbox_quarantined", text("id DESC"), postgresql_where=text("state = 'quarantined'")),
        Index("ix_inbox_sha256", "channel_id", "sha256"),
    )

    id: Mapped[Key] = mapped_column(init=False)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    source_key: Mapped[str] = mapped_column(String(400))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    raw: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, repr=False)
    received_at: Mapped[datetime]
    not_before: Mapped[datetime]
    kind: Mapped[ChannelKind] = mapped_column(default=ChannelKind.EMAIL)
    silent: Mapped[bool] = mapped_column(default=False)
    notice: Mapped[str | None] = mapped_column(String(300), default=None)
    state: Mapped[InboxState] = mapped_column(default=InboxState.RECEIVED)
    attempts: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None] = mapped_column(String(16), default=None)
    outcome_reason: Mapped[str | None] = mapped_column(String(500), default=None)
    sender: Mapped[str | None] = mapped_column(String(320), default=None)
    subject: Mapped[str | None] = mapped_column(String(300), default=None)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), default=None)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"), default=None)


TEXT = "text"
"""The kind of a text in the outbox. Its provider can be asked whether it has it, so none is sent twice."""

PROACTIVE, PROACTIVE_TEXT = "proactive", "proactive_text"
SURVEY, SURVEY_TEXT = "survey", "survey_text"
TEXTS = frozenset({TEXT, PROACTIVE_TEXT, SURVEY_TEXT})
"""The kinds of texts; but for the first they belong to no message of a case, and carry their words along."""


class OutboxState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Outbox(Record):
    """One message to hand over, written in the transaction that decided it.

    `internet_id` is made before the first try and is the same on every try. `state` becomes
    `sending` in a commit before the first byte leaves; a lease that ran out in that state is
    uncertain, and a second sending is flagged. `recipients` maps address to its own state.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "not_before", "id", postgresql_where=text("state IN ('queued', 'uncertain')")),
        Index("ix_outbox_leased", "lease_until", postgresql_where=text("state = 'sending'")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    kind: Mapped[str] = mapped_column(String(20))
    internet_id: Mapped[str] = mapped_column(String(998), unique=True)
    recipients: Mapped[dict[str, Any]] = mapped_column(JSONB)
    queued_at: Mapped[datetime]
    not_before: Mapped[datetime]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), unique=True, default=None)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), default=None, index=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    state: Mapped[OutboxState] = mapped_column(default=OutboxState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    perhaps_twice: Mapped[bool] = mapped_column(default=False)
    trouble: Mapped[str | None] = mapped_column(String(500), default=None)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)


class Acknowledgement(Record):
    """An automatic mail that left for an address: the brake against loops and mail bombs counts these."""

    __tablename__ = "acknowledgements"
    __table_args__ = (
        Index("ix_acknowledgements_address", "address", text("at DESC")),
        Index("ix_acknowledgements_at", "at"),
    )

    id: Mapped[Key] = mapped_column(init=False)
    address: Mapped[str] = mapped_column(String(320))
    at: Mapped[datetime]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), default=None)


class JournalEntry(Record):
    """One event: outbox to our own parts, history, and source of insights.

    `position` is given by the one relay, in the order of relaying, so that a reader who asks
    for what came after a position never misses an entry that committed late.
    """

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_unrelayed", "id", postgresql_where=text("position IS NULL")),
        Index("ix_journal_case", "case_id", "id"),
    )

    id: Mapped[Key] = mapped_column(init=False)
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    occurred_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    case_id: Mapped[int | None] = mapped_column(default=None)
    position: Mapped[int | None] = mapped_column(unique=True, default=None)
    relayed_at: Mapped[datetime | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None] = mapped_column(String(300), default=None)
