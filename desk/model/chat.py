"""A chat is the live side of a conversation: a visitor's browser on our widget, and where it stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record

LONGEST_TEXT = 5_000
"""Characters that may be said at once."""

SILENT_MINUTES = 8
MAIL_MINUTES = 3
"""When a silent chat rests, and when unread answers go by mail, where no policy says otherwise."""

HERE = timedelta(seconds=60)
"""A visitor whose browser gave a sign within this time is on the page."""


_UNREAD_SQL = "email IS NOT NULL AND answered_sequence > visitor_read AND answered_sequence > mailed_sequence"


class ChatState(StrEnum):
    """`waiting` for a first agent, `live` with one, `left` by the visitor for now, `ended`."""

    WAITING = "waiting"
    LIVE = "live"
    LEFT = "left"
    ENDED = "ended"


GOING_ON = (ChatState.WAITING, ChatState.LIVE, ChatState.LEFT)
"""The states of a chat that nobody has ended."""


class EndedBy(StrEnum):
    VISITOR = "visitor"
    AGENT = "agent"
    SILENCE = "silence"


class Visitor(Record):
    """One browser on one chat channel. `public` is its address as a customer; it holds a token whose
    hash is here. `name` and `email` are what it typed, and prove nothing; `external_id` was signed.
    """

    __tablename__ = "visitors"

    id: Mapped[Key] = mapped_column(init=False)
    public: Mapped[str] = mapped_column(String(32), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True, repr=False)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), index=True)
    created_at: Mapped[datetime]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), default=None, index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str | None] = mapped_column(String(320), default=None)
    external_id: Mapped[str | None] = mapped_column(String(320), default=None)
    identified_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class Chat(Record):
    """`last_sequence` counts what the visitor may see, through all their chats, from 1 and without gaps;
    `visitor_read` and `agent_read` say how far each side has read, `answered_sequence` is an agent's
    last word, and `mailed_sequence` how far their words went by mail.
    """

    __tablename__ = "chats"
    __table_args__ = (
        Index("ix_chats_visitor", "visitor_id", text("conversation_id DESC")),
        Index("ix_chats_going_on", "visitor_seen_at", postgresql_where=text("state <> 'ended'")),
        Index("ix_chats_unread", "visitor_seen_at", postgresql_where=text(_UNREAD_SQL)),
        Index("ix_chats_wrap_up", "wrap_up_until", postgresql_where=text("wrap_up_until IS NOT NULL")),
    )

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    visitor_id: Mapped[int] = mapped_column(ForeignKey("visitors.id"))
    begun_at: Mapped[datetime]
    last_visitor_at: Mapped[datetime]
    visitor_seen_at: Mapped[datetime]
    state: Mapped[ChatState] = mapped_column(default=ChatState.WAITING)
    last_sequence: Mapped[int] = mapped_column(default=0)
    visitor_read: Mapped[int] = mapped_column(default=0)
    agent_read: Mapped[int] = mapped_column(default=0)
    answered_sequence: Mapped[int] = mapped_column(default=0)
    mailed_sequence: Mapped[int] = mapped_column(default=0)
    joined_at: Mapped[datetime | None] = mapped_column(default=None)
    last_agent_at: Mapped[datetime | None] = mapped_column(default=None)
    left_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[EndedBy | None] = mapped_column(default=None)
    wrap_up_until: Mapped[datetime | None] = mapped_column(default=None)
    wrapped_up_at: Mapped[datetime | None] = mapped_column(default=None)
    email: Mapped[str | None] = mapped_column(String(320), default=None)
    score: Mapped[int | None] = mapped_column(default=None)
    score_comment: Mapped[str | None] = mapped_column(String(1000), default=None)
    scored_at: Mapped[datetime | None] = mapped_column(default=None)
    page: Mapped[str | None] = mapped_column(String(500), default=None)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)

    @property
    def is_going_on(self) -> bool:
        return self.state in GOING_ON

    def next_sequence(self) -> int:
        """The number of the next message that the visitor may see; the caller holds the chat's row."""
        self.last_sequence += 1
        return self.last_sequence

    def visitor_spoke(self, at: datetime, *, attended: bool) -> None:
        """A chat that had ended goes on by just writing; `attended` says that an agent has its case."""
        self.last_visitor_at = at
        self.come_back(at, attended=attended)

    def come_back(self, at: datetime, *, attended: bool) -> None:
        """Live or waiting, whatever it was that ended or interrupted it."""
        self.visitor_seen_at = at
        self.state = ChatState.LIVE if attended else ChatState.WAITING
        if attended:
            self.joined_at = self.joined_at or at
        self.left_at = self.ended_at = self.ended_by = self.wrap_up_until = self.wrapped_up_at = None

    def joined(self, at: datetime) -> None:
        """An agent is there."""
        self.joined_at = self.joined_at or at
        if self.state is ChatState.WAITING:
            self.state = ChatState.LIVE

    def abandoned(self) -> None:
        """The agent gave it back: the visitor waits again."""
        if self.state is ChatState.LIVE:
            self.state = ChatState.WAITING

    def leave(self, at: datetime) -> None:
        """The browser has given no sign for a while; it may come back."""
        self.state, self.left_at = ChatState.LEFT, at

    def end(self, by: EndedBy, at: datetime, *, wrap_up_until: datetime | None) -> None:
        """Over, until somebody speaks again."""
        self.state, self.ended_by, self.ended_at = ChatState.ENDED, by, at
        self.wrap_up_until = wrap_up_until
