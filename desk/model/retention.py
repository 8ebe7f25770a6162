"""A task to keep a customer who is leaving: what to do, who does it, and what came of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.errors import InvalidTransition
from desk.model.record import Key, Record


class RetentionAction(StrEnum):
    """What a policy suggests; NONE opens no task."""

    CALL = "call"
    COUPON = "coupon"
    LETTER = "letter"
    NONE = "none"


class RetentionOutcome(StrEnum):
    """What came of it. UNPROMPTED: they bought again before anybody did anything."""

    KEPT = "kept"
    LOST = "lost"
    UNREACHED = "unreached"
    DECLINED = "declined"
    UNPROMPTED = "unprompted"


class RetentionTask(Record):
    """One open task a customer at most. `worth` is what was expected of the customer when it was opened,
    `cost` what keeping them took, both in `currency`."""

    __tablename__ = "retention_tasks"
    __table_args__ = (
        Index(
            "uq_retention_tasks_open", "customer_id", unique=True, postgresql_where=text("closed_at IS NULL")
        ),
        Index("ix_retention_tasks_customer_id", "customer_id"),
    )

    id: Mapped[Key] = mapped_column(init=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("value_runs.id"))
    opened_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    action: Mapped[RetentionAction]
    worth: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    currency: Mapped[str] = mapped_column(String(3))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    outcome: Mapped[RetentionOutcome | None] = mapped_column(default=None)
    note: Mapped[str] = mapped_column(String(500), default="")
    cost: Mapped[Decimal | None] = mapped_column(Numeric(14, 2), default=None)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def take(self, agent_id: int) -> None:
        """Somebody does it. Raises InvalidTransition once it is closed."""
        self._require_open()
        self.agent_id = agent_id

    def close(
        self, outcome: RetentionOutcome, at: datetime, *, note: str = "", cost: Decimal | None = None
    ) -> None:
        """It is over, and this came of it. Raises InvalidTransition once it is closed."""
        self._require_open()
        self.outcome, self.closed_at, self.note, self.cost = outcome, at, note, cost

    def _require_open(self) -> None:
        if not self.is_open:
            raise InvalidTransition("This task is closed already.")
