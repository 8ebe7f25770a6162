"""Purchases, kept under the number of the system that states them; corrections keep what was said before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.orm import Session

from desk.model.customer import Address, AddressKind, Customer
from desk.model.purchase import Purchase, PurchaseCorrection, PurchaseSource

AT_ONCE = 5_000
"""Values of one statement: PostgreSQL takes 65,535 parameters."""


def known_purchases(session: Session, external_ids: Collection[str]) -> dict[str, Purchase]:
    """Those that were stated before, by what their system calls them."""
    found: dict[str, Purchase] = {}
    for some in in_parts(external_ids):
        for purchase in session.scalars(select(Purchase).where(Purchase.external_id.in_(some))):
            found[purchase.external_id or ""] = purchase
    return found


def owners_of(
    session: Session, addresses: Collection[tuple[AddressKind, str]]
) -> dict[tuple[AddressKind, str], int]:
    """Whose the addresses are, past merges; those that nobody has are left out."""
    owners: dict[tuple[AddressKind, str], int] = {}
    for some in in_parts(addresses):
        rows = session.execute(
            select(Address.kind, Address.value, Address.customer_id).where(
                tuple_(Address.kind, Address.value).in_(some)
            )
        )
        owners.update({(kind, value): customer_id for kind, value, customer_id in rows})
    faces = _faces(session, set(owners.values()))
    return {address: faces[customer_id] for address, customer_id in owners.items()}


def keep_purchases(session: Session, rows: list[dict[str, Any]]) -> None:
    """Write new ones down."""
    for some in in_parts(rows):
        session.execute(insert(Purchase), list(some))


def correct_purchase(
    session: Session, purchase_id: int, values: Mapping[str, Any], correction: PurchaseCorrection | None
) -> None:
    """Say it anew, and keep what was said before."""
    session.execute(update(Purchase).where(Purchase.id == purchase_id).values(values))
    if correction is not None:
        session.add(correction)


def find_source(session: Session, source_id: int) -> PurchaseSource | None:
    return session.get(PurchaseSource, source_id)


def every_source(session: Session) -> list[PurchaseSource]:
    """The systems that may call us, by name."""
    return list(session.scalars(select(PurchaseSource).order_by(PurchaseSource.name)))


def corrections_of(session: Session, purchase_id: int) -> list[PurchaseCorrection]:
    """What was said of a purchase before, the latest first."""
    return list(
        session.scalars(
            select(PurchaseCorrection)
            .where(PurchaseCorrection.purchase_id == purchase_id)
            .order_by(PurchaseCorrection.id.desc())
        )
    )


def in_parts(values: Iterable[Any]) -> Iterable[list[Any]]:
    """The values, as many together as one statement takes."""
    listed = list(values)
    return (listed[at : at + AT_ONCE] for at in range(0, len(listed), AT_ONCE))


def _faces(session: Session, customer_ids: set[int]) -> dict[int, int]:
    """The face that each customer was put into, or their own."""
    faces = {customer_id: customer_id for customer_id in customer_ids}
    while True:
        into: dict[int, int] = {}
        for some in in_parts(set(faces.values())):
            rows = session.execute(
                select(Customer.id, Customer.merged_into_id).where(
                    Customer.id.in_(some), Customer.merged_into_id.is_not(None)
                )
            )
            into.update({merged: face for merged, face in rows if face is not None})
        if not into:
            return faces
        faces = {customer_id: into.get(face, face) for customer_id, face in faces.items()}
