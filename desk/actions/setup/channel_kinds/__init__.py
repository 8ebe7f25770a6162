"""The kinds of channel, each with what it keeps of what an administrator gives: the one table to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from desk.actions.setup.channel_kinds import chat, email, plain, sms
from desk.model.inbound import ChannelKind

Config = dict[str, Any]
Secrets = dict[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """`address` makes an address as it is kept; `keep` puts given parts into config and secrets, which
    it may change, and raises Invalid or Misconfigured; `shown` is what a setup page may see of a config.
    `connects` says whether a process of ours holds a line to its server, whose state is waited for.
    """

    address: Callable[[str], str]
    keep: Callable[[Mapping[str, Any], Config, Secrets], Config]
    shown: Callable[[Config], dict[str, Any]]
    connects: Callable[[Config], bool] = lambda _: False


KINDS: dict[ChannelKind, Kind] = {
    ChannelKind.EMAIL: Kind(
        address=email.address, keep=email.keep, shown=email.shown, connects=email.connects
    ),
    ChannelKind.SMS: Kind(address=sms.address, keep=sms.keep, shown=sms.shown),
    ChannelKind.CHAT: Kind(address=chat.address, keep=chat.keep, shown=chat.shown),
    ChannelKind.FORM: Kind(address=plain.address, keep=plain.keep, shown=plain.shown),
    ChannelKind.API: Kind(address=plain.address, keep=plain.keep, shown=plain.shown),
}
