"""A routing policy with its version: who is served next is decided by the one that is active."""

from __future__ import annotations

from datetime import datetime
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
