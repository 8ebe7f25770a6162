"""A reply by text: the message and what carries it, in the agent's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from desk.actions.messages.arrivals import people_shown
from desk.actions.messages.reply_by_mail import LONGEST_HOLD
from desk.actions.messages.saying import answered, attach, place, said
from desk.actions.texts.templates import TemplateUse, Written, written_with
from desk.channels.sms.media import MMS_SEGMENTS, Carried, obstacle_to_files
from desk.channels.sms.numbers import is_whatsapp
from desk.channels.sms.segments import LONGEST_TEXT, segments_of
from desk.channels.sms.webhooks import new_mark
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.errors import Invalid
from desk.model.inbound import Participant
from desk.model.message import DeliveryState, Message, MessageKind
from desk.model.transit import TEXT, Outbox
from desk.store.messages.conversations import conversation_on, remember
from desk.store.messages.reading import files_of
from desk.store.unit_of_work import Work


def queue_text(
    work: Work,
    case: Case,
    channel: Channel,
    *,
    text: str,
    client_id: str,
    to: Participant,
    files: Sequence[str] = (),
    files_served: bool = False,
    template: TemplateUse | None = None,
    hold_seconds: int = 0,
) -> Message:
    """Put a text on its way to a number, with files as an MMS; it waits `hold_seconds`, for a change of mind.

    Raises Invalid for more than a text can be, and for files that cannot go; `files_served` says whether
    the provider can fetch ours.
    """
    written = written_with(channel, template) if template else Written(text.strip(), {})
    if template and files:
        raise Invalid("A template carries no files. Send them once they have answered.", "files")
    text = written.text
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"A text has {LONGEST_TEXT:,} characters at most; this one has {len(text):,}.", "text")
    channel_id = channel.id
    held = min(max(hold_seconds, 0), LONGEST_HOLD)
    conversation_id = conversation_on(work.session, case, channel_id, at=work.now)
    message = said(work, case, MessageKind.OUTBOUND, text, client_id)
    message.visible_to_customer = True
    message.conversation_id, message.channel_id = conversation_id, channel_id
    message.recipients_to = people_shown([to])
    message.state = DeliveryState.HELD if held else DeliveryState.QUEUED
    work.session.add(message)
    work.session.flush()
    attach(work, message, files)
    _refuse_files(work, channel, message, to.address, served=files_served)
    carrier = Outbox(
        channel_id=channel_id,
        kind=TEXT,
        internet_id=new_mark(),
        recipients={to.address: {"state": "queued"}},
        queued_at=work.now,
        not_before=work.now + timedelta(seconds=held),
        message_id=message.id,
        case_id=case.id,
        content={
            "segments": segments_counted(channel.address, text, len(files)),
            "before": place(case) if held else None,
            **({"template": written.content} if template else {}),
        },
    )
    work.session.add(carrier)
    # Whatever the number texts next belongs here.
    remember(work.line, channel_id, conversation_id, message_ids=(), participants=[to.address], at=work.now)
    work.session.flush()
    answered(work, case, message, carrier.id)
    return message


def segments_counted(channel_address: str, text: str, files: int) -> int:
    """What a text counts as against the limits: its segments, or what an MMS counts as."""
    return MMS_SEGMENTS if files and not is_whatsapp(channel_address) else segments_of(text).segments


def _refuse_files(work: Work, channel: Channel, message: Message, number: str, *, served: bool) -> None:
    work.session.flush()
    carried = [Carried(one.name, one.type, one.size) for one in files_of(work.session, [message.id])]
    obstacle = obstacle_to_files(
        carried,
        address=channel.address,
        part=channel.config["sms"],
        number=number,
        text=message.text,
        served=served,
    )
    if obstacle:
        raise Invalid(obstacle, "files")
