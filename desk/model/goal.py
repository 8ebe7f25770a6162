"""A goal is what a metric should reach: its target, who answers for it, and how often it is looked at."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record


class Rhythm(StrEnum):
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class Goal(Record):
    """One version of a metric's goal, never changed itself; the current one holds until the next.

    `target` is in the metric's unit (a share from 0 to 1, seconds, cases, money); None: measured, and
    nothing is aimed at.
    """

    __tablename__ = "goals"
    __table_args__ = (
        Index("uq_goals_current", "metric", unique=True, postgresql_where=text("is_current")),
        Index("ix_goals_metric", "metric", text("id DESC")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    metric: Mapped[str] = mapped_column(String(40))
    target: Mapped[float | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    rhythm: Mapped[Rhythm]
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    is_current: Mapped[bool] = mapped_column(default=True)
