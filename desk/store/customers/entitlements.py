"""Entitlements, kept under the number of the system that states them, and the cases that lean on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from desk.model.case import ACTIVE, Case, Category
from desk.model.customer import Customer
from desk.model.entitlement import CaseCover, Entitlement, EntitlementCorrection, Standing
from desk.model.message import Message, MessageKind
from desk.store.customers.purchases import in_parts
from desk.store.line import Line, Statement

WORDS_LOOKED_AT = 5
"""So many of the customer's words in a case are looked through for the name of a product."""

_ANY_HELD = Statement(
    """
    SELECT EXISTS (
      SELECT 1 FROM entitlements e JOIN customers h ON h.id = e.customer_id, customers u
      WHERE u.id = :customer_id AND (e.customer_id = u.id
        OR e.whole_organisation AND h.organisation_id = u.organisation_id)) AS any_held
    """
)


def holds_any(line: Line, customer_id: int) -> bool:
    """Whether the customer, or their organisation, has or had any entitlement."""
    (row,) = line.ask(_ANY_HELD, {"customer_id": customer_id})
    return bool(row.any_held)


def held_by(session: Session, customer_id: int, *, lock: bool = False) -> Sequence[Entitlement]:
    """The entitlements of the customer and those that are for their whole organisation.

    `lock` holds those with an allowance, in the order of their numbers, until the commit: two cases may
    not both take the last of it.
    """
    holder, customer = aliased(Customer), aliased(Customer)
    found = session.scalars(
        select(Entitlement)
        .join(holder, holder.id == Entitlement.customer_id)
        .join(customer, customer.id == customer_id)
        .where(
            or_(
                Entitlement.customer_id == customer_id,
                and_(
                    Entitlement.whole_organisation,
                    holder.organisation_id == customer.organisation_id,
                ),
            )
        )
        .order_by(Entitlement.id)
        .execution_options(populate_existing=True)
    ).all()
    limited = [one.id for one in found if one.allowance is not None]
    if lock and limited:
        session.execute(
            select(Entitlement.id)
            .where(Entitlement.id.in_(limited))
            .order_by(Entitlement.id)
            .with_for_update(key_share=True)
        )
    return found


def used_of(session: Session, entitlement_ids: Collection[int], *, but: int) -> dict[int, int]:
    """How many cases each of them covers, but for one case and for those that were put into others."""
    rows = session.execute(
        select(CaseCover.entitlement_id, func.count())
        .join(Case, Case.id == CaseCover.case_id)
        .where(
            CaseCover.entitlement_id.in_(list(entitlement_ids)),
            CaseCover.standing == Standing.COVERED,
            CaseCover.case_id != but,
            Case.merged_into_id.is_(None),
        )
        .group_by(CaseCover.entitlement_id)
    )
    return {entitlement_id: count for entitlement_id, count in rows if entitlement_id is not None}


def first_words(session: Session, case_id: int) -> list[str]:
    """What the customer said first in a case."""
    return list(
        session.scalars(
            select(func.left(func.coalesce(func.nullif(Message.reply, ""), Message.text), 4_000))
            .where(Message.case_id == case_id, Message.kind == MessageKind.INBOUND)
            .order_by(Message.position)
            .limit(WORDS_LOOKED_AT)
        )
    )


def known_entitlements(session: Session, external_ids: Collection[str]) -> dict[str, Entitlement]:
    """Those that were stated before, by what their system calls them."""
    found: dict[str, Entitlement] = {}
    for some in in_parts(external_ids):
        for one in session.scalars(select(Entitlement).where(Entitlement.external_id.in_(some))):
            found[one.external_id] = one
    return found


def keep_entitlements(session: Session, rows: list[dict[str, Any]]) -> None:
    """Write new ones down."""
    for some in in_parts(rows):
        session.execute(insert(Entitlement), list(some))


def correct_entitlement(
    session: Session,
    entitlement_id: int,
    values: Mapping[str, Any],
    correction: EntitlementCorrection | None,
) -> None:
    """State it anew, and keep what was said before."""
    session.execute(update(Entitlement).where(Entitlement.id == entitlement_id).values(values))
    if correction is not None:
        session.add(correction)


def categories_named(session: Session) -> dict[str, int]:
    """The categories by their names in small letters; of two of one name, the older."""
    rows = session.execute(select(func.lower(Category.name), Category.id).order_by(Category.id.desc()))
    return {row[0]: row[1] for row in rows}


def category_of(session: Session, case: Case) -> tuple[str, frozenset[int]]:
    """What the case's category is called, and its number with that of the one above it."""
    category = session.get(Category, case.category_id) if case.category_id is not None else None
    if category is None:
        return "", frozenset()
    above = {category.parent_id} if category.parent_id is not None else set()
    return category.name, frozenset({category.id, *above})


def cases_leaning_on(session: Session, customer_ids: Collection[int]) -> list[Case]:
    """Cases of these customers, or of their organisations, that are work or are billed, held in order."""
    numbers: set[int] = set()
    for some in in_parts(customer_ids):
        colleague = aliased(Customer)
        theirs = or_(
            Case.customer_id.in_(some),
            exists().where(
                Customer.id == Case.customer_id,
                Customer.organisation_id == colleague.organisation_id,
                colleague.id.in_(some),
            ),
        )
        at_stake = or_(Case.status.in_(ACTIVE), Case.billable)
        numbers.update(
            session.scalars(select(Case.id).where(theirs, Case.merged_into_id.is_(None), at_stake))
        )
    held: list[Case] = []
    for some in in_parts(sorted(numbers)):
        held += session.scalars(
            select(Case)
            .where(Case.id.in_(some), Case.merged_into_id.is_(None))
            .order_by(Case.id)
            .with_for_update(of=Case)
            .execution_options(populate_existing=True)
        )
    return held
