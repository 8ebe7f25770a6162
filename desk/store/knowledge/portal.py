"""The customer's own door, kept: links that were asked for, sessions, and what a customer may read.

Everything about cases here is asked with the customer in the question: there is no other way to a
row, and a note or an event fits none of these questions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import Session

from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.conversation import Conversation
from desk.model.customer import Address, AddressKind, Customer
from desk.model.inbound import ChannelKind, Verdict
from desk.model.message import Attachment, AuthorKind, DeliveryState, Message, MessageKind
from desk.model.portal import PortalSession, SignInLink
from desk.store.customers.finding import past_merges

MOST_CASES = 200


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is signed in at the customer's door: an address that was proven, and whose it is.

    `customer_id` is None while the address is not verified, and opens nothing then. `addresses`
    are the verified ones of the customer, phone numbers among them. `time_zone` is empty where
    theirs is not known.
    """

    session_id: int
    address: str
    name: str
    csrf: str = field(repr=False)
    customer_id: int | None = None
    addresses: frozenset[str] = frozenset()
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as its customer knows it: the words of its first message, and of its latest."""

    case: Case
    first: Message
    last: Message


def undecided_links(session: Session, limit: int) -> Sequence[SignInLink]:
    """Links that were asked for and of which nobody has decided, oldest first, their rows held."""
    return session.scalars(
        select(SignInLink)
        .where(SignInLink.decided_at.is_(None))
        .order_by(SignInLink.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def links_mailed(session: Session, since: datetime, *, address: str | None = None) -> int:
    """How many links were mailed since a moment, to everybody or to one address."""
    held = [SignInLink.mailed, SignInLink.asked_at > since]
    held += [SignInLink.address == address] if address is not None else []
    return session.scalar(select(func.count(SignInLink.id)).where(*held)) or 0


def find_link(session: Session, secret_hash: str, *, lock: bool = False) -> SignInLink | None:
    statement = select(SignInLink).where(SignInLink.secret_hash == secret_hash)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.scalar(statement)


def channel_to(session: Session, address: str) -> Channel | None:
    """The mailbox that the address wrote to last, else any that is switched on."""
    usable = (Channel.kind == ChannelKind.EMAIL, Channel.enabled.is_(True))
    wrote_to = (
        select(Channel)
        .join(Message, Message.channel_id == Channel.id)
        .where(*usable, Message.author_address == address, Message.kind == MessageKind.INBOUND)
        .order_by(Message.at.desc())
        .limit(1)
    )
    return session.scalar(wrote_to) or session.scalar(
        select(Channel).where(*usable).order_by(Channel.id).limit(1)
    )


def find_guest(session: Session, secret_hash: str, now: datetime) -> Guest | None:
    """Whose live session it is, with what is true of their address now."""
    row = session.execute(
        select(PortalSession, Address, Customer)
        .join(Address, Address.id == PortalSession.address_id)
        .join(Customer, Customer.id == Address.customer_id)
        .where(
            PortalSession.secret_hash == secret_hash,
            PortalSession.ended_at.is_(None),
            PortalSession.expires_at > now,
        )
    ).one_or_none()
    if row is None:
        return None
    opened, address, customer = row[0], row[1], past_merges(session, row[2])
    return Guest(
        opened.id,
        address.value,
        customer.name,
        opened.csrf,
        customer.id if address.is_verified else None,
        _verified(session, customer.id) if address.is_verified else frozenset(),
        customer.time_zone or "",
    )


def _verified(session: Session, customer_id: int) -> frozenset[str]:
    return frozenset(
        session.scalars(
            select(Address.value).where(
                Address.customer_id == customer_id,
                Address.verified_at.is_not(None),
                Address.kind.in_((AddressKind.EMAIL, AddressKind.PHONE)),
            )
        )
    )


def cases_of(session: Session, guest: Guest) -> list[CaseLine]:
    """The guest's cases in which they can read something, the one with the latest word first."""
    first, last = _ends(session, guest, first=True), _ends(session, guest, first=False)
    cases = session.scalars(select(Case).where(Case.id.in_(list(last))))
    lines = [CaseLine(case, first[case.id], last[case.id]) for case in cases]
    return sorted(lines, key=lambda line: (line.last.at, line.case.id), reverse=True)[:MOST_CASES]


def _ends(session: Session, guest: Guest, *, first: bool) -> dict[int, Message]:
    place = Message.position if first else Message.position.desc()
    found = session.scalars(
        select(Message)
        .join(Case, Case.id == Message.case_id)
        .where(*_of(guest), _shown_to(guest))
        .ext(distinct_on(Message.case_id))
        .order_by(Message.case_id, place)
    )
    return {message.case_id: message for message in found}


