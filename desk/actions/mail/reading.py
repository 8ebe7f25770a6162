"""One raw mail on its way through the door: what kind it is, and what becomes of it, in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from desk.actions.mail.reports import receive_report
from desk.actions.messages.receive import Received, receive_message
from desk.channels.email.hints import hints, verified_conversation
from desk.channels.email.inbound import inbound_from
from desk.channels.email.loops import reason_to_ignore
from desk.channels.email.parsed import Outcome, ParsedMail
from desk.channels.email.trust import Judgement
from desk.model.events import MailQuarantined
from desk.model.inbound import ThreadingHints
from desk.store.failpoints import failpoint
from desk.store.inbox import Claimed, find_same_raw, finish, quarantine
from desk.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class House:
    """What reading needs to know of ourselves."""

    addresses: Collection[str]
    secret: str
    loop_id: str


def take_in(work: Work, kept: Claimed, mail: ParsedMail, house: House, judgement: Judgement) -> Received:
    """Let in one mail that is held, and note what became of it. Raises Conflict when another of its thread
    was faster.
    """
    received = _received(work, kept, mail, house, judgement)
    failpoint("inside_receive")
    finish(
        work.line,
        kept.id,
        received.outcome,
        received.reason,
        case_id=received.case_id,
        sender=mail.sender.address if mail.sender else None,
        subject=mail.subject,
    )
    return received


def set_aside(work: Work, kept: Claimed, reason: str) -> None:
    """Into quarantine, where people see it."""
    if quarantine(work.session, kept.id, reason):
        work.record(MailQuarantined(inbox_id=kept.id, channel_id=kept.channel_id))


def _received(work: Work, kept: Claimed, mail: ParsedMail, house: House, judgement: Judgement) -> Received:
    hinted = hints(mail)
    conversation_id = _proven(hinted, kept.channel_id, house.secret)
    if mail.outcome in (Outcome.BOUNCE, Outcome.DELIVERY_REPORT):
        return receive_report(
            work,
            mail.bounce,
            channel_id=kept.channel_id,
            named=(*mail.in_reply_to, *mail.references),
            conversation_id=conversation_id,
            delivered=mail.outcome is Outcome.DELIVERY_REPORT,
        )
    reason = reason_to_ignore(mail, house.addresses, our_loop_id=house.loop_id)
    if reason:
        return Received("ignored", None, None, reason)
    if not mail.message_id and not mail.date:
        earlier = find_same_raw(work.session, kept.channel_id, kept.sha256, kept.id)
        if earlier:
            return Received("duplicate", earlier.case_id, None, "The very same mail was received before.")
    inbound = inbound_from(
        mail,
        source_key=kept.source_key,
        judgement=judgement,
        our_addresses=house.addresses,
        our_loop_id=house.loop_id,
    )
    inbound = replace(
        inbound,
        conversation_id=conversation_id,
        suspicions=tuple(_as_sentence(one) for one in inbound.suspicions),
        text=f"[{kept.notice}]\n\n{inbound.text}" if kept.notice else inbound.text,
        reply=f"[{kept.notice}]\n\n{inbound.reply}" if kept.notice else inbound.reply,
    )
    return receive_message(work, inbound, channel_id=kept.channel_id, inbox_id=kept.id, silent=kept.silent)


def _proven(hinted: ThreadingHints, channel_id: int, secret: str) -> int | None:
    """The conversation that a token of ours in one of its addresses leads to."""
    for token in hinted.reply_tokens:
        conversation_id = verified_conversation(token, secret.encode(), channel_id)
        if conversation_id is not None:
            return conversation_id
    return None


def _as_sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith(".") else ".")
