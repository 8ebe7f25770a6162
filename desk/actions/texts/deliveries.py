"""A text on its way out: claimed, held back where it must not leave, and what became of it.

A text is never sent twice. Whoever does not know whether one was taken looks it up at the provider
before another try, so such a text stays uncertain until somebody could ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk.actions.mail.deliveries import note_account_trouble, note_account_works, note_failed
from desk.actions.proactive.holding_back import held_back
from desk.actions.texts.statuses import note_taken
from desk.channels.sms.numbers import countries_of, country_named, country_of, prefix_of, stop_sender
from desk.model.channel import Channel
from desk.model.message import DeliveryState
from desk.model.transit import Outbox, OutboxState
from desk.store.messages.reading import files_of, get_message
from desk.store.outbox import LEASE, get_outgoing, next_due
from desk.store.texts.reading import (
    find_sent_text,
    is_stopped,
    keep_status,
    keep_stop,
    latest_sent_text,
    lock_text,
)
from desk.store.texts.spends import spend
from desk.store.unit_of_work import Work

SEGMENTS_A_NUMBER = 100
"""A day, to a single number: nobody reads more, and who pumps wants more."""


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """One text to hand over. `doubtful` ones may have been taken: look before another try."""

    outbox_id: int
    number: str
    body: str
    mark: str
    attempts: int
    queued_at: datetime
    doubtful: bool
    file_tokens: tuple[str, ...] = ()
    template: Mapping[str, Any] | None = None


def claim_text(work: Work, channel: Channel) -> OutgoingText | None:
    """The channel's next text, marked as on its way; None when nothing is due.

    One that must not leave is failed here, with the reason, and the next is taken.
    """
    while outgoing := next_due(work.session, channel.id, work.now):
        doubtful = outgoing.state is OutboxState.UNCERTAIN
        if not doubtful and held_back(work, outgoing):
            work.session.flush()
            continue
        outgoing.state, outgoing.lease_until = OutboxState.SENDING, work.now + LEASE
        outgoing.attempts += 1
        number = next(iter(outgoing.recipients))
        obstacle = None if doubtful else _obstacle(work, channel, outgoing, number)
        if obstacle:
            note_failed(work, outgoing.id, obstacle)
            work.session.flush()
            continue
        message = get_message(work.session, outgoing.message_id) if outgoing.message_id else None
        if message is not None:
            message.state = DeliveryState.SENDING
        return OutgoingText(
            outbox_id=outgoing.id,
            number=number,
            body=message.text if message else outgoing.content["text"],
            mark=outgoing.internet_id,
            attempts=outgoing.attempts,
            queued_at=outgoing.queued_at,
            doubtful=doubtful,
            template=outgoing.content.get("template"),
            file_tokens=tuple(one.token for one in files_of(work.session, [message.id])) if message else (),
        )
    return None


def note_accepted(work: Work, outbox_id: int, message_sid: str, status: str | None) -> None:
    """The provider has taken it, under this number of its own."""
    lock_text(work.session, message_sid)
    if status:
        keep_status(work.session, message_sid, status, None, work.now)
    outgoing = get_outgoing(work.session, outbox_id)
    note_taken(work, outgoing, message_sid)
    note_account_works(work, outgoing.channel_id)


def note_opted_out(work: Work, channel: Channel, text: OutgoingText, sentence: str) -> None:
    """The provider knows of a STOP that we have not heard; now we have."""
    sender = stop_sender(channel.address, channel.config["sms"])
    keep_stop(work.session, sender, text.number, stopped=True, source="told by Twilio", at=work.now)
    note_failed(work, text.outbox_id, sentence)


def found_among(work: Work, text: OutgoingText, message_sids: list[str]) -> str | None:
    """The one of these that must be this text, oldest first: not taken for another message of ours.

    Until the commit nobody else decides on it: two texts with the same words, both in doubt, would
    otherwise be told from one and the same that both have left.
    """
    for sid in message_sids:
        lock_text(work.session, sid)
        known = find_sent_text(work.session, sid)
        if known is None or known.outbox_id == text.outbox_id:
            return sid
    return None


def is_settled(work: Work, text: OutgoingText) -> bool:
    """Whether a status with our mark has shown meanwhile that it was taken."""
    sent = latest_sent_text(work.session, text.outbox_id)
    return sent is not None and get_outgoing(work.session, text.outbox_id).state is not OutboxState.SENDING


def _obstacle(work: Work, channel: Channel, outgoing: Outbox, number: str) -> str | None:
    """Why it must not leave now, though it could when it was written."""
    part = channel.config["sms"]
    if is_stopped(work.session, stop_sender(channel.address, part), number):
        return f"{number} has asked for no more texts (STOP)."
    if country_of(number) not in countries_of(channel.address, part.get("countries") or ()):
        return f"This channel may not text {country_named(number)}. An administrator can allow it."
    if outgoing.content.get("spent"):
        return None
    limit = int(part["daily_limit"])
    most = {"": limit, prefix_of(number): max(limit // 2, 1), number: min(SEGMENTS_A_NUMBER, limit)}
    used_up = spend(work.session, channel.id, work.now.date(), int(outgoing.content["segments"]), most)
    if used_up is None:
        outgoing.content = outgoing.content | {"spent": True}
        return None
    whom = f" to {used_up}" if used_up == number else f" to numbers like {used_up}…" if used_up else ""
    sentence = f"Today's limit of {most[used_up]} segments{whom} is used up."
    if used_up != number:
        note_account_trouble(work, channel.id, sentence)
    return f"{sentence} Send it again tomorrow, or ask an administrator to raise it."
