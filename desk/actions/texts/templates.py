"""The templates of a WhatsApp number: kept as the account lists them, and one of them written with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from desk.actions.setup.audit import audit
from desk.channels.sms.numbers import is_whatsapp
from desk.channels.sms.templates import Template, filled, variables_of
from desk.model.channel import Channel
from desk.model.errors import Invalid
from desk.model.events import SetupChanged
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission
from desk.store.channels import get_channel
from desk.store.unit_of_work import Work

KEPT = "templates"


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """A template that an agent chose, with what goes into its places."""

    sid: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """How it reads, and what is handed over for it."""

    text: str
    content: dict[str, Any]


def whatsapp_channel(work: Work, channel_id: int) -> Channel:
    """Raises Invalid for a channel that has no templates, NotFound for none."""
    channel = get_channel(work.session, channel_id)
    if channel.kind is not ChannelKind.SMS or not is_whatsapp(channel.address):
        raise Invalid(f"{channel.name} is no WhatsApp number: it has no templates.")
    return channel


def keep_templates(work: Work, channel_id: int, templates: Sequence[Template]) -> None:
    """What the account lists now takes the place of what it listed before."""
    work.require(Permission.EDIT_CHANNELS)
    whatsapp_channel(work, channel_id)
    channel = get_channel(work.session, channel_id, lock=True)
    channel.config = channel.config | {KEPT: [asdict(one) for one in templates]}
    audit(work, "templates fetched", f"channel:{channel.id}", {"templates": len(templates)})
    work.record(SetupChanged(table="channels", row_id=channel.id))


def templates_shown(work: Work, channel_id: int) -> list[dict[str, Any]]:
    """Every template that is kept, those to be used first."""
    work.require(Permission.READ_CASES)
    found = _kept(whatsapp_channel(work, channel_id))
    return [
        asdict(one) | {"places": one.places, "approved": one.is_approved}
        for one in sorted(found, key=lambda one: not one.is_approved)
    ]


def written_with(channel: Channel, use: TemplateUse) -> Written:
    """The text that leaves. Raises Invalid for a template that may not be used, or is not filled in."""
    template = next((one for one in _kept(channel) if one.sid == use.sid), None)
    if template is None:
        raise Invalid("This channel has no such template. Fetch them anew under Setup, Channels.", "template")
    if not template.is_approved:
        raise Invalid(f"WhatsApp has not approved “{template.name}”: it is {template.status}.", "template")
    text = filled(template, use.values)
    return Written(text, {"sid": template.sid, "variables": variables_of(template, use.values)})


def _kept(channel: Channel) -> list[Template]:
    return [Template(**one) for one in channel.config.get(KEPT) or ()]
