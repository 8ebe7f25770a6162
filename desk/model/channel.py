"""A channel is one door of ours: an email address with its mailbox, later a number, a widget, a form."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.inbound import ChannelKind
from desk.model.record import Key, Record


class ChannelState(StrEnum):
    OK = "ok"
    CONNECTING = "connecting"
    TROUBLE = "trouble"
    NEEDS_SIGN_IN = "needs_sign_in"
    OFF = "off"


class Channel(Record):
    """`config` holds what may be read by an admin; `secrets` is encrypted and write-only."""

    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("kind", "address"),)

    id: Mapped[Key] = mapped_column(init=False)
    kind: Mapped[ChannelKind]
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
    config: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary, default=None, repr=False)
    enabled: Mapped[bool] = mapped_column(default=True)
    acknowledge: Mapped[bool] = mapped_column(default=False)
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id"), default=None)
    state: Mapped[ChannelState] = mapped_column(default=ChannelState.CONNECTING)
    trouble: Mapped[str | None] = mapped_column(String(500), default=None)
    last_inbound_at: Mapped[datetime | None] = mapped_column(default=None)


class MailboxCursor(Record):
    """How far we have read a folder; moves in the same commit as the mail it covers (RFC 3501, 2.3.1.1)."""

    __tablename__ = "mailbox_cursors"
    __table_args__ = (UniqueConstraint("channel_id", "folder"),)

    id: Mapped[Key] = mapped_column(init=False)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    folder: Mapped[str] = mapped_column(String(200))
    uidvalidity: Mapped[int]
    uid: Mapped[int]
    last_internal_date: Mapped[datetime | None] = mapped_column(default=None)
