"""Customers, found and kept: by address, past merges, without ever moving an address by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, text, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.model.case import Case
from desk.model.customer import Address, AddressKind, Consent, Customer, MergeProposal, Organisation
from desk.model.permission import Actor
from desk.store.cases import visible_to


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


def known_to(actor: Actor) -> ColumnElement[bool]:
    """The condition on `customers`: an agent held to their own cases knows only the people in them."""
    if not actor.assigned_only:
        return true()
    return Customer.id.in_(select(Case.customer_id).where(visible_to(actor)))


def find_customer(session: Session, actor: Actor, customer_id: int, *, lock: bool = False) -> Customer | None:
    """The customer as asked for, merged or not, where the actor may know of them."""
    statement = select(Customer).where(Customer.id == customer_id, known_to(actor))
    if lock:
        statement = statement.with_for_update(of=Customer).execution_options(populate_existing=True)
    return session.scalar(statement)


def organisation_named(session: Session, name: str, at: datetime) -> int:
    """The number of the organisation, made where there is none of that name."""
    session.execute(
        insert(Organisation).values(name=name, created_at=at).on_conflict_do_nothing(index_elements=["name"])
    )
    return session.scalars(select(Organisation.id).where(Organisation.name == name)).one()


def propose_merge(session: Session, customer_id: int, other_id: int, proof: str, at: datetime) -> None:
    """Two faces that may be one; proposed once, and not again after somebody dismissed it."""
    first, second = sorted((customer_id, other_id))
    session.execute(
        insert(MergeProposal)
        .values(customer_id=first, other_id=second, proof=proof, proposed_at=at)
        .on_conflict_do_nothing(index_elements=["customer_id", "other_id"])
    )


def keep_consent(
    session: Session, customer_id: int, channel: str, *, granted: bool, source: str, at: datetime
) -> None:
    """The last word counts."""
    said = {"granted": granted, "source": source, "at": at}
    session.execute(
        insert(Consent)
        .values(customer_id=customer_id, channel=channel, **said)
        .on_conflict_do_update(index_elements=["customer_id", "channel"], set_=said)
    )


_MEET = text(
    """
    WITH met AS (
      INSERT INTO customers (created_at, name, tier, attributes, currency)
      VALUES (:at, :name, 'bronze', '{}', 'EUR') RETURNING id),
    claimed AS (
      INSERT INTO addresses (customer_id, kind, value, created_at, verified_at)
      SELECT id, :kind, :value, :at, :verified_at FROM met ON CONFLICT (kind, value) DO NOTHING RETURNING id)
    SELECT met.id, EXISTS (SELECT FROM claimed) AS is_theirs FROM met
    """
)
_FORGET = text("DELETE FROM customers WHERE id = :id")


def meet(
    session: Session, kind: AddressKind, value: str, name: str, *, at: datetime, verified_at: datetime | None
) -> int | None:
    """A new customer with an address that nobody had, in one statement; None when somebody has it."""
    run = session.connection().execute
    asked = {"kind": kind.value, "value": value, "name": name, "at": at, "verified_at": verified_at}
    met = run(_MEET, asked).one()
    if met.is_theirs:
        return int(met.id)
    run(_FORGET, {"id": met.id})
    return None


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
