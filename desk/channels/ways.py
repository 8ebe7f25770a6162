"""The ways to answer a case: by which channel, to whom, and why; the best of them first."""

from __future__ import annotations

from collections.abc import Callable

from desk.channels.chat.ways import ways_by_chat
from desk.channels.email.ways import ways_by_email
from desk.channels.sms.ways import ways_by_text
from desk.channels.way import Way
from desk.model.inbound import ChannelKind
from desk.store.messages.reach import Reach

WAYS: dict[ChannelKind, Callable[[Reach], list[Way]]] = {
    ChannelKind.EMAIL: ways_by_email,
    ChannelKind.CHAT: ways_by_chat,
    ChannelKind.SMS: ways_by_text,
}
"""What each kind of channel offers, with the usual one of its ways first."""


def ways(reach: Reach) -> list[Way]:
    """Every way, those that are open first, and of these the one by which the customer wrote last."""
    found = [way for offered in WAYS.values() for way in offered(reach)]
    return sorted(found, key=lambda way: (way.obstacle is not None, reach.age(way.channel_id)))
