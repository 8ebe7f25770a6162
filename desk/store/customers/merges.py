"""What belongs to a customer, moved to another face and back again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from desk.model.case import Case, CaseChange
from desk.model.conversation import Conversation
from desk.model.customer import Address, Consent, Customer, CustomerMerge
from desk.model.entitlement import Entitlement
from desk.model.message import Message, MessageKind
from desk.model.purchase import Purchase

OWNED: tuple[tuple[str, Any], ...] = (
    ("addresses", Address),
    ("conversations", Conversation),
    ("cases", Case),
    ("purchases", Purchase),
    ("entitlements", Entitlement),
)
"""What moves as it is, in the order of the locks; consents are one a channel and go by their own rule."""


def both_faces(session: Session, one: int, other: int) -> dict[int, Customer]:
    """The two customers by number, locked in order; fewer where one is not there."""
    found = session.scalars(
        select(Customer)
        .where(Customer.id.in_((one, other)))
        .order_by(Customer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {customer.id: customer for customer in found}


def move_all(session: Session, from_id: int, to_id: int) -> dict[str, list[int]]:
    """Everything owned changes owner; the numbers of what moved, by table: the way back."""
    return {
        name: sorted(
            session.scalars(
                update(noun)
                .where(noun.customer_id == from_id)
                .values(customer_id=to_id)
                .returning(noun.id)
                .execution_options(synchronize_session=False)
            )
        )
        for name, noun in OWNED
    }


def move_back(session: Session, moved: dict[str, list[int]], from_id: int, to_id: int) -> list[int]:
    """What moved, and is still there, goes back; the numbers of the cases among it."""
    cases: list[int] = []
    for name, noun in OWNED:
        # A merge of long ago knows nothing of what came to be owned since.
        gone = session.scalars(
            update(noun)
            .where(noun.id.in_(moved.get(name, ())), noun.customer_id == from_id)
            .values(customer_id=to_id)
            .returning(noun.id)
            .execution_options(synchronize_session=False)
        ).all()
        if name == "cases":
            cases = sorted(gone)
    return cases


def move_later_work(session: Session, merge: CustomerMerge) -> list[int]:
    """Cases that came in by a moved address since the merge follow the address back."""
    values = select(Address.value).where(Address.id.in_(merge.moved["addresses"]))
    came_by = exists().where(
        Message.case_id == Case.id,
        Message.kind == MessageKind.INBOUND,
        Message.position == 1,
        Message.author_address.in_(values),
    )
    cases = session.scalars(
        update(Case)
        .where(Case.customer_id == merge.into_id, Case.opened_at >= merge.at, came_by)
        .values(customer_id=merge.merged_id)
        .returning(Case.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.execute(
        update(Conversation)
        .where(Conversation.case_id.in_(cases), Conversation.customer_id == merge.into_id)
        .values(customer_id=merge.merged_id)
        .execution_options(synchronize_session=False)
    )
    return sorted(cases)


def last_words(session: Session, from_id: int, to_id: int) -> list[dict[str, Any]]:
    """The consents of one face count for the other where they are newer, or the only ones.

    Returns, a channel each, what was said before (None: nothing), for the way back.
    """
    theirs = {c.channel: c for c in session.scalars(select(Consent).where(Consent.customer_id == to_id))}
    replaced: list[dict[str, Any]] = []
    for said in session.scalars(select(Consent).where(Consent.customer_id == from_id)).all():
        known = theirs.get(said.channel)
        if known is None:
            session.add(
                Consent(
                    customer_id=to_id,
                    channel=said.channel,
                    granted=said.granted,
                    at=said.at,
                    source=said.source,
                )
            )
            replaced.append({"channel": said.channel, "at": said.at.isoformat(), "before": None})
        elif known.at < said.at:
            before = {"granted": known.granted, "at": known.at.isoformat(), "source": known.source}
            replaced.append({"channel": said.channel, "at": said.at.isoformat(), "before": before})
            known.granted, known.at, known.source = said.granted, said.at, said.source
    return replaced


def former_words(session: Session, customer_id: int, replaced: list[dict[str, Any]]) -> None:
    """Undo `last_words`, but for what the customer has said since."""
    for change in replaced:
        same = and_(
            Consent.customer_id == customer_id,
            Consent.channel == change["channel"],
            Consent.at == datetime.fromisoformat(change["at"]),
        )
        if change["before"] is None:
            session.execute(delete(Consent).where(same))
            continue
        before = change["before"]
        session.execute(
            update(Consent)
            .where(same)
            .values(
                granted=before["granted"], source=before["source"], at=datetime.fromisoformat(before["at"])
            )
            .execution_options(synchronize_session=False)
        )


def write_on_cases(session: Session, case_ids: list[int], line: dict[str, Any]) -> None:
    """The same line of history for many cases, each with a new version."""
    if not case_ids:
        return
    session.execute(
        update(Case)
        .where(Case.id.in_(case_ids))
        .values(version=Case.version + 1)
        .execution_options(synchronize_session=False)
    )
    session.add_all(CaseChange(case_id=case_id, **line) for case_id in case_ids)


def live_merge_around(session: Session, customer_id: int) -> CustomerMerge | None:
    """The merge that put this face into another, while it stands."""
    return session.scalar(
        select(CustomerMerge).where(CustomerMerge.merged_id == customer_id, CustomerMerge.undone_at.is_(None))
    )


def later_merge(session: Session, merge: CustomerMerge) -> CustomerMerge | None:
    """A younger merge that holds what this one moved: it has to be undone first."""
    return session.scalar(
        select(CustomerMerge)
        .where(
            CustomerMerge.id > merge.id,
            CustomerMerge.undone_at.is_(None),
            or_(CustomerMerge.merged_id == merge.into_id, CustomerMerge.into_id == merge.merged_id),
        )
        .limit(1)
    )
