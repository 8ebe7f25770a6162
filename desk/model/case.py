"""A case is one piece of customer work: from the first message until it is closed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Computed, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.errors import InvalidTransition
from desk.model.inbound import ChannelKind
from desk.model.record import Key, Record
from desk.model.sla import ClockKind


class CaseStatus(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    ON_HOLD = "on_hold"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    CLOSED = "closed"


ACTIVE = (CaseStatus.OPEN, CaseStatus.WAITING, CaseStatus.ON_HOLD, CaseStatus.SNOOZED)
"""The states in which a case is somebody's work."""

DONE = (CaseStatus.RESOLVED, CaseStatus.CLOSED)

_AT_WORK_SQL = "status IN ('open', 'waiting', 'on_hold')"
_DONE_SQL = "status IN ('resolved', 'closed')"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class LinkKind(StrEnum):
    RELATED = "related"
    FOLLOWS = "follows"
    DUPLICATE = "duplicate"


class Category(Record):
    """One entry of the managed drop-down list, two levels deep at most. Cases of a `second_level` one are
    raised to the second level.
    """

    __tablename__ = "categories"

    id: Mapped[Key] = mapped_column(init=False)
    name: Mapped[str] = mapped_column(String(120))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"), default=None)
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    second_level: Mapped[bool] = mapped_column(default=False)


