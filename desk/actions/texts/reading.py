"""One kept text on its way through the door, with what it asks of the line, in one transaction."""

from __future__ import annotations

from desk.actions.cases.history import add_event
from desk.actions.insights.surveys import Answered, keep_score, score_in, survey_answered_by
from desk.actions.messages.receive import Received, receive_message
from desk.channels.sms.inbound import IncomingText, inbound_from, text_from
from desk.channels.sms.numbers import consent_channel, stop_sender
from desk.channels.sms.wishes import MAY_BE_AN_ANSWER, Wish
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.customer import AddressKind
from desk.model.events import CustomerChanged, MediaAwaited
from desk.model.texting import MediaFetch
from desk.store.customers.finding import find_owner, keep_consent
from desk.store.failpoints import failpoint
from desk.store.inbox import Claimed, finish, hold_kept
from desk.store.texts.reading import conversation_with, is_stopped, keep_stop, lock_number
from desk.store.unit_of_work import Work


def take_in_text(work: Work, kept: Claimed) -> Received:
    """Let one text in and note what became of it.

    Raises UnreadableMail for what is no text, Conflict when somebody else was faster.
    """
    text = text_from(kept.raw)
    hold_kept(work.line, [kept.id])
    channel = work.session.get_one(Channel, kept.channel_id)
    lock_number(work.session, channel.id, text.sender)
    sender = stop_sender(channel.address, channel.config["sms"])
    was_stopped = is_stopped(work.session, sender, text.sender)
    conversation_id = conversation_with(work.session, channel.id, text.sender)
    survey = None
    if not text.media_urls:
        survey = survey_answered_by(work, text.body, conversation_id=conversation_id, channel_id=channel.id)
    inbound = inbound_from(
        text,
        conversation_id=conversation_id,
        quiet=survey is not None or _is_quiet(text, was_stopped=was_stopped),
    )
    received = receive_message(work, inbound, channel_id=channel.id, inbox_id=kept.id, silent=kept.silent)
    if received.outcome != "duplicate":
        _hear(work, channel, text, received, was_stopped=was_stopped)
        if survey is not None:
            given = Answered(score_in(text.body) or 0, survey.effort, survey.comment or "")
            keep_score(work, survey, given)
        _await_files(work, channel, text, received)
    failpoint("inside_receive")
    finish(
        work.line,
        kept.id,
        received.outcome,
        received.reason,
        case_id=received.case_id,
        sender=text.sender,
        subject=inbound.subject,
    )
    return received


def _is_quiet(text: IncomingText, *, was_stopped: bool) -> bool:
    """A word to the line alone wakes nobody; one that may be an answer to a person does."""
    if text.body.strip().casefold() in MAY_BE_AN_ANSWER or text.media_urls:
        return False
    return text.wish is Wish.STOP or (text.wish is Wish.START and was_stopped)


def _hear(work: Work, channel: Channel, text: IncomingText, received: Received, *, was_stopped: bool) -> None:
    """STOP and START, on our own list and among the customer's consents. Twilio has answered already."""
    if text.wish is Wish.STOP:
        wanted, sentence = False, f"{text.sender} asked for no more texts. Nothing is sent there any more."
    elif text.wish is Wish.START and was_stopped:
        wanted, sentence = True, f"{text.sender} asked for texts again."
    else:
        return
    source = f"texted {text.body.strip()[:20]} to {channel.address}"
    keep_stop(
        work.session,
        stop_sender(channel.address, channel.config["sms"]),
        text.sender,
        stopped=not wanted,
        source=source,
        at=work.now,
    )
    customer_id = _customer_id(work, text, received)
    if customer_id is not None:
        name = consent_channel(channel.address)
        keep_consent(work.session, customer_id, name, granted=wanted, source=source, at=work.now)
        work.record(CustomerChanged(customer_id=customer_id))
    if received.case_id is not None:
        add_event(work, work.session.get_one(Case, received.case_id), sentence)


def _customer_id(work: Work, text: IncomingText, received: Received) -> int | None:
    if received.case_id is not None:
        return work.session.get_one(Case, received.case_id).customer_id
    owner = find_owner(work.session, AddressKind.PHONE, text.sender)
    return owner[0].id if owner else None


def _await_files(work: Work, channel: Channel, text: IncomingText, received: Received) -> None:
    """The words are there at once; the files follow when they are fetched."""
    if received.message_id is None or not text.media_urls:
        return
    work.session.add_all(
        MediaFetch(
            message_id=received.message_id, channel_id=channel.id, place=place, url=url, not_before=work.now
        )
        for place, url in enumerate(text.media_urls)
    )
    work.record(MediaAwaited(channel_id=channel.id))
