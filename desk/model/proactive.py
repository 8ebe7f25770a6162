"""Proactive messages: what people are told before they ask, who, and who is held out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.errors import InvalidTransition
from desk.model.inbound import ChannelKind
from desk.model.record import Key, Record

LONGEST_SUBJECT = 200
LONGEST_TEXT = 5000


class SegmentKind(StrEnum):
    """BOUGHT a product within some days; LATE_ORDER is some days old and still in a state that is not its
    end; AWAITING has an order or a case open of which we have said nothing for some days."""

    BOUGHT = "bought"
    LATE_ORDER = "late_order"
    AWAITING = "awaiting"


@dataclass(frozen=True, slots=True)
class Segment:
    """Whom a message concerns. `words` are of the product bought; `statuses` those of an order that is still
    on its way; an order counts from `older_than_days` to `younger_than_days` after it was bought, and
    `silent_days` say for how long we have sent no word.
    """

    kind: SegmentKind
    words: str = ""
    statuses: tuple[str, ...] = ()
    older_than_days: int = 0
    younger_than_days: int = 30
    silent_days: int = 3

    @property
    def trouble(self) -> str | None:
        """What it lacks, in words for whoever sets it; None where it can be used."""
        if self.older_than_days >= self.younger_than_days:
            return "An order cannot be older than it may be: give fewer days first, or more last."
        if self.kind is SegmentKind.BOUGHT and len(self.words.strip()) < 2:
            return "Say which product: a word of its description."
        if self.kind is SegmentKind.LATE_ORDER and not self.statuses:
            return "Say in which states an order is still on its way."
        return None


class ProactiveState(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    STOPPED = "stopped"


class ProactiveMessage(Record):
    """`segment` says whom it concerns (a `Segment`), `way` whether it goes by mail or by text, `texts` are
    subject (of a mail) and text, each in its language, the first for whoever speaks none of them.
    `held_percent` of 100 are told nothing. Nobody is told anything twice within `once_in_days`, and nothing
    from `quiet_from` to `quiet_until` o'clock of their day. Whether it spared contacts is told `within_days`
    after each.
    """

    __tablename__ = "proactive_messages"
    __table_args__ = (
        Index(
            "uq_proactive_messages_standing",
            "proposal_id",
            unique=True,
            postgresql_where=text("state <> 'stopped'"),
        ),
    )

    id: Mapped[Key] = mapped_column(init=False)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    segment: Mapped[dict[str, Any]] = mapped_column(JSONB)
    texts: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    held_percent: Mapped[int]
    once_in_days: Mapped[int]
    quiet_from: Mapped[int]
    quiet_until: Mapped[int]
    within_days: Mapped[int]
    created_at: Mapped[datetime]
    state: Mapped[ProactiveState] = mapped_column(default=ProactiveState.DRAFT)
    way: Mapped[ChannelKind] = mapped_column(default=ChannelKind.EMAIL)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    stopped_at: Mapped[datetime | None] = mapped_column(default=None)

    def check_changeable(self) -> None:
        """Raises InvalidTransition once it was started: what was measured must have been one thing."""
        if self.state is not ProactiveState.DRAFT:
            raise InvalidTransition("It was started, and stays as it is. Stop it and write another.")

    def start(self, at: datetime) -> None:
        """From now on people are told. Raises InvalidTransition."""
        self.check_changeable()
        self.state, self.started_at = ProactiveState.RUNNING, at

    def stop(self, at: datetime) -> None:
        """Nobody is told any more, for good. Raises InvalidTransition."""
        if self.state is not ProactiveState.RUNNING:
            raise InvalidTransition("Only what runs can be stopped.")
        self.state, self.stopped_at = ProactiveState.STOPPED, at


class ProactiveRecipient(Record):
    """Somebody whom a message concerns, told or held out, once an order or a case (`about`). `due_at` is when
    it leaves, or would."""

    __tablename__ = "proactive_recipients"
    __table_args__ = (
        UniqueConstraint("message_id", "customer_id", "about"),
        Index("ix_proactive_recipients_customer", "customer_id", text("due_at DESC")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    message_id: Mapped[int] = mapped_column(ForeignKey("proactive_messages.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    about: Mapped[str] = mapped_column(String(80))
    held: Mapped[bool]
    percent: Mapped[int]
    due_at: Mapped[datetime]
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"), default=None, unique=True)
