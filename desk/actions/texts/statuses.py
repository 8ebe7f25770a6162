"""How our texts fare: each status as the provider tells it, and what the message shows of them."""

from __future__ import annotations

from desk.actions.mail.deliveries import show_state
from desk.channels.sms.statuses import Reported, shown_of
from desk.model.message import DeliveryState
from desk.model.texting import SentText
from desk.model.transit import Outbox, OutboxState
from desk.store.messages.reading import get_message
from desk.store.outbox import get_outgoing
from desk.store.texts.reading import (
    find_by_mark,
    find_sent_text,
    keep_status,
    latest_sent_text,
    lock_text,
    statuses_of,
)
from desk.store.unit_of_work import Work


def note_status(
    work: Work, channel_id: int, message_sid: str, status: str, error_code: str | None, mark: str
) -> None:
    """A status was told. One of a text that we do not know yet is kept until we do.

    `mark` is ours and came back under the provider's signature: it shows which message was taken,
    also when the answer to our request never came.
    """
    lock_text(work.session, message_sid)
    keep_status(work.session, message_sid, status, error_code, work.now)
    known = find_sent_text(work.session, message_sid)
    if known is not None:
        show_status(work, get_outgoing(work.session, known.outbox_id), message_sid)
        return
    outgoing = find_by_mark(work.session, channel_id, mark) if mark else None
    if outgoing is not None:
        note_taken(work, outgoing, message_sid)


def note_taken(work: Work, outgoing: Outbox, message_sid: str) -> None:
    """The provider has the text under this number; the caller holds the row and `lock_text`."""
    if find_sent_text(work.session, message_sid) is None:
        work.session.add(SentText(message_sid=message_sid, outbox_id=outgoing.id, at=work.now))
        work.session.flush()
    if outgoing.state in (OutboxState.SENDING, OutboxState.UNCERTAIN, OutboxState.QUEUED):
        outgoing.state, outgoing.lease_until, outgoing.trouble = OutboxState.SENT, None, None
        outgoing.sent_at = outgoing.sent_at or work.now
    show_status(work, outgoing, message_sid)


def show_status(work: Work, outgoing: Outbox, message_sid: str) -> None:
    """What the statuses of the text's latest sending come to, shown where it changes anything."""
    latest = latest_sent_text(work.session, outgoing.id)
    if latest is None or latest.message_sid != message_sid:
        return
    reports = [Reported(one.status, one.error_code) for one in statuses_of(work.session, message_sid)]
    shown = shown_of(reports)
    state = shown.state if shown else DeliveryState.SENT
    sentence = shown.sentence if shown else "Twilio has it."
    failed = shown is not None and shown.is_failed
    each = {"state": "refused", "sentence": sentence[:300]} if failed else {"state": state.value}
    outgoing.recipients = dict.fromkeys(outgoing.recipients, each)
    outgoing.state = OutboxState.FAILED if failed else OutboxState.SENT
    if outgoing.message_id is None:
        return
    message = get_message(work.session, outgoing.message_id)
    if (message.state, message.state_sentence or "") != (state, sentence):
        show_state(work, message, state, sentence)
