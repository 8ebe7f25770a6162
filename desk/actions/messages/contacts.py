"""Contacts that a program hands in: the same key is the same contact, however often it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from desk.actions.messages.receive import receive_message
from desk.channels.email.charsets import clean, one_line
from desk.customers.identity import normal_address
from desk.model.channel import Channel, ChannelState
from desk.model.contact_key import ContactKey
from desk.model.customer import AddressKind
from desk.model.errors import Conflict, Invalid
from desk.model.inbound import ChannelKind, InboundMessage, Participant
from desk.model.permission import Permission
from desk.store.channels import find_channel, keep_channel
from desk.store.holds import hold
from desk.store.unit_of_work import Work

CHANNEL = "api"
"""The channel that contacts come by when none is named."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A contact as a program describes it: one address of the sender, and what they said."""

    kind: AddressKind
    address: str
    text: str
    name: str = ""
    subject: str = ""
    channel: str = CHANNEL

    @property
    def digest(self) -> str:
        """What tells one contact from another under the same key."""
        said = [self.kind, self.address, self.text, self.name, self.subject, self.channel]
        return hashlib.sha256(json.dumps(said).encode("utf-8", "surrogatepass")).hexdigest()


def take_contact(work: Work, contact: HandedIn, key: str) -> ContactKey:
    """Let a contact in through the one door, once a key; the address is claimed.

    Raises Conflict when the key was used for something else, Invalid for what cannot be an address.
    """
    work.require(Permission.TAKE_CONTACTS)
    key_hash = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    hold(work.session, f"contact:{work.actor.key}:{key_hash}")
    known = work.session.scalar(
        select(ContactKey).where(ContactKey.agent_id == work.actor.agent_id, ContactKey.key_hash == key_hash)
    )
    if known is not None:
        if known.digest != contact.digest:
            raise Conflict("This Idempotency-Key was used for another contact. Make a new one.")
        return known
    channel = _channel(work, contact.channel)
    inbound = _inbound(contact, source_key=f"{work.actor.key}:{key_hash}")
    received = receive_message(work, inbound, channel_id=channel.id)
    kept = ContactKey(
        agent_id=work.actor.agent_id,
        key_hash=key_hash,
        digest=contact.digest,
        at=work.now,
        case_id=received.case_id,
        message_id=received.message_id,
        outcome=received.outcome,
    )
    work.session.add(kept)
    work.session.flush()
    return kept


def contact_shown(kept: ContactKey) -> dict[str, object]:
    """What the program is told, now and whenever it asks with the same key."""
    return {"case_id": kept.case_id, "message_id": kept.message_id, "outcome": kept.outcome}


def handed_in(sender: Mapping[str, str | None], *, text: str, subject: str, channel: str) -> HandedIn:
    """Read what a program said. Raises Invalid unless exactly one address of the sender is given."""
    kinds = {"email": AddressKind.EMAIL, "phone": AddressKind.PHONE, "external_id": AddressKind.EXTERNAL}
    given = [name for name in kinds if sender.get(name)]
    if len(given) != 1:
        raise Invalid("Give one of email, phone and external_id.", "from")
    kind = kinds[given[0]]
    address = normal_address(kind, sender[given[0]] or "")
    words = clean(text).strip()
    if not words:
        raise Invalid("There is nothing in it.", "text")
    return HandedIn(kind, address, words, one_line(sender.get("name") or ""), one_line(subject), channel)


def _inbound(contact: HandedIn, *, source_key: str) -> InboundMessage:
    return InboundMessage(
        channel=ChannelKind.API,
        source_key=source_key,
        sender=Participant(contact.address, contact.name),
        sender_kind=contact.kind,
        subject=contact.subject or " ".join(contact.text.split())[:80],
        text=contact.text,
        reply=contact.text,
    )


def _channel(work: Work, name: str) -> Channel:
    """The channel of this name, made when the first contact asks for it. Raises Invalid when it is off."""
    address = one_line(name).lower()[:100] or CHANNEL
    channel = find_channel(work.session, ChannelKind.API, address)
    if channel is None:
        made = Channel(
            kind=ChannelKind.API, name=f"Programs ({address})", address=address, created_at=work.now
        )
        made.state = ChannelState.OK
        channel = keep_channel(work.session, made)
    if not channel.enabled:
        raise Invalid(f"The channel “{channel.name}” is switched off.", "channel")
    return channel
