"""Visitors: a new browser on a chat channel, and the token it holds from then on."""

from __future__ import annotations

import secrets

from desk.model.channel import Channel
from desk.model.chat import Visitor
from desk.model.errors import NotFound
from desk.model.inbound import ChannelKind
from desk.store.channels import find_channel
from desk.store.chat.chats import KnownVisitor
from desk.store.people.sessions import hash_of
from desk.store.unit_of_work import Work

TOKEN_BYTES = 32
PUBLIC_BYTES = 16


def new_visitor(work: Work, site: str) -> tuple[str, Visitor]:
    """A browser that was never here before, and its token, which is told this once. Raises NotFound."""
    return make_visitor(work, chat_channel(work, site))


def chat_channel(work: Work, site: str) -> Channel:
    """The chat channel of a site key, where it is switched on. Raises NotFound."""
    found = find_channel(work.session, ChannelKind.CHAT, site)
    if found is None or not found.enabled:
        raise NotFound("There is no chat under this address.")
    return found


def make_visitor(work: Work, channel: Channel) -> tuple[str, Visitor]:
    """A visitor of the channel. 256 random bits, of which only the hash is kept."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    visitor = Visitor(
        public=secrets.token_hex(PUBLIC_BYTES),
        secret_hash=hash_of(token),
        channel_id=channel.id,
        created_at=work.now,
    )
    work.session.add(visitor)
    work.session.flush()
    return token, visitor


def known(visitor: Visitor, channel: Channel) -> KnownVisitor:
    """The visitor as its line knows it."""
    return KnownVisitor(visitor.id, visitor.public, channel.id, channel.address, visitor.secret_hash)
