"""Proactive messages, whom they concern now, whom they told, and counts to compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from desk.model.case import Case
from desk.model.customer import Address, AddressKind, Consent, Customer
from desk.model.errors import NotFound
from desk.model.proactive import ProactiveMessage, ProactiveRecipient, ProactiveState
from desk.model.proposal import Proposal
from desk.model.purchase import Purchase
from desk.model.survey import Survey
from desk.model.topic import Topic
from desk.model.transit import Outbox, OutboxState

EMAIL = "email"


def get_proactive(session: Session, message_id: int, *, lock: bool = False) -> ProactiveMessage:
    """Raises NotFound."""
    found = session.get(ProactiveMessage, message_id, with_for_update=lock or None)
    if found is None:
        raise NotFound(f"There is no proactive message {message_id}.")
    return found


def proactive_messages(session: Session) -> list[tuple[ProactiveMessage, str]]:
    """All, with the name of their topic; the newest first."""
    rows = session.execute(
        select(ProactiveMessage, Topic.name)
        .join(Proposal, Proposal.id == ProactiveMessage.proposal_id)
        .join(Topic, Topic.id == Proposal.topic_id)
        .order_by(ProactiveMessage.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def running_messages(session: Session) -> Sequence[int]:
    return session.scalars(
        select(ProactiveMessage.id)
        .where(ProactiveMessage.state == ProactiveState.RUNNING)
        .order_by(ProactiveMessage.id)
    ).all()


def standing_message_of(session: Session, proposal_id: int) -> int | None:
    """The message of a proposal that is a draft or runs."""
    return session.scalar(
        select(ProactiveMessage.id).where(
            ProactiveMessage.proposal_id == proposal_id, ProactiveMessage.state != ProactiveState.STOPPED
        )
    )


def message_carried(session: Session, outbox_id: int) -> tuple[ProactiveMessage, Customer] | None:
    """What a row of the outbox carries, and to whom."""
    row = session.execute(
        select(ProactiveMessage, Customer)
        .join(ProactiveRecipient, ProactiveRecipient.message_id == ProactiveMessage.id)
        .join(Customer, Customer.id == ProactiveRecipient.customer_id)
        .where(ProactiveRecipient.outbox_id == outbox_id)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def customer_carried(session: Session, outbox_id: int) -> int | None:
    """To whom a proactive message or a survey in a row of the outbox goes."""
    told = select(ProactiveRecipient.customer_id).where(ProactiveRecipient.outbox_id == outbox_id)
    asked = select(Case.customer_id).join(Survey).where(Survey.outbox_id == outbox_id)
    return session.scalar(
        select(func.coalesce(Customer.merged_into_id, Customer.id)).where(Customer.id.in_(told.union(asked)))
    )


def may_be_told(session: Session, customer_id: int, address: str, *, kind: AddressKind, consent: str) -> bool:
    """Whether they still agree to it, and the address is still theirs, proven and working."""
    owned = select(Address.id).where(
        Address.customer_id == customer_id,
        Address.kind == kind,
        Address.value == address,
        Address.verified_at.is_not(None),
        Address.trouble.is_(None),
    )
    agreed = select(Consent.id).where(
        Consent.customer_id == customer_id, Consent.channel == consent, Consent.granted
    )
    return bool(session.scalar(select(owned.exists() & agreed.exists())))


def withdraw_carried(session: Session, message_id: int, sentence: str) -> None:
    """What waits of a message does not leave any more."""
    carried = select(ProactiveRecipient.outbox_id).where(ProactiveRecipient.message_id == message_id)
    session.execute(
        update(Outbox)
        .where(Outbox.id.in_(carried), Outbox.state == OutboxState.QUEUED)
        .values(state=OutboxState.WITHDRAWN, trouble=sentence)
        .execution_options(synchronize_session=False)
    )


def topic_now(session: Session, message: ProactiveMessage) -> int:
    """The topic that it is about, or into which that was merged."""
    found = session.scalars(
        select(func.coalesce(Topic.merged_into_id, Topic.id))
        .join(Proposal, Proposal.topic_id == Topic.id)
        .where(Proposal.id == message.proposal_id)
    )
    return found.one()


def order_statuses(session: Session, since: datetime) -> Sequence[str]:
    """The states in which orders since then are, as the systems that sell call them."""
    return session.scalars(
        select(Purchase.status)
        .where(Purchase.bought_at >= since, Purchase.status != "")
        .group_by(Purchase.status)
        .order_by(func.count().desc())
        .limit(30)
    ).all()


def recipients_counted(session: Session, message_id: int) -> dict[str, int]:
    """How many were told or are about to be, how many were held out, how many did not arrive, and the
    segments of the texts that left."""
    row = session.execute(
        select(
            func.count().filter(~ProactiveRecipient.held).label("told"),
            func.count().filter(ProactiveRecipient.held).label("held"),
            func.count().filter(Outbox.state == OutboxState.SENT).label("sent"),
            func.count()
            .filter(Outbox.state.in_((OutboxState.FAILED, OutboxState.WITHDRAWN)))
            .label("not_sent"),
            func.coalesce(
                func.sum(Outbox.content["segments"].as_integer()).filter(Outbox.state == OutboxState.SENT), 0
            ).label("segments"),
        )
        .select_from(ProactiveRecipient)
        .outerjoin(Outbox, Outbox.id == ProactiveRecipient.outbox_id)
        .where(ProactiveRecipient.message_id == message_id)
    ).one()
    return dict(row._mapping)


def segments_sent(session: Session, message_id: int) -> dict[int, int]:
    """The segments of the texts that left, by the channel they left by."""
    rows = session.execute(
        select(Outbox.channel_id, func.sum(Outbox.content["segments"].as_integer()))
        .join(ProactiveRecipient, ProactiveRecipient.outbox_id == Outbox.id)
        .where(ProactiveRecipient.message_id == message_id, Outbox.state == OutboxState.SENT)
        .group_by(Outbox.channel_id)
    )
    return {row[0]: int(row[1] or 0) for row in rows}


def contact_counts(session: Session, message: ProactiveMessage, now: datetime, zone: str) -> Sequence[Any]:
    """`{week, percent, held, people, contacts}`: who asked of the topic within the days of the message, of
    those whose days are over. Each person counts once, and nobody whose turn came after it was stopped.
    """
    within = timedelta(days=message.within_days)
    asked = {
        "message": message.id,
        "topic": topic_now(session, message),
        "within": within,
        "until": min(now, message.stopped_at + within) if message.stopped_at else now,
        "zone": zone,
    }
    return session.execute(_CONTACTS, asked).all()


_CONTACTS = text(
    """
    WITH reached AS (
      SELECT DISTINCT ON (person) coalesce(f.merged_into_id, f.id) AS person, r.held, r.percent, r.due_at
      FROM proactive_recipients r JOIN customers f ON f.id = r.customer_id
      WHERE r.message_id = :message ORDER BY person, r.due_at, r.id
    )
    SELECT date_trunc('week', r.due_at AT TIME ZONE :zone)::date AS week, percent, held, count(*) AS people,
      count(*) FILTER (WHERE EXISTS (SELECT FROM cases c JOIN questions q ON q.case_id = c.id
        WHERE c.customer_id = r.person AND q.topic_id = :topic AND q.asked_at > r.due_at
          AND q.asked_at <= r.due_at + CAST(:within AS interval))) AS contacts
    FROM reached r WHERE r.due_at + CAST(:within AS interval) <= :until
    GROUP BY 1, 2, 3
    """
)
