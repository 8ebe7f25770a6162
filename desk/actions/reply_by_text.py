"""A reply by text: the message and what carries it, in the agent's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from desk.actions.arrivals import people_shown
from desk.actions.reply_by_mail import LONGEST_HOLD
from desk.actions.saying import answered, place, said
from desk.channels.sms.segments import LONGEST_TEXT, segments_of
from desk.channels.sms.webhooks import new_mark
from desk.model.case import Case
from desk.model.errors import Invalid
from desk.model.inbound import Participant
from desk.model.message import DeliveryState, Message, MessageKind
from desk.model.transit import TEXT, Outbox
from desk.store.conversations import conversation_on, remember
from desk.store.unit_of_work import Work


def queue_text(
    work: Work,
    case: Case,
    channel_id: int,
    *,
    text: str,
    client_id: str,
    to: Participant,
    files: Sequence[str] = (),
    hold_seconds: int = 0,
) -> Message:
    """Put a text on its way to a number; it waits `hold_seconds`, for a change of mind.

    Raises Invalid for more than a text can be, and for files.
    """
    text = text.strip()
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"A text has {LONGEST_TEXT:,} characters at most; this one has {len(text):,}.", "text")
    if files:
        raise Invalid("A text cannot carry files. Send them by mail, or leave them out.", "files")
    held = min(max(hold_seconds, 0), LONGEST_HOLD)
    conversation_id = conversation_on(work.session, case, channel_id, at=work.now)
    message = said(work, case, MessageKind.OUTBOUND, text, client_id)
    message.visible_to_customer = True
    message.conversation_id, message.channel_id = conversation_id, channel_id
    message.recipients_to = people_shown([to])
    message.state = DeliveryState.HELD if held else DeliveryState.QUEUED
    work.session.add(message)
    work.session.flush()
    carrier = Outbox(
        channel_id=channel_id,
        kind=TEXT,
        internet_id=new_mark(),
        recipients={to.address: {"state": "queued"}},
        queued_at=work.now,
        not_before=work.now + timedelta(seconds=held),
        message_id=message.id,
        case_id=case.id,
        content={"segments": segments_of(text).segments, "before": place(case) if held else None},
    )
    work.session.add(carrier)
    # Whatever the number texts next belongs here.
    remember(work.line, channel_id, conversation_id, message_ids=(), participants=[to.address], at=work.now)
    work.session.flush()
    answered(work, case, message, carrier.id)
    return message
