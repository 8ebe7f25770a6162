"""A triage rule sends a case to a queue by what its first message says."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record


class TriageRule(Record):
    """`conditions` are `{"field", "operator", "value"}`; all must hold, or any, as `match_all` says."""

    __tablename__ = "triage_rules"

    id: Mapped[Key] = mapped_column(init=False)
    name: Mapped[str] = mapped_column(String(120))
    conditions: Mapped[list[Any]] = mapped_column(JSONB)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    match_all: Mapped[bool] = mapped_column(default=True)
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id"), default=None)
    priority: Mapped[str | None] = mapped_column(String(12), default=None)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"), default=None)
    add_tags: Mapped[list[str]] = mapped_column(ARRAY(String), default_factory=list)


class Policy(Record):
    """One thing a manager may change without an operator: the desk's name, grace windows, tier minutes."""

    __tablename__ = "policies"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
