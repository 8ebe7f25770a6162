"""What of a channel only the whole desk can tell: is there somebody to answer, and a way to go on."""

from __future__ import annotations

from collections.abc import Callable

from desk.actions.routing.staffing import able_agents
from desk.channels.checked import Checked
from desk.model.channel import Channel
from desk.model.inbound import ChannelKind
from desk.store.channels import mail_channels
from desk.store.unit_of_work import Work


def checks_in_desk(work: Work, channel: Channel) -> list[Checked]:
    """The parts of a channel that depend on the rest of the desk; the others are in desk/channels."""
    return IN_DESK[channel.kind](work, channel) if channel.kind in IN_DESK else []


def _chat(work: Work, channel: Channel) -> list[Checked]:
    agents = able_agents(work, channel)
    mail = mail_channels(work.session)
    return [
        Checked("agents", True, f"{agents} {'agent' if agents == 1 else 'agents'} can be offered chats.")
        if agents
        else Checked("agents", False, "No agent can be offered a chat: add one to a team of its queue."),
        Checked("mail", True, f"Chats go on by mail from {mail[0].address}.")
        if mail
        else Checked("mail", False, "There is no email channel: a chat cannot go on by mail."),
    ]


def _form(work: Work, channel: Channel) -> list[Checked]:
    """Whether an answer could leave: nobody can be answered on a form."""
    mail = mail_channels(work.session)
    if not channel.enabled:
        return [Checked("form", False, "It is switched off: what is written is turned away.")]
    if not mail:
        return [Checked("mail", False, "There is no email channel: nobody who writes here can be answered.")]
    return [
        Checked("form", True, "It takes messages."),
        Checked("mail", True, f"Answers leave by mail from {mail[0].address}."),
    ]


IN_DESK: dict[ChannelKind, Callable[[Work, Channel], list[Checked]]] = {
    ChannelKind.CHAT: _chat,
    ChannelKind.FORM: _form,
    ChannelKind.API: _form,
}
"""By the kind of channel, what is asked of the desk."""
