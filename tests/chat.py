"""A visitor in a test: their browser's token, and the line it speaks by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from desk.actions.chat.visitors import known, make_visitor
from desk.model.channel import Channel
from desk.model.inbound import ChannelKind
from desk.store.chat.chats import KnownVisitor
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_channel
from tests.security.line import Line

SITE = "site-of-the-shop"


@dataclass(frozen=True)
class Guest:
    """A visitor and the token their browser holds."""

    token: str
    known: KnownVisitor
    site: str


def a_chat_channel(store: Store, cast: Cast, site: str = SITE, **chat: Any) -> Channel:
    """A widget on the shop's pages, whose chats go to Support."""
    with store.unit_of_work(STAGE) as work:
        channel = a_channel(work, site, kind=ChannelKind.CHAT, queue=cast.support)
        channel.config = {"chat": {"sites": ["https://shop.example"], **chat}}
        return channel


def a_guest(store: Store, channel: Channel) -> Guest:
    """Somebody who has opened the widget."""
    with store.unit_of_work(STAGE) as work:
        token, visitor = make_visitor(work, channel)
        return Guest(token, known(visitor, channel), channel.address)


class VisitorLine(Line):
    """The line of a visitor's page; `auth` is what it shows."""

    namespace = "/visitor"

    def enter(self, guest: Guest, **auth: Any) -> bool:
        """Connect with the guest's token; whether we were let in."""
        return self.connect({"site": guest.site, "token": guest.token, **auth})

    def say(self, text: str, client_id: str | None = None, **more: Any) -> Any:
        return self.ask("say", {"client_id": client_id or uuid4().hex, "text": text, **more})


def texts(answer: dict[str, Any]) -> list[tuple[int, str]]:
    """What an answer to hello or since holds, in order."""
    return [(one["sequence"], one["text"]) for one in answer["messages"]]