def find_case_of(session: Session, guest: Guest, case_id: int) -> tuple[Case, Sequence[Message]] | None:
    """A case of the guest's own with what they may read of it, oldest first; None for any other."""
    case = session.scalar(select(Case).where(Case.id == case_id, *_of(guest)))
    if case is None:
        return None
    messages = session.scalars(
        select(Message)
        .join(Case, Case.id == Message.case_id)
        .where(Message.case_id == case.id, _shown_to(guest))
        .order_by(Message.position)
    ).all()
    return (case, messages) if messages else None


def find_file_of(session: Session, guest: Guest, case_id: int, token: str) -> Attachment | None:
    """A file of a message that the guest may read."""
    return session.scalar(
        select(Attachment)
        .join(Message, Message.id == Attachment.message_id)
        .join(Case, Case.id == Message.case_id)
        .where(Attachment.token == token, Case.id == case_id, *_of(guest), _shown_to(guest))
    )


def unproven_of(session: Session, guest: Guest) -> int:
    """How many messages somebody wrote under an address of the guest's; nobody proved that it was they."""
    theirs = select(Conversation.id).where(Conversation.customer_id == guest.customer_id)
    written = select(func.count(Message.id)).where(
        Message.conversation_id.in_(theirs),
        Message.kind == MessageKind.INBOUND,
        Message.author_kind == AuthorKind.CUSTOMER,
        Message.sequence.is_(None),
        func.lower(Message.author_address).in_(guest.addresses),
        Message.verdict == Verdict.NONE,
        Message.channel_id.not_in(_channels_of_senders()),
    )
    return session.scalar(written) or 0


def prove_written(session: Session, address: str, source_keys: Collection[str], why: str) -> None:
    """Who holds the address wrote the messages with these keys: they count as proven from now on."""
    session.execute(
        update(Message)
        .where(
            Message.source_key.in_(source_keys),
            Message.kind == MessageKind.INBOUND,
            func.lower(Message.author_address) == address,
            Message.verdict == Verdict.NONE,
        )
        .values(verdict=Verdict.PASS, verdict_source=why)
    )


def _of(guest: Guest) -> tuple[ColumnElement[bool], ...]:
    """The condition on `cases`: theirs, and not part of another one."""
    return (Case.customer_id == guest.customer_id, Case.merged_into_id.is_(None))


def _shown_to(guest: Guest) -> ColumnElement[bool]:
    """The condition on `messages`: what the guest wrote, what was written to an address of theirs, and
    what was said to them in a chat.

    A case may hold what an agent asked somebody else, and the answer; being part of the case does
    not make it the customer's. What is held may still be taken back. What somebody typed an address to,
    in a form, is theirs only once that was proven: an address may be mistyped, or meant for harm.
    """
    own = select(Conversation.id).where(Conversation.customer_id == guest.customer_id)
    recipients = func.jsonb_array_elements(
        Message.recipients_to.op("||", return_type=JSONB)(Message.recipients_cc)
    ).table_valued("value", joins_implicitly=True)
    address = func.lower(recipients.c.value.cast(JSONB)["address"].astext)
    to_them = select(1).select_from(recipients).where(address.in_(guest.addresses)).exists()
    from_theirs = and_(
        func.lower(Message.author_address).in_(guest.addresses),
        or_(
            Message.verdict == Verdict.PASS,
            and_(Message.verdict == Verdict.NONE, Message.channel_id.in_(_channels_of_senders())),
        ),
    )
    wrote = and_(
        Message.kind == MessageKind.INBOUND,
        Message.author_kind == AuthorKind.CUSTOMER,
        or_(from_theirs, Message.sequence.is_not(None)),
    )
    got = and_(
        Message.kind.in_((MessageKind.INBOUND, MessageKind.OUTBOUND)),
        Message.state.is_distinct_from(DeliveryState.HELD),
        # What has a sequence was seen by the visitor of this very conversation, who is the guest.
        or_(to_them, Message.sequence.is_not(None)),
    )
    return and_(Message.visible_to_customer, Message.conversation_id.in_(own), or_(wrote, got))


def _channels_of_senders() -> Select[int]:
    """Channels whose sender is where a message came from, and not what somebody typed into a field."""
    return select(Channel.id).where(Channel.kind.in_((ChannelKind.EMAIL, ChannelKind.SMS)))


def forget_old_links(session: Session, before: datetime) -> None:
    """Rows of links and sessions that ended before a moment, removed."""
    session.execute(delete(SignInLink).where(SignInLink.expires_at < before))
    session.execute(delete(PortalSession).where(PortalSession.expires_at < before))
