"""A row of the outbox as the mail that leaves: the same bytes, under the same Message-ID, at every try."""

from __future__ import annotations

import hashlib

from desk.actions.insights.questions_mail import KIND as QUESTIONS
from desk.actions.insights.scorecard_mail import KIND as SCORECARD
from desk.actions.knowledge.portal import KIND as SIGN_IN_LINK
from desk.actions.knowledge.portal import TEXT as LINK_TEXT
from desk.actions.knowledge.portal import link_secret
from desk.actions.mail.acknowledge import KIND as ACKNOWLEDGEMENT
from desk.actions.proactive.leaving import footer_of, leave_token
from desk.channels.email.compose import (
    OutgoingAddress,
    OutgoingFile,
    OutgoingMail,
    QuotedMessage,
    compose,
)
from desk.channels.email.dispatch import Letter
from desk.channels.email.hints import make_reply_token, reply_address
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.errors import Invalid
from desk.model.message import Message
from desk.model.portal import LINK_LASTS, SignInLink
from desk.model.transit import PROACTIVE, SURVEY, Outbox
from desk.store.messages.conversations import participants_of
from desk.store.messages.reading import files_of, get_message, ids_before, last_inbound
from desk.store.unit_of_work import Work

LONGEST_QUOTE = 20_000


def letter_for(work: Work, outgoing: Outbox, *, secret: str) -> Letter:
    """The mail to hand over now, to those who have neither got nor been refused it.

    Raises NotFound when one of its files is gone, and Invalid when it has nobody to go to: nothing
    ever leaves in part.
    """
    write = _AUTOMATIC.get(outgoing.kind, _reply)
    mail, envelope_from = write(work, outgoing, secret)
    waiting = [
        address for address, each in outgoing.recipients.items() if each.get("state") in ("queued", "later")
    ]
    return Letter(
        id=outgoing.id,
        envelope_from=envelope_from,
        recipients=tuple(waiting),
        raw=compose(mail),
        attempts=outgoing.attempts,
        first_try=outgoing.queued_at,
    )


def loop_id_of(secret: str) -> str:
    """The mark by which this desk knows its own automatic mail again."""
    return "desk-" + hashlib.sha256(b"loop mark\0" + secret.encode()).hexdigest()[:24]


def _reply(work: Work, outgoing: Outbox, secret: str) -> tuple[OutgoingMail, str]:
    assert outgoing.message_id is not None
    message = get_message(work.session, outgoing.message_id)
    case = work.session.get_one(Case, message.case_id)
    channel = work.session.get_one(Channel, outgoing.channel_id)
    answered = last_inbound(work.session, case.id, before=message.position)
    back = _way_back(channel, message.conversation_id, secret)
    subject = message.subject or case.subject
    mail = OutgoingMail(
        message_id=outgoing.internet_id,
        sender=OutgoingAddress(channel.address, _sender_name(channel, message)),
        to=tuple(OutgoingAddress(one["address"], one["name"]) for one in message.recipients_to),
        cc=tuple(OutgoingAddress(one["address"], one["name"]) for one in message.recipients_cc),
        subject=_answering(subject) if answered else subject,
        text=_signed(message.text, outgoing.content.get("signature", "")),
        date=outgoing.queued_at,
        reply_to=back,
        in_reply_to=answered.internet_id if answered else None,
        references=tuple(ids_before(work.session, case.id, message.position)),
        case_number=case.id,
        files=tuple(_files(work, message)),
        quoted=_quoted(work, message, answered),
    )
    return mail, back


def _acknowledgement(work: Work, outgoing: Outbox, secret: str) -> tuple[OutgoingMail, str]:
    """Nothing in it was chosen by who wrote to us; it leaves from nobody, so that nobody answers it."""
    channel = work.session.get_one(Channel, outgoing.channel_id)
    content = outgoing.content
    mail = OutgoingMail(
        message_id=outgoing.internet_id,
        sender=OutgoingAddress(channel.address, _channel_name(channel)),
        to=tuple(OutgoingAddress(address) for address in outgoing.recipients),
        subject=content["subject"],
        text=content["text"],
        date=outgoing.queued_at,
        reply_to=_way_back(channel, content["conversation_id"], secret),
        in_reply_to=content["in_reply_to"],
        case_number=outgoing.case_id,
        acknowledgement=True,
        loop_id=loop_id_of(secret),
    )
    return mail, ""


