"""What texting needs beside messages: statuses, stops, files to fetch, what was spent, how far we looked."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record


class SentText(Record):
    """A text that the provider has taken for us, under the provider's own number."""

    __tablename__ = "sent_texts"

    id: Mapped[Key] = mapped_column(init=False)
    message_sid: Mapped[str] = mapped_column(String(64), unique=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"), index=True)
    at: Mapped[datetime]


class TextStatus(Record):
    """One status that the provider reported; all are kept, also of texts that we do not know yet."""

    __tablename__ = "text_statuses"
    __table_args__ = (UniqueConstraint("message_sid", "status"),)

    id: Mapped[Key] = mapped_column(init=False)
    message_sid: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    error_code: Mapped[str | None] = mapped_column(String(12), default=None)


class Suppression(Record):
    """Whether a number wants no texts from a sender of ours: a number, or a whole messaging service.

    The last word counts; `stopped` false means that they asked for texts again.
    """

    __tablename__ = "suppressions"
    __table_args__ = (UniqueConstraint("sender", "number"),)

    id: Mapped[Key] = mapped_column(init=False)
    sender: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(40))
    stopped: Mapped[bool]
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(120))


class FetchState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class MediaFetch(Record):
    """A file that came with a text and lies with the provider until we have fetched it."""

    __tablename__ = "media_fetches"
    __table_args__ = (
        UniqueConstraint("message_id", "place"),
        Index("ix_media_fetches_due", "not_before", "id", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    place: Mapped[int]
    url: Mapped[str] = mapped_column(String(2000))
    not_before: Mapped[datetime]
    state: Mapped[FetchState] = mapped_column(default=FetchState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None] = mapped_column(String(300), default=None)


class TextSpend(Record):
    """Segments that a channel sent on a day: in all, to a range of numbers, to a single one.

    `scope` is empty for all, else the beginning of the numbers it counts.
    """

    __tablename__ = "text_spends"
    __table_args__ = (UniqueConstraint("channel_id", "day", "scope"),)

    id: Mapped[Key] = mapped_column(init=False)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    day: Mapped[date]
    scope: Mapped[str] = mapped_column(String(40))
    segments: Mapped[int]


class TextCursor(Record):
    """How far the provider's own list of what came in was compared with ours, and when we looked last."""

    __tablename__ = "text_cursors"

    id: Mapped[Key] = mapped_column(init=False)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), unique=True)
    seen_until: Mapped[datetime]
    looked_at: Mapped[datetime]
