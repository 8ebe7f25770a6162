"""Answering by text: to the number that wrote, or to one of the customer's where they agreed to it."""

from __future__ import annotations

from desk.channels.sms.numbers import (
    consent_channel,
    countries_of,
    country_named,
    country_of,
    e164,
    is_whatsapp,
    stop_sender,
)
from desk.channels.way import Way
from desk.model.customer import AddressKind
from desk.model.inbound import ChannelKind, Participant
from desk.store.messages.reach import Door, Reach
from desk.store.texts.reach import TextDoor, TextReach

WINDOW_CLOSED = "They have not written within 24 hours; WhatsApp then takes approved templates only."


def ways_by_text(reach: Reach) -> list[Way]:
    """By each number of ours that is switched on; the usual one first."""
    return [_way(reach, door) for door in reach.doors_of(ChannelKind.SMS)]


def _way(reach: Reach, door: Door) -> Way:
    numbers = numbers_of(reach)
    if not numbers:
        unknown = "No phone number of this customer is known. You can add one."
        return Way(ChannelKind.SMS, door.channel_id, door.name, (), "Nobody to text yet.", unknown)
    number = _best(reach, door, numbers)
    obstacle = obstacle_in(reach, door.channel_id, number)
    return Way(
        ChannelKind.SMS,
        door.channel_id,
        door.name,
        (Participant(number, reach.name),),
        _reason(reach, number),
        obstacle,
        by_template=obstacle == WINDOW_CLOSED,
    )


def numbers_of(reach: Reach) -> list[str]:
    """Every number that leads to the customer: those in the case, then their own, the proven ones first."""
    own = [one.value for one in reach.known(AddressKind.PHONE)]
    return list(dict.fromkeys([*reach.texts.numbers, *own]))


def obstacle_in(reach: Reach, channel_id: int, number: str) -> str | None:
    """Why the number cannot be texted in this case now, in a sentence; None where it can."""
    name = consent_channel(reach.texts.doors[channel_id].address)
    return obstacle_to(reach.texts, reach.consents.get(name), channel_id, number)


def obstacle_to(texts: TextReach, consent: bool | None, channel_id: int, number: str) -> str | None:
    """Why the number cannot be texted through this channel now, in a sentence; None where it can.

    `consent` is the last word of its owner about being written to in this way; None without one.
    """
    ours: TextDoor = texts.doors[channel_id]
    if e164(number) is None:
        return f"{number} is a sender that cannot be answered."
    if (stop_sender(ours.address, ours.part), number) in texts.stopped:
        return f"{number} asked for no more texts (STOP). They can text START to change it."
    if consent is False:
        return "The customer does not want to be texted."
    if consent is None and (channel_id, number) not in texts.wrote:
        return "The customer has neither texted this number nor agreed to be texted."
    if country_of(number) not in countries_of(ours.address, ours.part.get("countries") or ()):
        return f"This channel may not text {country_named(number)}. An administrator can allow it."
    if is_whatsapp(ours.address) and (channel_id, number) not in texts.lately:
        return WINDOW_CLOSED
    return None


def _best(reach: Reach, door: Door, numbers: list[str]) -> str:
    """The first that can be texted; where none can, the first, so that the agent reads why."""
    open_ones = (one for one in numbers if obstacle_in(reach, door.channel_id, one) is None)
    return next(open_ones, numbers[0])


def _reason(reach: Reach, number: str) -> str:
    if number in reach.texts.numbers:
        return "This number takes part in the case."
    known = next(one for one in reach.known(AddressKind.PHONE) if one.value == number)
    if known.verified:
        return "It is a confirmed number of the customer."
    return "The customer named this number; nobody has confirmed that it is theirs."
