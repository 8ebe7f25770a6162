"""Customers, found and kept: by address, past merges, without ever moving an address by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.model.case import Case
from desk.model.customer import Address, AddressKind, Consent, Customer, MergeProposal, Organisation
from desk.model.permission import Actor
from desk.store.cases.reading import visible_to
from desk.store.line import Line, Statement


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


def consent_of(session: Session, customer_id: int, channel: str) -> bool | None:
    """Their last word about being written to by a channel; None where they never said one."""
    return session.scalar(
        select(Consent.granted).where(Consent.customer_id == customer_id, Consent.channel == channel)
    )


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody we meet for the first time; without an address, somebody new each time."""

    name: str
    kind: AddressKind | None = None
    value: str | None = None
    verified_at: datetime | None = None


MEETING = """
    met AS (
      INSERT INTO customers (id, created_at, name, tier, attributes, currency)
      SELECT coalesce(CAST(:newcomer_id AS bigint), nextval('customers_id_seq')), :now, :newcomer_name,
        'bronze', '{}', 'EUR'
      WHERE CAST(:known_id AS bigint) IS NULL AND (CAST(:newcomer_id AS bigint) IS NOT NULL
        OR NOT EXISTS (SELECT FROM addresses WHERE kind = :newcomer_kind AND value = :newcomer_value))
      RETURNING id),
    claimed AS (
      INSERT INTO addresses (customer_id, kind, value, created_at, verified_at)
      SELECT id, :newcomer_kind, :newcomer_value, :now, :newcomer_verified_at FROM met
      WHERE CAST(:newcomer_value AS varchar) IS NOT NULL),
    customer AS (
      SELECT coalesce(CAST(:known_id AS bigint), (SELECT id FROM met),
        (SELECT coalesce(u.merged_into_id, u.id) FROM addresses a JOIN customers u ON u.id = a.customer_id
         WHERE a.kind = :newcomer_kind AND a.value = :newcomer_value)) AS id)
"""
"""Part of a statement: the `customer` it is about, be it a known one or a newcomer. Hold the newcomer first,
so that of two who meet the same one the second sees what the first has written; see `hold_newcomer`. One
whose number was drawn is new, or the database refuses them.
"""

_MEET = Statement(f"WITH {MEETING} SELECT id FROM customer")  # noqa: S608 - put together from constants of this file


def as_met(who: int | Newcomer, drawn: int | None = None) -> dict[str, Any]:
    """The values for `MEETING`, but for `now`; `drawn` is the number of a newcomer whom nobody else meets."""
    known_id, newcomer = (who, Newcomer("")) if isinstance(who, int) else (None, who)
    return {
        "known_id": known_id,
        "newcomer_id": None if known_id else drawn,
        "newcomer_name": newcomer.name[:200],
        "newcomer_kind": newcomer.kind,
        "newcomer_value": newcomer.value,
        "newcomer_verified_at": newcomer.verified_at,
    }


def hold_newcomer(line: Line, who: int | Newcomer) -> None:
    """Until the commit, nobody else meets them."""
    if isinstance(who, Newcomer) and who.value:
        line.hold(who.value)


def meet(line: Line, newcomer: Newcomer, at: datetime) -> int:
    """The customer who has the newcomer's address from now on, be it that they had it a moment before."""
    hold_newcomer(line, newcomer)
    (row,) = line.ask(_MEET, {**as_met(newcomer), "now": at})
    return int(row.id)


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
