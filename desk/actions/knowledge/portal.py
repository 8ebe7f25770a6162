"""The customer's own door: a link by mail proves an address, and opens what its owner wrote and got.

Whoever asks for a link is told the same, whether we know the address or not: the request only keeps
a row, and the rest is decided later, by a worker.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from desk.actions.customers.profile import customer_for
from desk.actions.messages.contact_form import form_channel
from desk.actions.messages.receive import Received, receive_message
from desk.channels.email.compose import new_message_id
from desk.channels.form.inbound import WrittenFile, WrittenForm, inbound_from, source_key_of
from desk.model.case import Case
from desk.model.customer import AddressKind, normal_email
from desk.model.errors import Invalid, NotFound
from desk.model.events import LinkAsked
from desk.model.inbound import Verdict
from desk.model.message import Attachment, Message
from desk.model.portal import LINK_LASTS, LINK_ONCE_IN, SESSION_LASTS, PortalSession, SignInLink
from desk.model.transit import Outbox
from desk.store.customers.finding import find_owner
from desk.store.holds import hold
from desk.store.knowledge.portal import (
    CaseLine,
    Guest,
    cases_of,
    channel_to,
    find_case_of,
    find_file_of,
    find_guest,
    find_link,
    links_mailed,
    prove_written,
    undecided_links,
    unproven_of,
)
from desk.store.messages.conversations import conversation_on, lock_past_merges
from desk.store.messages.reading import files_of
from desk.store.people.sessions import hash_of
from desk.store.policies import policy
from desk.store.unit_of_work import Work

KIND = "sign_in_link"
SUBJECT = "Your link to your cases"
TEXT = (
    "Somebody, probably you, asked to see the cases of this address at {name}.\n\n"
    "Open this link and press the button. It works once, for {minutes} minutes:\n\n{link}\n\n"
    "If it was not you, do nothing: without the link nobody sees anything."
)
NOT_THERE = "There is no such case."
PROVEN_BY_LINK = "Written in the browser that opened a link mailed to this address."


def ask_for_link(work: Work, email: str, *, key: str) -> None:
    """Note that somebody wants a link to an address; what is none is noted nowhere."""
    try:
        address = normal_email(email)
    except Invalid:
        return
    nonce = secrets.token_urlsafe(32)
    link = SignInLink(
        address=address,
        nonce=nonce,
        secret_hash=hash_of(link_secret(key, nonce)),
        asked_at=work.now,
        expires_at=work.now + LINK_LASTS,
    )
    work.session.add(link)
    work.session.flush()
    work.record(LinkAsked(link_id=link.id))


def link_secret(key: str, nonce: str) -> str:
    """What stands in the link: 256 bits that only who has the desk's key and the nonce can make."""
    made = hmac.new(key.encode(), f"sign-in link\0{nonce}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def decide_links(work: Work, *, page: str, per_hour: int, limit: int = 50) -> int:
    """Mail the links that may be mailed: to addresses we know, seldom, and not to everybody at once.

    Returns how many were decided. `page` is the address that a link begins with.
    """
    links = undecided_links(work.session, limit)
    for link in links:
        if _may_be_mailed(work, link, per_hour):
            _mail(work, link, page)
        link.decided_at = work.now
        work.session.flush()
    return len(links)


def _may_be_mailed(work: Work, link: SignInLink, per_hour: int) -> bool:
    if not link.expires_at > work.now:
        return False
    hold(work.session, f"link:{link.address}")
    known = find_owner(work.session, AddressKind.EMAIL, link.address)
    if known is None or known[1].trouble:
        return False
    if links_mailed(work.session, link.asked_at - LINK_ONCE_IN, address=link.address):
        return False
    return links_mailed(work.session, work.now - timedelta(hours=1)) < per_hour


def _mail(work: Work, link: SignInLink, page: str) -> None:
    """The letter without its secret, which is put in when it leaves."""
    channel = channel_to(work.session, link.address)
    if channel is None:
        return
    link.mailed = True
    letter = Outbox(
        channel_id=channel.id,
        kind=KIND,
        internet_id=new_message_id(channel.address.rpartition("@")[2]),
        recipients={link.address: {"state": "queued"}},
        queued_at=work.now,
        not_before=work.now,
        content={
            "subject": SUBJECT,
            "name": policy(work.session, "desk_name", "") or channel.address,
            "page": page,
            "link_id": link.id,
        },
    )
    work.session.add(letter)


@dataclass(frozen=True, slots=True)
class OpenedPortal:
    """A session just opened; `secret` is given to the browser and kept nowhere."""

    secret: str


def open_by_link(work: Work, secret: str, written: Collection[str] = ()) -> OpenedPortal | None:
    """Sign in whoever reads the address's mail; None for a link that has ended, was used or never was.

    The mail has proven the address, by the rules that hold for any proof. `written` are the keys of forms
    that this very browser sent: those under this address are proven with it.
    """
    link = find_link(work.session, hash_of(secret), lock=True)
    if link is None or not link.opens(work.now):
        return None
    link.used_at = work.now
    customer_for(work, AddressKind.EMAIL, link.address, proven=True)
    owner = find_owner(work.session, AddressKind.EMAIL, link.address)
    assert owner is not None, "customer_for has kept the address"
    prove_forms(work, link.address, written)
    opened = secrets.token_urlsafe(32)
    work.session.add(
        PortalSession(
            secret_hash=hash_of(opened),
            address_id=owner[1].id,
            csrf=secrets.token_urlsafe(24),
            opened_at=work.now,
            expires_at=work.now + SESSION_LASTS,
        )
    )
    return OpenedPortal(opened)


def prove_forms(work: Work, address: str, keys: Collection[str]) -> None:
    """Forms sent by a browser that has proven the address: who holds the one wrote the other."""
    if keys:
        prove_written(work.session, address, [source_key_of(key) for key in keys], PROVEN_BY_LINK)


def guest_of(work: Work, secret: str) -> Guest | None:
    """Who holds this session; None when it ended."""
    return find_guest(work.session, hash_of(secret), work.now)


def leave_portal(work: Work, guest: Guest) -> None:
    """The session ends at the server."""
    work.session.get_one(PortalSession, guest.session_id).ended_at = work.now


@dataclass(frozen=True, slots=True)
class CaseRead:
    """A case as its customer reads it; `files` by message."""

    case: Case
    messages: Sequence[Message]
    files: dict[int, list[Attachment]]


def own_cases(work: Work, guest: Guest) -> list[CaseLine]:
    return cases_of(work.session, guest)


def unproven_messages(work: Work, guest: Guest) -> int:
    """How many messages stand under the guest's address whose words are not shown to them."""
    return unproven_of(work.session, guest) if guest.customer_id is not None else 0


def own_case(work: Work, guest: Guest, case_id: int) -> CaseRead:
    """Raises NotFound for a case of somebody else as for one that is not there."""
    found = find_case_of(work.session, guest, case_id)
    if found is None:
        raise NotFound(NOT_THERE)
    case, messages = found
    files: dict[int, list[Attachment]] = {}
    for file in files_of(work.session, [message.id for message in messages]):
        files.setdefault(file.message_id or 0, []).append(file)
    return CaseRead(case, messages, files)


def own_file(work: Work, guest: Guest, case_id: int, token: str) -> tuple[Attachment, bytes]:
    """A file and its bytes. Raises NotFound."""
    found = find_file_of(work.session, guest, case_id, token)
    if found is None:
        raise NotFound(NOT_THERE)
    return found, work.files.get(found.sha256)


def answer_from_portal(
    work: Work, guest: Guest, case_id: int, *, key: str, text: str, files: Sequence[WrittenFile] = ()
) -> Received:
    """What the customer writes on their own page goes on with the case; nobody has to guess who they are.

    Raises NotFound, Invalid, and Unavailable while no form is open.
    """
    title = title_of(own_case(work, guest, case_id).messages[0])
    channel = form_channel(work)
    form = WrittenForm(
        key=f"{guest.session_id}:{key}",
        email=guest.address,
        text=text,
        name=guest.name,
        subject=title,
        files=files,
    )
    hold(work.session, f"form:{form.key}")
    case = lock_past_merges(work.session, case_id)
    conversation_id = conversation_on(work.session, case, channel.id, at=work.now)
    inbound = inbound_from(form, verdict=Verdict.PASS, conversation_id=conversation_id)
    channel.last_inbound_at = work.now
    return receive_message(work, inbound, channel_id=channel.id)


def title_of(first: Message) -> str:
    """What the customer calls the case: their own subject or first words, never what an agent made of it."""
    subject = (first.subject or "").strip()
    return subject or " ".join(first.reply.split())[:80] or "…"
