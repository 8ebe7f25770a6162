"""Trying a channel out: every part of it speaks to its server, and nothing is fetched or sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from desk.channels.chat.checking import check_chat
from desk.channels.checked import Checked
from desk.channels.email.checking import check_email
from desk.channels.sms.checking import check_sms
from desk.model.inbound import ChannelKind

Check = Callable[[Mapping[str, Any], Mapping[str, str]], list[Checked]]

CHECKS: dict[ChannelKind, Check] = {
    ChannelKind.EMAIL: check_email,
    ChannelKind.SMS: check_sms,
    ChannelKind.CHAT: check_chat,
}
"""How each kind is tried, with its config as `trial_of` completes it, and its opened secrets; a form has no
server to try."""


def check_channel(kind: ChannelKind, config: Mapping[str, Any], secrets: Mapping[str, str]) -> list[Checked]:
    """Each part with what is wrong, if anything is. Whatever a server does ends in a sentence."""
    return CHECKS[kind](config, secrets) if kind in CHECKS else []
