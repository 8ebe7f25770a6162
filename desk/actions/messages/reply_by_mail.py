"""A reply by mail: the message and the letter that carries it, in the agent's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from desk.actions.messages.arrivals import people_shown
from desk.actions.messages.saying import answered, attach, place, said, signature
from desk.channels.email.compose import new_message_id
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.customer import normal_email
from desk.model.errors import Invalid
from desk.model.inbound import Participant
from desk.model.message import DeliveryState, Message, MessageKind
from desk.model.transit import Outbox
from desk.store.channels import our_addresses
from desk.store.messages.conversations import conversation_on, remember
from desk.store.unit_of_work import Work

KIND = "reply"
LONGEST_HOLD = 60
MOST_RECIPIENTS = 50


def queue_mail(
    work: Work,
    case: Case,
    channel: Channel,
    *,
    text: str,
    client_id: str,
    to: Sequence[Participant],
    cc: Sequence[Participant],
    subject: str,
    files: Sequence[str] = (),
    hold_seconds: int = 0,
) -> Message:
    """Put a mail on its way to these people; it waits `hold_seconds`, for a change of mind.

    Raises Invalid for nobody to send it to, or a file that is not there.
    """
    if not to:
        raise Invalid("Nobody to send it to: add an address.", "to")
    conversation_id = conversation_on(work.session, case, channel.id, at=work.now)
    held = min(max(hold_seconds, 0), LONGEST_HOLD)
    leaves_at = work.now + timedelta(seconds=held)
    message = said(work, case, MessageKind.OUTBOUND, text, client_id)
    message.visible_to_customer = True
    message.conversation_id, message.channel_id = conversation_id, channel.id
    message.subject = subject[:998]
    message.recipients_to, message.recipients_cc = people_shown(to), people_shown(cc)
    message.internet_id = new_message_id(channel.address.rpartition("@")[2])
    message.state = DeliveryState.HELD if held else DeliveryState.QUEUED
    work.session.add(message)
    work.session.flush()
    attach(work, message, files)
    letter = Outbox(
        channel_id=channel.id,
        kind=KIND,
        internet_id=message.internet_id,
        recipients={one.address.lower(): {"state": "queued"} for one in (*to, *cc)},
        queued_at=work.now,
        not_before=leaves_at,
        message_id=message.id,
        case_id=case.id,
        content={"signature": signature(work), "before": place(case) if held else None},
    )
    work.session.add(letter)
    remember(
        work.line,
        channel.id,
        conversation_id,
        message_ids=[message.internet_id],
        participants=[one.address.lower() for one in (*to, *cc)],
        at=work.now,
        ours=True,
    )
    work.session.flush()
    answered(work, case, message, letter.id)
    return message


def recipients(work: Work, addresses: Sequence[str]) -> list[Participant]:
    """Addresses as the agent gave them, each once. Raises Invalid, also for our own: that would be a loop."""
    if len(addresses) > MOST_RECIPIENTS:
        raise Invalid(f"A message can go to {MOST_RECIPIENTS} people at most.", "to")
    found = list(dict.fromkeys(normal_email(one) for one in addresses))
    ours = our_addresses(work.session) if found else frozenset()
    for one in found:
        if one in ours:
            raise Invalid(f"{one} is our own address; the message would come back to us.", "to")
    return [Participant(one) for one in found]
