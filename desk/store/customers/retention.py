"""Retention tasks and the customers they are about; and the lists of what customers are worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, String, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from desk.model.agent import Agent
from desk.model.customer import Customer, Tier
from desk.model.permission import Actor
from desk.model.purchase import Purchase
from desk.model.retention import RetentionTask
from desk.model.worth import CustomerValue
from desk.store.cases.lists import customer_name
from desk.store.cursors import number_cursor, number_of
from desk.store.customers.finding import known_to

Rows = Select[*tuple[Any, ...]]
LEAVING = or_(CustomerValue.spends_less, CustomerValue.fell_silent)


@dataclass(frozen=True)
class Leaving:
    """A customer who is leaving, as a task needs to know of them."""

    customer_id: int
    tier: Tier
    value: Decimal
    spends_less: bool
    fell_silent: bool
    habit: Decimal | None
    lately: Decimal | None
    recency: int


def leaving_without_task(session: Session, rested_since: datetime) -> list[Leaving]:
    """Who is leaving, has no open task, and none that was closed since."""
    recent = select(RetentionTask.id).where(
        RetentionTask.customer_id == CustomerValue.customer_id,
        or_(RetentionTask.closed_at.is_(None), RetentionTask.closed_at >= rested_since),
    )
    figures = CustomerValue
    rows = session.execute(
        select(
            figures.customer_id, Customer.tier, figures.value, figures.spends_less,
            figures.fell_silent, figures.habit, figures.lately, figures.recency,
        )
        .join(Customer, Customer.id == figures.customer_id)
        .where(LEAVING, ~recent.exists())
    )  # fmt: skip
    return [Leaving(*row) for row in rows]


def untouched_of_the_stayed(session: Session) -> Sequence[RetentionTask]:
    """Open tasks that nobody took, of customers who are not leaving any more."""
    still = select(CustomerValue.customer_id).where(
        CustomerValue.customer_id == RetentionTask.customer_id, LEAVING
    )
    return session.scalars(
        select(RetentionTask).where(
            RetentionTask.closed_at.is_(None), RetentionTask.agent_id.is_(None), ~still.exists()
        )
    ).all()


def find_task(session: Session, actor: Actor, task_id: int) -> RetentionTask | None:
    """The task, locked, where the actor may know of its customer."""
    return session.scalar(
        select(RetentionTask)
        .join(Customer, Customer.id == RetentionTask.customer_id)
        .where(RetentionTask.id == task_id, known_to(actor))
        .with_for_update(of=RetentionTask)
    )


def page_of_tasks(
    session: Session, actor: Actor, *, is_open: bool, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Tasks with their customer and agent, the latest first; closed ones with what was spent since."""
    statement = (
        _tasks()
        .where(known_to(actor))
        .where(RetentionTask.closed_at.is_(None) if is_open else RetentionTask.closed_at.is_not(None))
        .order_by(RetentionTask.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        statement = statement.where(RetentionTask.id < number_of(cursor))
    rows = [dict(row) for row in session.execute(statement).mappings()]
    following = number_cursor(rows[limit - 1]["id"]) if len(rows) > limit else None
    return rows[:limit], following


def task_row(session: Session, task_id: int) -> dict[str, Any]:
    """One task as the list shows it."""
    return dict(session.execute(_tasks().where(RetentionTask.id == task_id)).mappings().one())


def page_of_values(
    session: Session, *, leaving: bool, tier: Tier | None, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Customers with their figures, the most valuable first; `leaving` for those who are."""
    statement = _values(leaving=leaving, tier=tier)
    if cursor is not None:
        last = session.get(CustomerValue, number_of(cursor))
        if last is None:
            return [], None
        statement = statement.where(
            or_(
                CustomerValue.value < last.value,
                and_(CustomerValue.value == last.value, CustomerValue.customer_id < last.customer_id),
            )
        )
    rows = [dict(row) for row in session.execute(statement.limit(limit + 1)).mappings()]
    following = number_cursor(rows[limit - 1]["customer_id"]) if len(rows) > limit else None
    return rows[:limit], following


def every_value(session: Session, *, leaving: bool, tier: Tier | None) -> Iterator[dict[str, Any]]:
    """The same list whole, as it streams from the database."""
    asked = _values(leaving=leaving, tier=tier).execution_options(yield_per=500)
    return (dict(row) for row in session.execute(asked).mappings())


def tier_totals(session: Session) -> list[dict[str, Any]]:
    """By tier: how many customers, what they are worth together, and how many and how much is leaving."""
    rows = session.execute(
        select(
            Customer.tier,
            func.count().label("customers"),
            cast(func.sum(CustomerValue.value), String).label("value"),
            func.count().filter(LEAVING).label("leaving"),
            cast(func.coalesce(func.sum(CustomerValue.value).filter(LEAVING), 0), String).label("at_risk"),
        )
        .join(CustomerValue, CustomerValue.customer_id == Customer.id)
        .group_by(Customer.tier)
    ).mappings()
    found = {row["tier"]: dict(row) for row in rows}
    nobody = {"customers": 0, "value": "0.00", "leaving": 0, "at_risk": "0.00"}
    return [found.get(tier, {"tier": tier, **nobody}) for tier in reversed(Tier)]


def _tasks() -> Rows:
    since = (
        select(cast(func.coalesce(func.sum(Purchase.amount), 0), String))
        .where(
            Purchase.customer_id == RetentionTask.customer_id,
            Purchase.currency == RetentionTask.currency,
            Purchase.bought_at >= RetentionTask.closed_at,
        )
        .scalar_subquery()
    )
    task = RetentionTask
    return (
        select(
            task.id, task.customer_id, customer_name().label("customer"), Customer.tier, task.opened_at,
            task.reason, task.action, cast(task.worth, String).label("worth"), task.currency, task.run_id,
            task.agent_id, Agent.name.label("agent"), task.closed_at, task.outcome, task.note,
            cast(task.cost, String).label("cost"), since.label("spent_since"),
        )
        .join(Customer, Customer.id == task.customer_id)
        .outerjoin(Agent, Agent.id == task.agent_id)
    )  # fmt: skip


def _values(*, leaving: bool, tier: Tier | None) -> Rows:
    figures = CustomerValue
    statement = (
        select(
            figures.customer_id, customer_name().label("customer"), Customer.tier, Customer.tier_by_hand,
            *(cast(getattr(figures, name), String).label(name) for name in ("value", "low", "high")),
            figures.alive, figures.prior, figures.purchases, figures.recency, figures.frequency,
            *(cast(getattr(figures, name), String).label(name) for name in ("monetary", "habit", "lately")),
            figures.r, figures.f, figures.m, figures.spends_less, figures.fell_silent, figures.run_id,
        )
        .join(Customer, Customer.id == figures.customer_id)
        .order_by(figures.value.desc(), figures.customer_id.desc())
    )  # fmt: skip
    if leaving:
        statement = statement.where(LEAVING)
    return statement if tier is None else statement.where(Customer.tier == tier)
