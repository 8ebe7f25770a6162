"""What a minute of an agent costs, and in which currency the desk tells money."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.model.worth import ValueRun
from desk.store.policies import policy

COST = "agent_minute_cost"
"""The policy that says what a minute costs; 0 where nobody said so."""


@dataclass(frozen=True)
class MinuteCost:
    """What a minute of an agent costs."""

    amount: float
    currency: str


def currency_of(session: Session) -> str | None:
    """The one currency of the desk's figures: that of the values of customers, else the one that a manager
    named; None where neither is."""
    valued = session.scalar(
        select(ValueRun.currency)
        .where(ValueRun.finished_at.is_not(None))
        .order_by(ValueRun.id.desc())
        .limit(1)
    )
    return valued or policy(session, "currency", "") or None


def minute_cost(session: Session) -> MinuteCost | None:
    """None where nobody said what it costs, or in which currency."""
    amount, currency = policy(session, COST, 0.0), currency_of(session)
    return MinuteCost(amount, currency) if amount and currency else None
