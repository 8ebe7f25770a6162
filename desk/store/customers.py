"""Customers, found and kept: by address, past merges, without ever moving an address by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.model.customer import Address, AddressKind, Customer
from desk.model.errors import NotFound


def find_address(session: Session, kind: AddressKind, value: str) -> Address | None:
    """The address in its normal form, whoever owns it."""
    return session.scalar(select(Address).where(Address.kind == kind, Address.value == value))


def find_owner(session: Session, kind: AddressKind, value: str) -> tuple[Customer, Address] | None:
    """The customer who owns the address, past merges, and the address."""
    row = session.execute(
        select(Customer, Address)
        .join(Address, Address.customer_id == Customer.id)
        .where(Address.kind == kind, Address.value == value)
    ).one_or_none()
    return None if row is None else (past_merges(session, row[0]), row[1])


def past_merges(session: Session, customer: Customer) -> Customer:
    """The face that this one was put into, or itself."""
    while customer.merged_into_id is not None:
        customer = session.get_one(Customer, customer.merged_into_id)
    return customer


def addresses_of(session: Session, customer_id: int) -> Sequence[Address]:
    """All addresses of one customer, oldest first."""
    return session.scalars(
        select(Address).where(Address.customer_id == customer_id).order_by(Address.id)
    ).all()


def get_customer(session: Session, customer_id: int, *, lock: bool = False) -> Customer:
    """The customer as asked for, merged or not. Raises NotFound."""
    statement = select(Customer).where(Customer.id == customer_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    customer = session.scalar(statement)
    if customer is None:
        raise NotFound(f"There is no customer {customer_id}.")
    return customer


def keep_address(
    session: Session,
    customer_id: int,
    kind: AddressKind,
    value: str,
    *,
    at: datetime,
    verified_at: datetime | None = None,
) -> bool:
    """Write the address down for the customer; False when somebody has it already."""
    made = session.execute(
        insert(Address)
        .values(customer_id=customer_id, kind=kind, value=value, created_at=at, verified_at=verified_at)
        .on_conflict_do_nothing(index_elements=["kind", "value"])
        .returning(Address.id)
    ).scalar()
    return made is not None
