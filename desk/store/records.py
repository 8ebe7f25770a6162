"""Whole tables, read for an export: every row once, in the order of its number, never all in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import Session

from desk.model.access import AuditEntry
from desk.model.agent import Agent
from desk.model.case import Case, Category
from desk.model.customer import Address, Customer, Organisation
from desk.model.queue import Queue

Rows = Select[*tuple[Any, ...]]


def case_records() -> Rows:
    """Cases with the names of what they refer to."""
    return (
        select(
            Case.id, Case.subject, Case.customer_id, Customer.name.label("customer"), Case.channel,
            Case.status, Case.priority, Queue.name.label("queue"), Agent.name.label("assignee"),
            Category.name.label("category"), Case.level, Case.tags, Case.fields, Case.opened_at,
            Case.first_replied_at, Case.resolved_at, Case.resolution_reason, Case.closed_at,
            Case.last_at, Case.follows_id, Case.merged_into_id,
        )
        .join(Customer, Customer.id == Case.customer_id)
        .outerjoin(Queue, Queue.id == Case.queue_id)
        .outerjoin(Agent, Agent.id == Case.assignee_id)
        .outerjoin(Category, Category.id == Case.category_id)
        .order_by(Case.id)
    )  # fmt: skip


def customer_records() -> Rows:
    """Customers with their addresses, as `kind:value`."""
    written = func.concat(cast(Address.kind, Text), ":", Address.value)
    addresses = (
        select(func.coalesce(func.array_agg(aggregate_order_by(written, Address.id)), cast([], ARRAY(Text))))
        .where(Address.customer_id == Customer.id)
        .correlate(Customer)
        .scalar_subquery()
    )
    return (
        select(
            Customer.id, Customer.name, Customer.tier, Organisation.name.label("organisation"),
            Customer.language, Customer.time_zone, addresses.label("addresses"), Customer.attributes,
            Customer.lifetime_value, Customer.currency, Customer.created_at, Customer.merged_into_id,
        )
        .outerjoin(Organisation, Organisation.id == Customer.organisation_id)
        .order_by(Customer.id)
    )  # fmt: skip


def audit_records() -> Rows:
    """The audit log with its chain, so that it can be verified elsewhere."""
    return select(
        AuditEntry.id, AuditEntry.at, AuditEntry.who, AuditEntry.what, AuditEntry.about,
        AuditEntry.address, AuditEntry.detail, AuditEntry.digest,
    ).order_by(AuditEntry.id)  # fmt: skip


def how_many(session: Session, rows: Rows) -> int:
    """The number of rows that an export will have, for its progress."""
    return session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0


def streamed(session: Session, rows: Rows) -> Iterator[dict[str, Any]]:
    """The rows one by one, some hundred at a time from the database."""
    for row in session.execute(rows.execution_options(yield_per=500)):
        yield dict(row._mapping)
