"""Answering by mail: to who wrote last, or to the customer's own addresses."""

from __future__ import annotations

from desk.channels.way import Way
from desk.model.customer import AddressKind
from desk.model.inbound import ChannelKind, Participant
from desk.model.message import Message
from desk.store.messages.reach import Reach


def ways_by_email(reach: Reach) -> list[Way]:
    """By each email channel that is switched on; the usual one first."""
    to, reason = _recipients(reach)
    obstacle = None if to else "No email address of this customer is known. You can add one."
    return [
        Way(ChannelKind.EMAIL, door.channel_id, door.name, to, reason, obstacle)
        for door in reach.doors_of(ChannelKind.EMAIL)
    ]


def default_recipients(answered: Message | None) -> tuple[Participant, ...]:
    """Whom an answer goes to: the sender, or the address they ask for when it is of the same domain.

    Another domain may be a thief's; the agent is shown it, and may choose it.
    """
    if answered is None or "@" not in (answered.author_address or ""):
        return ()
    address = answered.author_address or ""
    domain = address.rpartition("@")[2].lower()
    asked = tuple(
        Participant(one["address"], one["name"])
        for one in answered.reply_to
        if one["address"].rpartition("@")[2].lower() == domain
    )
    return asked or (Participant(address, answered.author_name),)


def _recipients(reach: Reach) -> tuple[tuple[Participant, ...], str]:
    writer = default_recipients(reach.last)
    if writer:
        return writer, f"{writer[0].name or writer[0].address} wrote from there last."
    known = reach.known(AddressKind.EMAIL)
    if not known:
        return (), "Nobody to write to yet."
    reason = "It is a confirmed address of the customer."
    if not known[0].verified:
        reason = "The customer named this address; nobody has confirmed that it is theirs."
    return (Participant(known[0].value, reach.name),), reason
