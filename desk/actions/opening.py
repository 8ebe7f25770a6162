"""A case that we begin: an agent writes to a customer first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desk.actions.assignments import assign
from desk.actions.clocks import keep_clocks
from desk.actions.covers import judge_cover
from desk.actions.customers import customer_for
from desk.actions.history import note_change
from desk.actions.reply import open_case_message
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.customer import AddressKind
from desk.model.errors import Invalid
from desk.model.events import CaseOpened
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission
from desk.model.queue import Queue
from desk.sla.rules import Deed, What
from desk.store.messages import by_client
from desk.store.rules import triage_setup
from desk.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class FirstLetter:
    """What an agent writes first; the same `client_id` again is the same letter."""

    channel_id: int
    to: Sequence[str]
    subject: str
    text: str
    client_id: str
    cc: Sequence[str] = ()
    queue_id: int | None = None


def open_case_with_mail(work: Work, letter: FirstLetter) -> Case:
    """A new case of whoever is written to first, with the letter on its way; it is the writer's own.

    Raises Invalid for a channel, a queue or an address that cannot be.
    """
    work.require(Permission.WORK_CASES)
    known = _known(work, letter.client_id)
    if known is not None:
        return known
    channel = work.session.get(Channel, letter.channel_id)
    if channel is None or channel.kind is not ChannelKind.EMAIL or not channel.enabled:
        raise Invalid("Choose an email channel that is switched on.", "channel_id")
    if not letter.to:
        raise Invalid("Nobody to send it to: add an address.", "to")
    customer = customer_for(work, AddressKind.EMAIL, letter.to[0])
    case = Case(
        customer_id=customer.id,
        subject=letter.subject,
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
    open_case_message(
        work,
        case,
        channel,
        subject=letter.subject,
        text=letter.text,
        to=letter.to,
        cc=letter.cc,
        client_id=letter.client_id,
    )
    work.record(
        CaseOpened(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            customer_id=customer.id,
            channel=channel.kind.value,
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
