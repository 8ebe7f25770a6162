"""Setting up the ways customers reach us: adding, changing and switching off a channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from desk.actions.setup.audit import audit
from desk.actions.setup.channel_kinds import KINDS
from desk.actions.setup.channel_kinds.chat import new_identity_secret
from desk.model.channel import Channel, ChannelState
from desk.model.errors import Conflict, Invalid
from desk.model.events import ChannelChanged, SetupChanged
from desk.model.inbound import ChannelKind
from desk.model.message import Message
from desk.model.permission import Permission
from desk.model.queue import Queue
from desk.model.transit import Inbox
from desk.settings import Settings
from desk.store.channels import all_channels, get_channel
from desk.store.unit_of_work import Work
from desk.store.vault import Vault


def channels_shown(work: Work) -> list[dict[str, Any]]:
    """Every channel as its setup page shows it; never a secret."""
    return [channel_shown(channel) for channel in all_channels(work.session)]


def channel_shown(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "kind": channel.kind.value,
        "name": channel.name,
        "address": channel.address,
        "enabled": channel.enabled,
        "state": channel.state.value if channel.enabled else ChannelState.OFF.value,
        "trouble": channel.trouble,
        "acknowledge": channel.acknowledge,
        "queue_id": channel.queue_id,
        "last_mail_at": channel.last_inbound_at,
        **KINDS[channel.kind].shown(channel.config),
    }


def add_channel(work: Work, wanted: Mapping[str, Any], vault: Vault) -> Channel:
    """A new channel of the kind `wanted` names, email unless it does.

    Raises Conflict when the address is ours already, Invalid for bad values.
    """
    work.require(Permission.EDIT_CHANNELS)
    kind = ChannelKind(wanted.get("kind", ChannelKind.EMAIL))
    address = KINDS[kind].address(wanted.get("address") or "")
    _refuse_a_second(work, kind, address)
    channel = Channel(
        kind=kind,
        name=wanted.get("name") or address,
        address=address,
        created_at=work.now,
    )
    _apply(work, channel, wanted, vault)
    work.session.add(channel)
    work.session.flush()
    _tell(work, channel, "channel added")
    return channel


def change_channel(work: Work, channel_id: int, wanted: Mapping[str, Any], vault: Vault) -> Channel:
    """Change what is given and leave the rest, passwords included. Raises NotFound, Conflict, Invalid."""
    work.require(Permission.EDIT_CHANNELS)
    channel = get_channel(work.session, channel_id, lock=True)
    if "address" in wanted:
        address = KINDS[channel.kind].address(wanted["address"])
        _refuse_a_second(work, channel.kind, address, but=channel.id)
        channel.address = address
    _apply(work, channel, wanted, vault)
    _tell(work, channel, "channel changed")
    return channel


def rotate_identity_secret(work: Work, channel_id: int, vault: Vault) -> str:
    """A new secret for the shop to sign identities with, told this once; the old one is worth nothing now.

    Raises Invalid for a channel of another kind.
    """
    work.require(Permission.EDIT_CHANNELS)
    channel = get_channel(work.session, channel_id, lock=True)
    if channel.kind is not ChannelKind.CHAT:
        raise Invalid(f"{channel.name} is no chat: nobody signs an identity for it.")
    made = new_identity_secret()
    channel.secrets = vault.seal_values(vault.open_values(channel.secrets) | {"identity_secret": made})
    _tell(work, channel, "identity secret rotated")
    return made


def remove_channel(work: Work, channel_id: int) -> None:
    """Only a channel that never carried anything can go; any other is switched off. Raises Conflict."""
    work.require(Permission.EDIT_CHANNELS)
    channel = get_channel(work.session, channel_id, lock=True)
    carried = work.session.scalar(select(func.count()).where(Message.channel_id == channel.id)) or 0
    kept = work.session.scalar(select(func.count()).where(Inbox.channel_id == channel.id)) or 0
    if carried or kept:
        raise Conflict(
            f"{channel.name} has carried {max(carried, kept)} messages, which would lose their way. "
            "Switch it off instead."
        )
    _tell(work, channel, "channel removed")
    work.session.delete(channel)


def secrets_of(channel: Channel, vault: Vault) -> dict[str, str]:
    """The channel's passwords, opened. Raises Misconfigured when they were sealed with another key."""
    return vault.open_values(channel.secrets)


def trial_of(channel: Channel, settings: Settings) -> dict[str, Any]:
    """What trying the channel out looks at: its config, and the addresses of both ends."""
    return channel.config | {
        "id": channel.id,
        "address": channel.address,
        "public_url": settings.public_url,
        "twilio_api": settings.twilio_api,
    }


def _refuse_a_second(work: Work, kind: ChannelKind, address: str, but: int | None = None) -> None:
    taken = select(Channel.id).where(Channel.kind == kind, Channel.address == address)
    if but is not None:
        taken = taken.where(Channel.id != but)
    if work.session.scalar(taken):
        raise Conflict(f"{address} is a channel of this desk already.")


def _apply(work: Work, channel: Channel, wanted: Mapping[str, Any], vault: Vault) -> None:
    for name in ("name", "enabled", "acknowledge"):
        if wanted.get(name) is not None:
            setattr(channel, name, wanted[name])
    if "queue_id" in wanted:
        if wanted["queue_id"] is not None and work.session.get(Queue, wanted["queue_id"]) is None:
            raise Invalid(f"There is no queue {wanted['queue_id']}.", "queue_id")
        channel.queue_id = wanted["queue_id"]
    secrets = vault.open_values(channel.secrets)
    kind = KINDS[channel.kind]
    channel.config = kind.keep(wanted, channel.config, secrets)
    # Where mail is only handed over there is no mailbox to connect to, and nothing to wait for.
    connects = kind.connects(channel.config)
    channel.state, channel.trouble = ChannelState.CONNECTING if connects else ChannelState.OK, None
    channel.secrets = vault.seal_values(secrets) if secrets else None


def _tell(work: Work, channel: Channel, what: str) -> None:
    audit(work, what, f"channel:{channel.id}", {"address": channel.address, "enabled": channel.enabled})
    work.record(SetupChanged(table="channels", row_id=channel.id))
    work.record(ChannelChanged(channel_id=channel.id, state=channel.state.value))
