"""By which way a proactive message goes: what it can reach, which number of ours it leaves by, its cost."""

from __future__ import annotations

from typing import Any

from desk.channels.sms.numbers import (
    beginnings_of,
    consent_channel,
    countries_of,
    country_of,
    is_whatsapp,
    stop_sender,
)
from desk.model.channel import Channel
from desk.model.customer import AddressKind
from desk.model.inbound import ChannelKind
from desk.model.proactive import ProactiveMessage
from desk.store.insights.minute_cost import currency_of
from desk.store.knowledge.portal import channel_to
from desk.store.proactive.campaigns import segments_sent
from desk.store.proactive.segments import Reachable
from desk.store.texts.reading import text_channels
from desk.store.unit_of_work import Work


def lines_of(work: Work) -> list[Channel]:
    """Numbers of ours that may text somebody who has not written; WhatsApp takes approved templates only."""
    return [one for one in text_channels(work.session) if not is_whatsapp(one.address)]


def reachable(work: Work, way: ChannelKind) -> Reachable:
    """Whom this way leads to."""
    if way is not ChannelKind.SMS:
        return Reachable()
    lines = lines_of(work)
    countries = [country for one in lines for country in _countries(one)]
    return Reachable(
        AddressKind.PHONE,
        consent_channel(""),
        beginnings_of(countries),
        tuple(stop_sender(one.address, one.config["sms"]) for one in lines),
    )


def channel_for(work: Work, way: ChannelKind, address: str) -> Channel | None:
    """The mailbox or number of ours that it leaves by; None where none may write there."""
    if way is not ChannelKind.SMS:
        return channel_to(work.session, address)
    country = country_of(address)
    return next((one for one in lines_of(work) if country in _countries(one)), None)


def cost_of_texts(work: Work, message: ProactiveMessage) -> dict[str, Any] | None:
    """`{amount, currency}` of what left, by the price of a segment of each number; None where none is set."""
    currency = currency_of(work.session)
    if message.way is not ChannelKind.SMS or currency is None:
        return None
    sent = segments_sent(work.session, message.id)
    prices = {one.id: float(one.config["sms"].get("segment_price") or 0) for one in lines_of(work)}
    amount = sum(count * prices.get(channel_id, 0) for channel_id, count in sent.items())
    return {"amount": amount, "currency": currency} if any(prices.values()) else None


def _countries(channel: Channel) -> frozenset[str]:
    return countries_of(channel.address, channel.config["sms"].get("countries") or ())
