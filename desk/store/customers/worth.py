"""Values of customers: runs that wait, the purchases they see, and what they found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from desk.model.customer import Customer, Tier
from desk.model.purchase import Purchase
from desk.model.worth import CustomerValue, TierChange, ValueRun

STUCK = timedelta(minutes=15)
"""A run that was started so long ago died with its worker, and is begun anew."""

_SEEN = text(
    """
    SELECT customer_id, (bought_at AT TIME ZONE :zone)::date - DATE '0001-01-01' + 1 AS day, amount::float8
    FROM purchases
    WHERE currency = :currency AND (bought_at AT TIME ZONE :zone)::date <= :until
    ORDER BY customer_id, bought_at
    """
)
_COLUMNS = {
    "customer_id": "bigint", "recency": "int", "frequency": "int", "monetary": "numeric", "r": "int",
    "f": "int", "m": "int", "alive": "float8", "purchases": "float8", "value": "numeric", "low": "numeric",
    "high": "numeric", "above": "float8", "prior": "bool", "spends_less": "bool", "fell_silent": "bool",
    "habit": "numeric", "lately": "numeric",
}  # fmt: skip
_KEPT = ", ".join(f"round({name}, 2)" if kind == "numeric" else name for name, kind in _COLUMNS.items())
_KEEP = text(
    f"""
    INSERT INTO customer_values (run_id, worth, {", ".join(_COLUMNS)})
    SELECT :run_id, CAST(value / nullif(avg(value) OVER (), 0) AS float8), {_KEPT}
    FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items())})
      AS found({", ".join(_COLUMNS)})
    """  # noqa: S608 - names of columns, ours
)
_SET_TIERS = text(
    """
    UPDATE customers SET tier = found.tier
    FROM unnest(CAST(:ids AS bigint[]), CAST(:tiers AS varchar[])) AS found(id, tier)
    WHERE customers.id = found.id AND NOT customers.tier_by_hand
    RETURNING customers.id
    """
)


@dataclass(frozen=True)
class Standing:
    """A customer's tier before a run, and whether it was computed before."""

    tier: Tier
    by_hand: bool
    valued: bool


def waiting_run(session: Session, now: datetime, *, lock: bool = False) -> ValueRun | None:
    """The run that is to be done: asked for, and not in somebody's hands."""
    statement = (
        select(ValueRun)
        .where(ValueRun.finished_at.is_(None))
        .where(ValueRun.started_at.is_(None) | (ValueRun.started_at < now - STUCK))
        .order_by(ValueRun.id)
        .limit(1)
    )
    return session.scalar(statement.with_for_update(skip_locked=True) if lock else statement)


def unfinished_run(session: Session) -> ValueRun | None:
    return session.scalar(select(ValueRun).where(ValueRun.finished_at.is_(None)).limit(1))


def last_asked(session: Session) -> datetime | None:
    """When a run was last asked for."""
    return session.scalar(select(func.max(ValueRun.asked_at)))


def last_run(session: Session) -> ValueRun | None:
    """The last run that was finished: what values now shown are of."""
    return session.scalar(
        select(ValueRun).where(ValueRun.finished_at.is_not(None)).order_by(ValueRun.id.desc()).limit(1)
    )


def any_purchase(session: Session) -> bool:
    return session.scalar(select(Purchase.id).limit(1)) is not None


def currencies(session: Session) -> dict[str, int]:
    """How many purchases there are in each, the most first."""
    rows = session.execute(
        select(Purchase.currency, func.count()).group_by(Purchase.currency).order_by(func.count().desc())
    )
    return {row[0]: int(row[1]) for row in rows}


def purchases_seen(session: Session, run: ValueRun, zone: str) -> Sequence[tuple[int, int, float]]:
    """(customer, day, amount) of each purchase that the run sees; days are proleptic ordinals."""
    asked = {"currency": run.currency, "until": run.until, "zone": zone}
    return [tuple(row) for row in session.connection().execute(_SEEN, asked)]


def standings(session: Session) -> dict[int, Standing]:
    """Tier of every customer who has one to lose or keep, by number: merged faces are left out."""
    rows = session.execute(
        select(Customer.id, Customer.tier, Customer.tier_by_hand, CustomerValue.customer_id.is_not(None))
        .outerjoin(CustomerValue, CustomerValue.customer_id == Customer.id)
        .where(Customer.merged_into_id.is_(None))
    )
    return {number: Standing(tier, by_hand, valued) for number, tier, by_hand, valued in rows}


def keep_values(session: Session, run_id: int, columns: Mapping[str, list[Any]]) -> None:
    """These are the values now, and no others: one list a column, in one order."""
    session.execute(delete(CustomerValue))
    session.execute(_KEEP, {"run_id": run_id, **{name: columns[name] for name in _COLUMNS}})


def set_tiers(session: Session, tiers: Mapping[int, Tier]) -> set[int]:
    """The tiers by customer; who has theirs by hand keeps it. The numbers of those whose tier it now is."""
    numbers = sorted(tiers)
    asked = {"ids": numbers, "tiers": [tiers[number].value for number in numbers]}
    return set(session.scalars(_SET_TIERS, asked))


def value_of(session: Session, customer_id: int) -> tuple[CustomerValue, ValueRun] | None:
    """The figures of a customer and their run."""
    row = session.execute(
        select(CustomerValue, ValueRun)
        .join(ValueRun, ValueRun.id == CustomerValue.run_id)
        .where(CustomerValue.customer_id == customer_id)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def tier_changes_of(session: Session, customer_id: int, limit: int = 20) -> Sequence[TierChange]:
    """How the customer's tier became what it is, the latest first."""
    return session.scalars(
        select(TierChange)
        .where(TierChange.customer_id == customer_id)
        .order_by(TierChange.id.desc())
        .limit(limit)
    ).all()


def purchases_behind(
    session: Session, customer_id: int, run: ValueRun, zone: str, limit: int
) -> Sequence[Purchase]:
    """The purchases of a customer that a run counted, the latest first, as they are now."""
    bought_on = func.date(func.timezone(zone, Purchase.bought_at))
    return session.scalars(
        select(Purchase)
        .where(Purchase.customer_id == customer_id, Purchase.currency == run.currency)
        .where(bought_on <= run.until)
        .order_by(Purchase.bought_at.desc(), Purchase.id.desc())
        .limit(limit)
    ).all()
