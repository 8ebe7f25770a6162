"""Channels, read: our own doors and their addresses."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.model.channel import Channel
from desk.model.errors import NotFound
from desk.model.inbound import ChannelKind


def all_channels(session: Session) -> Sequence[Channel]:
    return session.scalars(select(Channel).order_by(Channel.id)).all()


def mail_channels(session: Session) -> Sequence[Channel]:
    """The email channels that are switched on."""
    return session.scalars(
        select(Channel)
        .where(Channel.kind == ChannelKind.EMAIL, Channel.enabled.is_(True))
        .order_by(Channel.id)
    ).all()


def get_channel(session: Session, channel_id: int, *, lock: bool = False) -> Channel:
    """Raises NotFound."""
    statement = select(Channel).where(Channel.id == channel_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(statement)
    if found is None:
        raise NotFound(f"There is no channel {channel_id}.")
    return found


def find_by_name(session: Session, name: str) -> Channel | None:
    """A channel by its name or its address."""
    wanted = name.strip().lower()
    return session.scalar(
        select(Channel)
        .where((func.lower(Channel.name) == wanted) | (func.lower(Channel.address) == wanted))
        .order_by(Channel.id)
        .limit(1)
    )


def find_mail_channel(session: Session, address: str) -> Channel | None:
    """The email channel that an address without its reply token belongs to, switched on or not."""
    return session.scalar(
        select(Channel).where(Channel.kind == ChannelKind.EMAIL, func.lower(Channel.address) == address)
    )


def find_channel(session: Session, kind: ChannelKind, address: str) -> Channel | None:
    """The channel of a kind by its address, switched on or not."""
    return session.scalar(select(Channel).where(Channel.kind == kind, Channel.address == address))


def keep_channel(session: Session, channel: Channel) -> Channel:
    """Keep a new channel, or take the one that somebody else has just made with its kind and address."""
    values = {
        "kind": channel.kind,
        "name": channel.name,
        "address": channel.address,
        "created_at": channel.created_at,
        "config": {},
        "enabled": True,
        "acknowledge": False,
        "state": channel.state,
    }
    session.execute(
        insert(Channel).values(**values).on_conflict_do_nothing(index_elements=["kind", "address"])
    )
    return session.scalars(
        select(Channel).where(Channel.kind == channel.kind, Channel.address == channel.address)
    ).one()


def find_form_channel(session: Session) -> Channel | None:
    """The contact form, where one is switched on; the oldest of several."""
    return session.scalar(
        select(Channel)
        .where(Channel.kind == ChannelKind.FORM, Channel.enabled.is_(True))
        .order_by(Channel.id)
        .limit(1)
    )


def our_addresses(session: Session) -> frozenset[str]:
    """The addresses of all email channels, lower-cased."""
    return frozenset(
        session.scalars(select(func.lower(Channel.address)).where(Channel.kind == ChannelKind.EMAIL))
    )
