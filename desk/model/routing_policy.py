"""A routing policy with its version: who is served next is decided by the one that is active."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.errors import Conflict
from desk.model.record import Key, Record


class RoutingPolicyState(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class RoutingPolicy(Record):
    """`id` is the version. `body` is what `desk/routing/policy_text.py` reads; it changes only in a draft.

    `based_on_id` is the version that it was made from.
    """

    __tablename__ = "routing_policies"
    __table_args__ = (
        Index("uq_routing_policies_active", "state", unique=True, postgresql_where=text("state = 'active'")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    note: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[RoutingPolicyState] = mapped_column(default=RoutingPolicyState.DRAFT)
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("routing_policies.id"), default=None)
    activated_at: Mapped[datetime | None] = mapped_column(default=None)
    activated_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)

    def check_draft(self) -> None:
        """Raises Conflict for a version that has been in force: it stays as it was."""
        if self.state is not RoutingPolicyState.DRAFT:
            raise Conflict(f"Version {self.id} has been in force and stays as it was. Copy it to change it.")

    def activate(self, at: datetime, by_id: int | None) -> None:
        """In force from now on; again, for one that was before."""
        if self.state is RoutingPolicyState.ACTIVE:
            raise Conflict(f"Version {self.id} is in force already.")
        self.state, self.activated_at, self.activated_by_id = RoutingPolicyState.ACTIVE, at, by_id


class HandleTime(Record):
    """How an agent does at a queue's cases, learnt from `cases` of theirs: see `desk/routing/handling.py`."""

    __tablename__ = "handle_times"
    __table_args__ = (
        Index(
            "uq_handle_times_agent_id_queue_id",
            "agent_id",
            "queue_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Key] = mapped_column(init=False)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id"))
    cases: Mapped[int]
    seen: Mapped[float]
    precision: Mapped[float]
    minutes: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Forecast(Record):
    """What is to come, as it was told last: see `desk/routing/ahead.py`. `problem` says in words why there is
    no `body`.
    """

    __tablename__ = "forecasts"

    id: Mapped[Key] = mapped_column(init=False)
    made_at: Mapped[datetime]
    body: Mapped[dict[str, Any] | None] = mapped_column(JSONB, repr=False)
    problem: Mapped[str | None] = mapped_column(String(500), default=None)


class PolicyReplay(Record):
    """The days from `first` to `last` told again under two policies, asked for by a manager.

    `bodies` are the policy in force and the one tried, as they were then. `done` of `total` samples;
    `problem` says in words why there is no `result`.
    """

    __tablename__ = "policy_replays"
    __table_args__ = (
        Index("ix_policy_replays_unfinished", "asked_at", postgresql_where=text("finished_at IS NULL")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    asked_at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    first: Mapped[date]
    last: Mapped[date]
    in_force: Mapped[int]
    tried: Mapped[int]
    bodies: Mapped[list[Any]] = mapped_column(JSONB, deferred=True, repr=False)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(500), default=None)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB, default=None)
