"""What is promised about time: calendars, targets, and the clock of each promise with its ledger."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Interval, Numeric, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.model.customer import Tier
from desk.model.record import Key, Record


class ClockKind(StrEnum):
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


RESPONSES = (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE)


class Phase(StrEnum):
    """Where a clock stands. `missed_at` is beside it: a clock that was missed runs on until it is met."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    CANCELLED = "cancelled"


OPEN_PHASES = (Phase.RUNNING, Phase.PAUSED)


class EntryKind(StrEnum):
    """What a line of a clock's ledger says; `voided` takes back the lines it names."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    RETARGETED = "retargeted"
    WARNED = "warned"
    MISSED = "missed"
    MET = "met"
    CANCELLED = "cancelled"
    FLAGGED = "flagged"
    MOVED = "moved"
    VOIDED = "voided"


class Calendar(Record):
    """Business hours by name. What they are is a version, which is never changed."""

    __tablename__ = "calendars"
    __table_args__ = (
        Index("uq_calendars_default", "is_default", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime]
    is_default: Mapped[bool] = mapped_column(default=False)


class CalendarVersion(Record):
    """A calendar as it was from `at` on; the current one holds until the next."""

    __tablename__ = "calendar_versions"
    __table_args__ = (
        UniqueConstraint("calendar_id", "number"),
        Index(
            "uq_calendar_versions_current", "calendar_id", unique=True, postgresql_where=text("is_current")
        ),
    )

    id: Mapped[Key] = mapped_column(init=False)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendars.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    is_current: Mapped[bool] = mapped_column(default=True)


class SlaPolicy(Record):
    """One version of the targets. A clock keeps the version it was started under; the active one is for
    those that start.
    """

    __tablename__ = "sla_policies"
    __table_args__ = (
        Index("uq_sla_policies_active", "active", unique=True, postgresql_where=text("active")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    number: Mapped[int] = mapped_column(unique=True)
    targets: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(300), default="")
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    active: Mapped[bool] = mapped_column(default=True)


class SlaClock(Record):
    """One timed promise of a case. All but its case follows from the ledger, and is kept to be found by.

    `used` is the working time it ran until `since`. `wakes_at` is the next moment at which time alone
    moves it: a warning, then the miss. `missed_after` is the working time after which it was missed,
    `penalty` what that has cost by now, in the currency of its `penalty_terms`.
    """

    __tablename__ = "sla_clocks"
    __table_args__ = (
        Index("ix_sla_clocks_case", "case_id", "id"),
        Index("ix_sla_clocks_wakes", "wakes_at", postgresql_where=text("wakes_at IS NOT NULL")),
        Index(
            "ix_sla_clocks_open",
            "case_id",
            postgresql_where=text("phase IN ('running', 'paused')"),
        ),
        Index("ix_sla_clocks_ended", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
        Index("ix_sla_clocks_missed", "missed_at", postgresql_where=text("missed_at IS NOT NULL")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[ClockKind]
    policy_id: Mapped[int] = mapped_column(ForeignKey("sla_policies.id"))
    tier: Mapped[Tier]
    started_at: Mapped[datetime]
    last_at: Mapped[datetime]
    phase: Mapped[Phase] = mapped_column(default=Phase.RUNNING)
    target: Mapped[timedelta | None] = mapped_column(Interval, default=None)
    calendar_version_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_versions.id"), default=None)
    used: Mapped[timedelta] = mapped_column(Interval, default=timedelta(0))
    since: Mapped[datetime | None] = mapped_column(default=None)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    warn_at: Mapped[datetime | None] = mapped_column(default=None)
    wakes_at: Mapped[datetime | None] = mapped_column(default=None)
    missed_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[str] = mapped_column(String(24), default="")
    warned: Mapped[bool] = mapped_column(default=False)
    flagged: Mapped[bool] = mapped_column(default=False)
    missed_after: Mapped[timedelta | None] = mapped_column(Interval, default=None)
    penalty_terms: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    penalty: Mapped[Decimal | None] = mapped_column(Numeric(14, 2), default=None)


class SlaEntry(Record):
    """One line of a clock's ledger: what happened to it, when, and why. Never changed itself.

    `at` is the moment it holds from, `noted_at` when it was written. The cause is a word, a sentence
    for people, and what it came from: a message, or another case.
    """

    __tablename__ = "sla_entries"
    __table_args__ = (Index("ix_sla_entries_clock", "clock_id", "id"),)

    id: Mapped[Key] = mapped_column(init=False)
    clock_id: Mapped[int] = mapped_column(ForeignKey("sla_clocks.id"), init=False)
    clock: Mapped[SlaClock] = relationship(repr=False)
    kind: Mapped[EntryKind]
    at: Mapped[datetime]
    noted_at: Mapped[datetime]
    cause: Mapped[str] = mapped_column(String(24))
    sentence: Mapped[str] = mapped_column(String(300))
    actor: Mapped[str] = mapped_column(String(80))
    target: Mapped[timedelta | None] = mapped_column(Interval, default=None)
    calendar_version_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_versions.id"), default=None)
    message_id: Mapped[int | None] = mapped_column(default=None)
    move_id: Mapped[str | None] = mapped_column(String(24), default=None)
    flagged: Mapped[bool] = mapped_column(default=False)
    voids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default_factory=list)
    penalty: Mapped[Decimal | None] = mapped_column(Numeric(14, 2), default=None)
    """What the miss costs from this line on, where that changed."""