class Case(Record):
    """`waiting_since` is when the customer began to wait for us; None while the ball is not with us.

    `due_at` is when the first of its running clocks is due, or was: which one says `due_clock`, and from
    when it is due soon `due_soon_at`. `preview`, `last_at` and the last positions are kept here so that
    a list needs one table; no rule changes a level that is set `level_by_hand`; `billable`, what the
    entitlements or a person say of the work.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "ix_cases_queue_waiting",
            "queue_id",
            "waiting_since",
            postgresql_where=text("status = 'open' AND assignee_id IS NULL"),
        ),
        Index("ix_cases_chats_opened", "opened_at", postgresql_where=text("channel = 'chat'")),
        # A list is one of these read in order; the partial ones stay small while the closed cases pile up.
        Index("ix_cases_at_work", text("last_at DESC"), text("id DESC"), postgresql_where=text(_AT_WORK_SQL)),
        Index(
            "ix_cases_at_work_queue",
            "queue_id",
            text("last_at DESC"),
            text("id DESC"),
            postgresql_where=text(_AT_WORK_SQL),
        ),
        Index(
            "ix_cases_at_work_assignee",
            "assignee_id",
            text("last_at DESC"),
            text("id DESC"),
            postgresql_where=text(_AT_WORK_SQL),
        ),
        Index("ix_cases_last", text("last_at DESC"), text("id DESC")),
        Index(
            "ix_cases_done_queue",
            "queue_id",
            text("last_at DESC"),
            text("id DESC"),
            postgresql_where=text(_DONE_SQL),
        ),
        Index(
            "ix_cases_done_assignee",
            "assignee_id",
            text("last_at DESC"),
            text("id DESC"),
            postgresql_where=text(_DONE_SQL),
        ),
        Index(
            "ix_cases_due",
            "waiting_since",
            "id",
            postgresql_where=text("waiting_since IS NOT NULL AND " + _AT_WORK_SQL),
        ),
        Index("ix_cases_promised", "due_at", "id", postgresql_where=text("due_at IS NOT NULL")),
        Index(
            "ix_cases_asleep",
            text("last_at DESC"),
            text("id DESC"),
            postgresql_where=text("status = 'snoozed'"),
        ),
        # All counters of the navigation in one pass over the index alone.
        Index(
            "ix_cases_counters",
            "queue_id",
            "assignee_id",
            "status",
            postgresql_include=["id"],
            postgresql_where=text("status IN ('open', 'waiting', 'on_hold', 'snoozed')"),
        ),
        Index("ix_cases_customer", "customer_id", text("opened_at DESC")),
        Index("ix_cases_opened", "opened_at"),
        Index("ix_cases_ever_resolved", "resolved_at", postgresql_where=text("resolved_at IS NOT NULL")),
        Index("ix_cases_snoozed", "snoozed_until", postgresql_where=text("status = 'snoozed'")),
        Index("ix_cases_resolved", "resolved_at", postgresql_where=text("status = 'resolved'")),
        Index("ix_cases_tags", "tags", postgresql_using="gin"),
        Index("ix_cases_billable", text("last_at DESC"), text("id DESC"), postgresql_where=text("billable")),
        Index("ix_cases_search", "search", postgresql_using="gin"),
    )

    id: Mapped[Key] = mapped_column(init=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    subject: Mapped[str] = mapped_column(String(998))
    channel: Mapped[ChannelKind]
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]
    status: Mapped[CaseStatus] = mapped_column(default=CaseStatus.OPEN)
    priority: Mapped[Priority] = mapped_column(default=Priority.NORMAL)
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id"), default=None)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"), default=None)
    level: Mapped[int] = mapped_column(default=1)
    level_by_hand: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    tags: Mapped[list[str]] = mapped_column(ARRAY(String), default_factory=list)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    waiting_since: Mapped[datetime | None] = mapped_column(default=None)
    snoozed_until: Mapped[datetime | None] = mapped_column(default=None)
    resolved_at: Mapped[datetime | None] = mapped_column(default=None)
    resolution_reason: Mapped[str | None] = mapped_column(String(120), default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    first_replied_at: Mapped[datetime | None] = mapped_column(default=None)
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), default=None)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), default=None, index=True)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    due_soon_at: Mapped[datetime | None] = mapped_column(default=None)
    due_clock: Mapped[ClockKind | None] = mapped_column(default=None)
    billable: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    preview: Mapped[str] = mapped_column(String(160), default="")
    last_position: Mapped[int] = mapped_column(default=0)
    last_inbound_position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed("to_tsvector('simple', subject)", persisted=True),
        init=False,
        deferred=True,
        repr=False,
    )

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    def next_position(self) -> int:
        """The place of the next message; the caller holds the case's row."""
        self.last_position += 1
        return self.last_position

    def customer_wrote(self, at: datetime, position: int) -> None:
        """The ball is with us: a case that rested is open again, and the wait runs."""
        self.status = CaseStatus.OPEN
        self.snoozed_until = self.resolved_at = self.resolution_reason = None
        self.waiting_since = self.waiting_since or at
        self.last_inbound_position = position
        self.last_at = at

    def we_replied(self, at: datetime) -> None:
        """The ball is with the customer."""
        if self.status in (CaseStatus.OPEN, CaseStatus.SNOOZED):
            self.status, self.snoozed_until = CaseStatus.WAITING, None
        self.waiting_since = None
        self.first_replied_at = self.first_replied_at or at
        self.last_at = at

    def resolve(self, at: datetime, reason: str) -> None:
        if not self.is_active:
            raise InvalidTransition(f"Case {self.id} is {self.status} already.")
        self.status, self.resolved_at, self.resolution_reason = CaseStatus.RESOLVED, at, reason
        self.waiting_since = self.snoozed_until = None

    def reopen(self, at: datetime) -> None:
        """Work again, though the customer has not written: resolved too early, or waited for too long."""
        if self.status not in (CaseStatus.RESOLVED, CaseStatus.WAITING):
            raise InvalidTransition(
                f"Case {self.id} is {self.status}; only a resolved or a waiting case can be reopened."
            )
        self.status, self.resolved_at, self.resolution_reason = CaseStatus.OPEN, None, None
        self.waiting_since = at

    def close(self, at: datetime) -> None:
        """The grace window is over: from now on the customer's next word opens a linked case."""
        if self.status is not CaseStatus.RESOLVED:
            raise InvalidTransition(f"Case {self.id} is {self.status}; only a resolved case can be closed.")
        self.status, self.closed_at = CaseStatus.CLOSED, at

    def close_into(self, target_id: int, at: datetime) -> None:
        """Everything said in this case is in another one from now on."""
        self.status, self.closed_at, self.merged_into_id = CaseStatus.CLOSED, at, target_id
        self.waiting_since = self.snoozed_until = None

    def snooze(self, until: datetime, now: datetime) -> None:
        if not self.is_active:
            raise InvalidTransition(f"Case {self.id} is {self.status} and cannot be snoozed.")
        if until <= now:
            raise InvalidTransition("A case can only be snoozed until a moment that is still to come.")
        self.status, self.snoozed_until = CaseStatus.SNOOZED, until

    def wake(self) -> None:
        """A case that slept, or rested on hold, is somebody's work again."""
        if self.status not in (CaseStatus.SNOOZED, CaseStatus.ON_HOLD):
            raise InvalidTransition(f"Case {self.id} is {self.status}; it neither sleeps nor rests on hold.")
        self.status = CaseStatus.OPEN
        self.snoozed_until = None

    def put_on_hold(self) -> None:
        if not self.is_active:
            raise InvalidTransition(f"Case {self.id} is {self.status} and cannot be put on hold.")
        self.status, self.snoozed_until = CaseStatus.ON_HOLD, None

    def wait_for_customer(self) -> None:
        if not self.is_active:
            raise InvalidTransition(f"Case {self.id} is {self.status} and waits for nobody.")
        self.status, self.snoozed_until, self.waiting_since = CaseStatus.WAITING, None, None


