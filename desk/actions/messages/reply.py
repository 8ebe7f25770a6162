"""Answering: a reply by one of the ways to the customer, a note that never leaves, taking a reply back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from desk.actions.cases.access import case_for
from desk.actions.cases.deeds import resolve_case
from desk.actions.clocks.deeds import take_back_reply
from desk.actions.messages.reply_by_chat import say_in_chat
from desk.actions.messages.reply_by_mail import queue_mail, recipients
from desk.actions.messages.reply_by_text import queue_text
from desk.actions.messages.saying import attach, restore, said
from desk.actions.messages.shown import message_shown
from desk.actions.messages.ways import chosen_number, way_to
from desk.actions.routing.assignments import assign
from desk.actions.texts.templates import TemplateUse
from desk.channels.way import Way
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.events import NoteAdded, ReplyWithdrawn
from desk.model.inbound import ChannelKind
from desk.model.message import Attachment, AuthorKind, Message, MessageKind
from desk.model.permission import Permission
from desk.model.transit import OutboxState
from desk.store.messages.reading import by_client, files_of, get_message, last_inbound, newer_than
from desk.store.outbox import find_for_message
from desk.store.unit_of_work import Work

LONGEST_TEXT = 200_000


class Then(StrEnum):
    """What becomes of the case with the reply."""

    RESOLVE = "resolve"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as the agent wrote it. It leaves by the channel named, else by the best way there is;
    without `to` it goes to whom that way leads.

    `client_id` is made by the agent's screen: the same one again is the same reply.
    `last_seen_position` is the newest message the agent had read; `files_served` says whether a provider
    can fetch files from this desk. With a `template` its words are said, and not `text`.
    """

    text: str
    client_id: str
    channel_id: int | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    file_tokens: tuple[str, ...] = ()
    files_served: bool = False
    template: TemplateUse | None = None
    last_seen_position: int | None = None
    hold_seconds: int = 0
    then: Then | None = None


def send_reply(work: Work, case_id: int, reply: Reply) -> Message:
    """Put an answer on its way: the message and what carries it, in one transaction.

    Raises Conflict with the newer messages when somebody else has said something since the agent
    looked; Invalid for text, recipients or files that cannot be sent.
    """
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    known = _known(work, reply.client_id)
    if known is not None:
        return known
    way = checked_way(work, case, reply)
    message = REPLIES[way.kind](work, case, way, reply)
    if case.assignee_id is None and work.actor.agent_id is not None:
        assign(work, case, work.actor.agent_id)
    if reply.then is Then.RESOLVE and case.is_active:
        resolve_case(work, case.id, "Answered")
    elif reply.then is Then.WAIT and case.is_active:
        case.wait_for_customer()
    return message


def checked_way(work: Work, case: Case, reply: Reply) -> Way:
    """The way by which the answer would leave; the caller holds the case. Raises as `send_reply`."""
    _check_open(case)
    way = way_to(work, case, reply.channel_id, named=bool(reply.to), by_template=reply.template is not None)
    if way.kind is not ChannelKind.SMS or not (reply.file_tokens or reply.template):
        check_text(reply.text)
    if reply.last_seen_position is not None:
        _refuse_when_others_spoke(work, case, reply.last_seen_position, way)
    return way


def open_case_message(
    work: Work,
    case: Case,
    channel: Channel,
    *,
    subject: str,
    text: str,
    to: Sequence[str],
    cc: Sequence[str],
    client_id: str,
    files: Sequence[str] = (),
) -> Message:
    """The first message of a case that we begin; the caller has made and holds the case."""
    check_text(text)
    return queue_mail(
        work,
        case,
        channel,
        text=text,
        client_id=client_id,
        to=recipients(work, to),
        cc=recipients(work, cc),
        subject=subject,
        files=files,
    )


def add_note(
    work: Work,
    case_id: int,
    text: str,
    client_id: str,
    mentions: Iterable[int] = (),
    file_tokens: Sequence[str] = (),
) -> Message:
    """A private note: seen by colleagues only, for ever. The same `client_id` again is the same note."""
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    return _noted(work, case, text, client_id, mentions, file_tokens)


def whisper(work: Work, case_id: int, text: str, client_id: str) -> Message:
    """A word to the agent who has the case, shown to them at once and never to the customer.

    Raises Invalid where nobody has it.
    """
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    if case.assignee_id is None:
        raise Invalid("Nobody has this case: there is no one to whisper to.")
    return _noted(work, case, text, client_id, [case.assignee_id], whisper_to=case.assignee_id)


