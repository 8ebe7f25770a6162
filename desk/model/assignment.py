"""An offer is work shown to one agent for a short time; an assignment is the agent's stint on a case."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.errors import Conflict
from desk.model.record import Key, Record


class OfferState(StrEnum):
    LIVE = "live"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class Offer(Record):
    """`reason` holds the decision as made: the ranking, the runner-up, and who was left out and why."""

    __tablename__ = "offers"
    __table_args__ = (
        Index("uq_offers_live_case", "case_id", unique=True, postgresql_where=text("state = 'live'")),
        Index("ix_offers_live_agent", "agent_id", postgresql_where=text("state = 'live'")),
        Index("ix_offers_live_expiry", "expires_at", postgresql_where=text("state = 'live'")),
        Index("ix_offers_agent_ended", "agent_id", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
        Index("ix_offers_case", "case_id", text("id DESC")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    reason: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[OfferState] = mapped_column(default=OfferState.LIVE)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    def end(self, state: OfferState, at: datetime) -> None:
        if self.state is not OfferState.LIVE:
            raise Conflict("This offer has ended already.", {"state": self.state})
        self.state, self.ended_at = state, at


class Assignment(Record):
    """From acceptance to the end of the stint. At most one lives per case. `given_back` is one that ended
    because its agent left the customer waiting.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        Index("uq_assignments_live_case", "case_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_assignments_live_agent", "agent_id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_assignments_agent", "agent_id", "assigned_at"),
        Index("ix_assignments_case", "case_id", "assigned_at"),
        Index("ix_assignments_given_back", "case_id", postgresql_where=text("given_back")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    assigned_at: Mapped[datetime]
    reason: Mapped[dict[str, Any]] = mapped_column(JSONB)
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offers.id"), default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    given_back: Mapped[bool] = mapped_column(default=False)
