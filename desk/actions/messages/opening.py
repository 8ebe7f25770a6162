"""A case that we begin: an agent writes to a customer first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desk.actions.cases.history import note_change
from desk.actions.clocks.deeds import keep_clocks
from desk.actions.customers.covers import judge_cover
from desk.actions.customers.profile import customer_for
from desk.actions.messages.opening_by_text import first_text, keep_their_word, number_given
from desk.actions.messages.reply import open_case_message
from desk.actions.messages.reply_by_text import queue_text
from desk.actions.routing.assignments import assign
from desk.actions.texts.templates import TemplateUse, written_with
from desk.channels.sms.inbound import called_by
from desk.channels.sms.ways import WINDOW_CLOSED
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.customer import AddressKind, Customer
from desk.model.errors import Invalid
from desk.model.events import CaseOpened
from desk.model.inbound import ChannelKind, Participant
from desk.model.permission import Permission
from desk.model.queue import Queue
from desk.sla.rules import Deed, What
from desk.store.messages.reading import by_client
from desk.store.routing.rules import triage_setup
from desk.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class FirstLetter:
    """What an agent writes first, by mail or by text; the same `client_id` again is the same letter.

    A text goes to one number and needs no subject; `agreed` says that its owner told the agent they may be
    texted. With a `template` its words are said, and not `text`. `files_served` says whether a provider can
    fetch files from this desk.
    """

    channel_id: int
    to: Sequence[str]
    subject: str
    text: str
    client_id: str
    cc: Sequence[str] = ()
    queue_id: int | None = None
    agreed: bool = False
    file_tokens: Sequence[str] = ()
    files_served: bool = False
    template: TemplateUse | None = None


def open_case(work: Work, letter: FirstLetter) -> Case:
    """A new case of whoever is written to first, with the letter on its way; it is the writer's own.

    Raises Invalid for a channel, a queue or an address that cannot be, and for a number not to be texted.
    """
    work.require(Permission.WORK_CASES)
    known = _known(work, letter.client_id)
    if known is not None:
        return known
    channel = work.session.get(Channel, letter.channel_id)
    if channel is None or channel.kind not in _BEGINNINGS or not channel.enabled:
        raise Invalid("Choose a channel for mail or texts that is switched on.", "channel_id")
    if not letter.to:
        raise Invalid("Nobody to send it to: add an address.", "to")
    return _BEGINNINGS[channel.kind](work, letter, channel)


def _by_mail(work: Work, letter: FirstLetter, channel: Channel) -> Case:
    if not letter.subject:
        raise Invalid("Give it a subject.", "subject")
    if letter.template:
        raise Invalid("A mail takes no template of WhatsApp’s: write it.", "template")
    customer = customer_for(work, AddressKind.EMAIL, letter.to[0])
    case = _opened(work, letter, channel, customer, letter.subject)
    open_case_message(
        work,
        case,
        channel,
        subject=letter.subject,
        text=letter.text,
        to=letter.to,
        cc=letter.cc,
        client_id=letter.client_id,
        files=letter.file_tokens,
    )
    return _told(work, case)


def _by_text(work: Work, letter: FirstLetter, channel: Channel) -> Case:
    if len(letter.to) > 1 or letter.cc:
        raise Invalid("A text goes to one number.", "to")
    number = number_given(letter.to[0])
    first = first_text(work, channel, number, agreed=letter.agreed)
    if first.obstacle:
        raise Invalid(first.obstacle, "to")
    if first.by_template and not letter.template:
        raise Invalid(WINDOW_CLOSED, "template")
    customer = customer_for(work, AddressKind.PHONE, number)
    if letter.agreed:
        keep_their_word(work, customer, channel)
    text = written_with(channel, letter.template).text if letter.template else letter.text
    if not text.strip() and not letter.file_tokens:
        raise Invalid("There is nothing in it to send.", "text")
    subject = letter.subject or called_by(text, len(letter.file_tokens))
    case = _opened(work, letter, channel, customer, subject)
    queue_text(
        work,
        case,
        channel,
        text=letter.text,
        client_id=letter.client_id,
        to=Participant(number, customer.name),
        files=letter.file_tokens,
        files_served=letter.files_served,
        template=letter.template,
    )
    return _told(work, case)


_BEGINNINGS: dict[ChannelKind, Callable[[Work, FirstLetter, Channel], Case]] = {
    ChannelKind.EMAIL: _by_mail,
    ChannelKind.SMS: _by_text,
}
"""How a case begins by each kind of channel that can reach somebody who has not written."""


def _opened(work: Work, letter: FirstLetter, channel: Channel, customer: Customer, subject: str) -> Case:
    case = Case(
        customer_id=customer.id,
        subject=subject,
        channel=channel.kind,
        opened_at=work.now,
        last_at=work.now,
        queue_id=_queue_id(work, letter, channel),
    )
    work.session.add(case)
    work.session.flush()
    note_change(work, case, "opened", f"{work.actor.name} wrote to {letter.to[0]}; the case was opened")
    keep_clocks(work, case, Deed(What.OPENED, f"{work.actor.name} wrote to {letter.to[0]}."))
    judge_cover(work, case)
    if work.actor.agent_id is not None:
        assign(work, case, work.actor.agent_id)
    return case


def _told(work: Work, case: Case) -> Case:
    work.record(
        CaseOpened(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            customer_id=case.customer_id,
            channel=case.channel.value,
            silent=True,
        )
    )
    return case


def _known(work: Work, client_id: str) -> Case | None:
    if work.actor.agent_id is None:
        return None
    sent = by_client(work.session, work.actor.agent_id, client_id)
    return None if sent is None else work.session.get_one(Case, sent.case_id)


def _queue_id(work: Work, letter: FirstLetter, channel: Channel) -> int | None:
    """The queue that was chosen, else the channel's, else the one for everything."""
    if letter.queue_id is None:
        return triage_setup(work.line).queue_of(channel.id)
    queue = work.session.get(Queue, letter.queue_id)
    if queue is None or not queue.active:
        raise Invalid("There is no such queue to choose.", "queue_id")
    return queue.id