def _noted(
    work: Work,
    case: Case,
    text: str,
    client_id: str,
    mentions: Iterable[int],
    file_tokens: Sequence[str] = (),
    *,
    whisper_to: int | None = None,
) -> Message:
    known = _known(work, client_id)
    if known is not None:
        return known
    check_text(text)
    mentioned = sorted(set(mentions))
    note = said(work, case, MessageKind.NOTE, text, client_id)
    note.mentions, note.whisper = mentioned, whisper_to is not None
    work.session.add(note)
    work.session.flush()
    attach(work, note, file_tokens)
    case.last_at = work.now
    case.version += 1
    work.record(
        NoteAdded(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            message_id=note.id,
            position=note.position,
            mentions=tuple(mentioned),
            whisper_to=whisper_to,
        )
    )
    return note


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A reply that came back before it left: for the composer."""

    text: str
    files: list[Attachment]


def withdraw_reply(work: Work, message_id: int) -> Withdrawn:
    """Undo the sending while the reply is held. Raises Conflict when it has left already."""
    message = get_message(work.session, message_id)
    case = case_for(work, message.case_id, to=Permission.WORK_CASES, lock=True)
    if message.agent_id != work.actor.agent_id:
        raise NotFound("Only who sent a reply can take it back.")
    letter = find_for_message(work.session, message_id)
    if (
        letter is None
        or letter.state is not OutboxState.QUEUED
        or letter.attempts
        or letter.not_before <= work.now
    ):
        raise Conflict("The reply has left already.", {"state": message.state})
    before = letter.content["before"] or {}
    letter.state, letter.message_id = OutboxState.WITHDRAWN, None
    files = list(files_of(work.session, [message.id]))
    for file in files:
        file.message_id, file.uploader_id = None, work.actor.agent_id
    work.session.flush()
    work.session.delete(message)
    restore(work, case, before)
    take_back_reply(work, case, message.id)
    work.record(
        ReplyWithdrawn(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            message_id=message.id,
            position=message.position,
        )
    )
    return Withdrawn(message.text, files)


def _known(work: Work, client_id: str) -> Message | None:
    if work.actor.agent_id is None:
        return None
    return by_client(work.session, work.actor.agent_id, client_id)


def check_text(text: str) -> None:
    """Raises Invalid for words that are none, or too many."""
    if not text.strip():
        raise Invalid("There is nothing in it to send.", "text")
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"The text has {len(text):,} characters; {LONGEST_TEXT:,} are possible.", "text")


def _check_open(case: Case) -> None:
    if case.merged_into_id is not None:
        raise Invalid(f"Case {case.id} is part of case {case.merged_into_id}; answer there.")


def _refuse_when_others_spoke(work: Work, case: Case, last_seen: int, way: Way) -> None:
    """In a live chat both speak at once: there only a colleague's words hold an answer back."""
    newer = newer_than(work.session, case.id, last_seen, but_of=work.actor.agent_id)
    if way.kind is ChannelKind.CHAT:
        newer = [message for message in newer if message.author_kind is AuthorKind.AGENT]
    if newer:
        raise Conflict(
            "Something was said in this case while you wrote.",
            {
                "messages": [message_shown(work, case, message.id) for message in newer],
                "position": case.last_position,
            },
        )


def _by_mail(work: Work, case: Case, way: Way, reply: Reply) -> Message:
    answered = last_inbound(work.session, case.id)
    return queue_mail(
        work,
        case,
        work.session.get_one(Channel, way.channel_id),
        text=reply.text,
        client_id=reply.client_id,
        to=recipients(work, reply.to) or way.to,
        cc=recipients(work, reply.cc),
        subject=answered.subject if answered and answered.subject else case.subject,
        files=reply.file_tokens,
        hold_seconds=reply.hold_seconds,
    )


def _by_chat(work: Work, case: Case, way: Way, reply: Reply) -> Message:
    """What is said in a chat is said: it is never held, or a later word could stand before it."""
    return say_in_chat(work, case, reply.text, reply.client_id, reply.file_tokens)


def _by_text(work: Work, case: Case, way: Way, reply: Reply) -> Message:
    to = way.to[0] if reply.template else chosen_number(work, case, way, (*reply.to, *reply.cc))
    return queue_text(
        work,
        case,
        work.session.get_one(Channel, way.channel_id),
        text=reply.text,
        client_id=reply.client_id,
        to=to,
        template=reply.template,
        files=reply.file_tokens,
        files_served=reply.files_served,
        hold_seconds=reply.hold_seconds,
    )


REPLIES: dict[ChannelKind, Callable[[Work, Case, Way, Reply], Message]] = {
    ChannelKind.EMAIL: _by_mail,
    ChannelKind.CHAT: _by_chat,
    ChannelKind.SMS: _by_text,
}
"""How a reply is put on its way, by the kind of channel it leaves by."""
