"""What customers are worth, as computed: each run with its parameters, each customer's figures, each change
of a tier. An auditor can follow a figure to its run, and from there to the purchases."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.customer import Tier
from desk.model.record import Key, Record


class ValueRun(Record):
    """One computing of all values, asked for by somebody or by the night.

    It sees the purchases in `currency` bought to the end of `until` and known when it was `started_at`.
    `policy` is how it was to be done, `parameters` what was fitted, `cuts` the values above which tiers
    begin, `remarks` how far the figures carry.
    """

    __tablename__ = "value_runs"
    __table_args__ = (
        Index("ix_value_runs_unfinished", "asked_at", postgresql_where=text("finished_at IS NULL")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(120))
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    until: Mapped[date | None] = mapped_column(default=None)
    currency: Mapped[str] = mapped_column(String(3), default="")
    customers: Mapped[int] = mapped_column(default=0)
    purchases: Mapped[int] = mapped_column(default=0)
    policy: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    cuts: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    remarks: Mapped[list[str]] = mapped_column(JSONB, default_factory=list)


class CustomerValue(Record):
    """The figures of one customer as of the last run: what `desk value` prints, and the habit behind
    `spends_less`. Money is in the run's currency."""

    __tablename__ = "customer_values"
    __table_args__ = (
        Index("ix_customer_values_value", "value"),
        Index("ix_customer_values_deserting", "value", postgresql_where=text("spends_less OR fell_silent")),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("value_runs.id"))
    recency: Mapped[int]
    frequency: Mapped[int]
    monetary: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    r: Mapped[int]
    f: Mapped[int]
    m: Mapped[int]
    alive: Mapped[float]
    purchases: Mapped[float]
    value: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    low: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    high: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    above: Mapped[float]
    """The share of customers who are worth less."""
    worth: Mapped[float | None]
    """The value beside the mean of all, which is 1; None where nobody is worth anything."""
    prior: Mapped[bool]
    spends_less: Mapped[bool]
    fell_silent: Mapped[bool]
    habit: Mapped[Decimal | None] = mapped_column(Numeric(14, 2), default=None)
    lately: Mapped[Decimal | None] = mapped_column(Numeric(14, 2), default=None)


class TierChange(Record):
    """A customer's tier became another, by a run or by hand."""

    __tablename__ = "tier_changes"

    id: Mapped[Key] = mapped_column(init=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    at: Mapped[datetime]
    before: Mapped[Tier]
    after: Mapped[Tier]
    actor: Mapped[str] = mapped_column(String(120))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("value_runs.id"), default=None)