def _sign_in_link(work: Work, outgoing: Outbox, secret: str) -> tuple[OutgoingMail, str]:
    """The secret is made now, and stands nowhere but in the mail."""
    channel = work.session.get_one(Channel, outgoing.channel_id)
    content = outgoing.content
    link = work.session.get(SignInLink, content["link_id"])
    if link is None or not link.opens(work.now):
        raise Invalid("The link ended before it could be sent.")
    minutes = int(LINK_LASTS.total_seconds() // 60)
    address = f"{content['page']}{link_secret(secret, link.nonce)}"
    mail = OutgoingMail(
        message_id=outgoing.internet_id,
        sender=OutgoingAddress(channel.address, _channel_name(channel)),
        to=tuple(OutgoingAddress(one) for one in outgoing.recipients),
        subject=content["subject"],
        text=LINK_TEXT.format(name=content["name"], minutes=minutes, link=address),
        date=outgoing.queued_at,
        acknowledgement=True,
        loop_id=loop_id_of(secret),
    )
    return mail, ""


def _to_one_of_us(work: Work, outgoing: Outbox, secret: str) -> tuple[OutgoingMail, str]:
    """It leaves from nobody, so that no machine answers it into a case."""
    channel = work.session.get_one(Channel, outgoing.channel_id)
    mail = OutgoingMail(
        message_id=outgoing.internet_id,
        sender=OutgoingAddress(channel.address, _channel_name(channel)),
        to=tuple(OutgoingAddress(one) for one in outgoing.recipients),
        subject=outgoing.content["subject"],
        text=outgoing.content["text"],
        date=outgoing.queued_at,
        acknowledgement=True,
        loop_id=loop_id_of(secret),
    )
    return mail, ""


def _unasked(work: Work, outgoing: Outbox, secret: str) -> tuple[OutgoingMail, str]:
    """What nobody wrote to us for: it says how to get no more, by a link that stands nowhere but in it."""
    channel = work.session.get_one(Channel, outgoing.channel_id)
    content = outgoing.content
    leave = f"{content['page']}{leave_token(secret, outgoing.id)}"
    back = _way_back(channel, content.get("conversation_id"), secret)
    footer = footer_of(content["language"], content["name"])
    mail = OutgoingMail(
        message_id=outgoing.internet_id,
        sender=OutgoingAddress(channel.address, _channel_name(channel)),
        to=tuple(OutgoingAddress(one) for one in outgoing.recipients),
        subject=content["subject"],
        text=f"{content['text'].rstrip()}\n\n-- \n{footer}\n{leave}",
        date=outgoing.queued_at,
        reply_to=back if back != channel.address else None,
        leave=leave,
    )
    return mail, channel.address


_AUTOMATIC = {
    ACKNOWLEDGEMENT: _acknowledgement,
    SIGN_IN_LINK: _sign_in_link,
    SCORECARD: _to_one_of_us,
    QUESTIONS: _to_one_of_us,
    PROACTIVE: _unasked,
    SURVEY: _unasked,
}
"""Mail that no agent wrote, by the kind of its row."""


def _way_back(channel: Channel, conversation_id: int | None, secret: str) -> str:
    """The address that brings an answer, or a bounce, into the conversation.

    `plain_addresses` is for servers that refuse what stands behind a plus.
    """
    if conversation_id is None or channel.config.get("plain_addresses"):
        return channel.address
    return reply_address(channel.address, make_reply_token(secret.encode(), channel.id, conversation_id))


def _sender_name(channel: Channel, message: Message) -> str:
    shop = _channel_name(channel)
    return f"{message.author_name} · {shop}" if shop and message.author_name else message.author_name or shop


def _channel_name(channel: Channel) -> str:
    return str(channel.config.get("sender_name") or "")


def _signed(text: str, signature: str) -> str:
    """With the signature below the mark that mailers know it by (RFC 3676, 4.3)."""
    return f"{text.rstrip()}\n\n-- \n{signature}" if signature.strip() else text


def _answering(subject: str) -> str:
    return subject if subject[:3].lower() == "re:" else f"Re: {subject}"


def _quoted(work: Work, message: Message, answered: Message | None) -> QuotedMessage | None:
    """What is answered, below the answer; left out when somebody reads along who was not part of it."""
    if answered is None or not answered.visible_to_customer or not answered.reply.strip():
        return None
    if message.conversation_id is None or answered.conversation_id != message.conversation_id:
        return None
    readers = {one["address"].lower() for one in (*message.recipients_to, *message.recipients_cc)}
    here_before = {(answered.author_address or "").lower()}
    here_before |= {one["address"].lower() for one in (*answered.recipients_to, *answered.recipients_cc)}
    if not readers <= here_before | _long_known(work, message, readers):
        return None
    author = answered.author_name or answered.author_address or "the customer"
    return QuotedMessage(author, answered.at, answered.reply[:LONGEST_QUOTE])


def _long_known(work: Work, message: Message, readers: set[str]) -> set[str]:
    """Nobody becomes a reader of old words by being put into a copy of this very message."""
    assert message.conversation_id is not None
    new = {one["address"].lower() for one in message.recipients_cc}
    return (participants_of(work.session, message.conversation_id) & readers) - new


def _files(work: Work, message: Message) -> list[OutgoingFile]:
    return [
        OutgoingFile(
            file.name, file.type, work.files.get(file.sha256), file.content_id if file.inline else None
        )
        for file in files_of(work.session, [message.id])
    ]