class CaseLink(Record):
    __tablename__ = "case_links"
    __table_args__ = (UniqueConstraint("case_id", "other_id", "kind"),)

    id: Mapped[Key] = mapped_column(init=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[LinkKind]
    at: Mapped[datetime]


class CaseWatch(Record):
    __tablename__ = "case_watches"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), primary_key=True, index=True)


class CaseRead(Record):
    """How far an agent has read a case; unread is a later inbound position than this."""

    __tablename__ = "case_reads"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    position: Mapped[int]


class CaseChange(Record):
    """One line of a case's history: what changed, by whom, when and why. Never changed itself."""

    __tablename__ = "case_changes"
    __table_args__ = (
        Index("ix_case_changes_case", "case_id", text("id DESC")),
        Index("ix_case_changes_status", "at", postgresql_where=text("what = 'status'")),
        Index(
            "ix_case_changes_taken_back",
            "case_id",
            postgresql_where=text("what = 'status' AND before = '\"resolved\"' AND after <> '\"closed\"'"),
        ),
    )

    id: Mapped[Key] = mapped_column(init=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    sentence: Mapped[str] = mapped_column(String(500))
    what: Mapped[str] = mapped_column(String(40))
    before: Mapped[Any] = mapped_column(JSONB, nullable=True, default=None)
    after: Mapped[Any] = mapped_column(JSONB, nullable=True, default=None)
    why: Mapped[str | None] = mapped_column(String(500), default=None)


class CaseMerge(Record):
    """One case was put into another; `moved` says what changed place, so that it can be undone."""

    __tablename__ = "case_merges"
    __table_args__ = (
        Index("uq_case_merges_live", "merged_id", unique=True, postgresql_where=text("undone_at IS NULL")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    merged_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    into_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    moved: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    undone_at: Mapped[datetime | None] = mapped_column(default=None)


class CaseSplit(Record):
    """Messages were taken out of a case into a new one; `moved` lists them, so that it can be undone."""

    __tablename__ = "case_splits"

    id: Mapped[Key] = mapped_column(init=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    new_case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    moved: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    undone_at: Mapped[datetime | None] = mapped_column(default=None)


class CustomField(Record):
    """A field that a desk adds to its cases; the values lie in `Case.fields` under `key`."""

    __tablename__ = "custom_fields"

    id: Mapped[Key] = mapped_column(init=False)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    label: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(12))
    options: Mapped[list[str]] = mapped_column(ARRAY(String), default_factory=list)
    active: Mapped[bool] = mapped_column(default=True)


DRAFT_KINDS = ("note", "email", "sms", "chat")
"""A note, or an answer by one kind of channel."""


class Draft(Record):
    """What an agent was writing; one a case and kind, so that nothing typed is lost."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("agent_id", "case_id", "kind"),)

    id: Mapped[Key] = mapped_column(init=False)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    saved_at: Mapped[datetime]
