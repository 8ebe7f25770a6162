"""What a visitor does in a chat: looks, speaks, reads, ends it, leaves an address, gives a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from desk.actions.chat.moves import end_chat, tell, visitor_returned
from desk.actions.clocks.deeds import keep_clocks
from desk.actions.knowledge.deflection import note_contact_by
from desk.actions.messages.arrivals import plain_line
from desk.actions.messages.receive import receive_message
from desk.model.case import Case
from desk.model.chat import LONGEST_TEXT, Chat, ChatState, EndedBy, Visitor
from desk.model.customer import normal_email
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.events import DeliveryChanged, MessageReceived
from desk.model.inbound import ChannelKind, InboundMessage, Participant, Verdict
from desk.model.message import DeliveryState, Message
from desk.sla.rules import Deed, What
from desk.store.chat.chats import (
    KnownVisitor,
    case_of,
    get_visitor,
    latest_chat,
    lock_chat,
    mark_answers_read,
    take_files,
)
from desk.store.chat.words import Word, say_more
from desk.store.unit_of_work import Work

MOST_FILES = 10
SUBJECT = 80
CONTINUES = "The visitor wrote on in the chat."
SCORE_STANDS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Said:
    """A visitor's words as their page sent them; the same `client_id` again is the same message.

    `fields` are what was asked before the chat: name, email, topic. `reader` is the mark under which
    articles were suggested to the page.
    """

    client_id: str
    text: str
    files: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    page: str | None = None
    reader: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """Where the words are now; `again` when they were there before."""

    message_id: int
    sequence: int
    conversation_id: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class Going:
    """Further words on their way into the chat of this number."""

    visitor: KnownVisitor
    conversation_id: int
    said: Said


@dataclass(frozen=True, slots=True)
class Gone:
    """They went in, at this moment; `row` is the chat as they left it."""

    heard: Heard
    row: Any
    at: datetime


def check_said(said: Said) -> None:
    """Raises Invalid for words that we do not take."""
    if not said.text.strip() and not said.files:
        raise Invalid("There is nothing in it to send.", "text")
    if len(said.text) > LONGEST_TEXT:
        raise Invalid(f"The text has {len(said.text):,} characters; {LONGEST_TEXT:,} are possible.", "text")
    if len(said.files) > MOST_FILES:
        raise Invalid(f"A message can carry {MOST_FILES} files at most.", "files")


def go_on(work: Work, saying: Sequence[Going]) -> list[Gone | None]:
    """Further words of chats in progress, in one statement. None for one that is anything else, e.g. said
    before, or whose case somebody holds just now: then `speak` knows what to do.
    """
    words = [
        Word(one.visitor, one.conversation_id, one.said.client_id, one.said.text, plain_line(one.said.text))
        for one in saying
    ]
    rows = say_more(work.line, words, threading=CONTINUES, now=work.now)
    return [_went_on(work, one, rows[place]) if place in rows else None for place, one in enumerate(saying)]


def _went_on(work: Work, one: Going, row: Any) -> Gone:
    if one.said.files:
        _take_files(work, one.visitor, row.message_id, one.said.files)
    if row.turned:
        # The ball came to us with this word; the statement holds the row of the case.
        case = work.session.get_one(Case, row.case_id, populate_existing=True)
        keep_clocks(work, case, Deed(What.WROTE, f"{row.name or 'The visitor'} wrote.", row.message_id))
    work.record(
        MessageReceived(
            case_id=row.case_id,
            queue_id=row.queue_id,
            assignee_id=row.assignee_id,
            message_id=row.message_id,
            position=row.position,
            channel_id=one.visitor.channel_id,
            visitor_id=one.visitor.id,
            sequence=row.last_sequence,
        )
    )
    return Gone(Heard(row.message_id, row.last_sequence, one.conversation_id), row, work.now)


def speak(work: Work, visitor: KnownVisitor, said: Said) -> Heard:
    """Words of a visitor, through the one door: they begin a case, go on with one, or follow it.

    Raises Invalid for files that are not there, NotFound for a visitor who may not be here any more.
    """
    # Two pages of one visitor that begin at once begin one chat.
    known = get_visitor(work.session, visitor, lock=True)
    _learn(known, said)
    before = latest_chat(work.session, visitor.id)
    received = receive_message(work, _inbound(known, said, before), channel_id=visitor.channel_id)
    message = work.session.get_one(Message, received.message_id)
    if received.outcome == "duplicate":
        return Heard(message.id, message.sequence or 0, message.conversation_id or 0, again=True)
    case = work.session.get_one(Case, message.case_id)
    known.customer_id = case.customer_id
    chat = lock_chat(work.session, message.conversation_id or 0)
    what = _what(chat)
    if chat is None:
        chat = _begin(work, known, message, said, before)
    message.sequence = chat.next_sequence()
    chat.visitor_spoke(work.now, attended=case.assignee_id is not None)
    chat.email = chat.email or known.email
    work.session.flush()
    if said.files:
        _take_files(work, visitor, message.id, said.files)
    tell(work, case, chat, what, sequence=message.sequence)
    note_contact_by(work, said.reader)
    return Heard(message.id, message.sequence, chat.conversation_id)


def come_back(work: Work, visitor_id: int, conversation_id: int) -> None:
    """The browser of a visitor who had left is here again."""
    case, chat = _held(work, visitor_id, conversation_id)
    if chat.state is ChatState.LEFT:
        visitor_returned(work, case, chat)


def read_to(work: Work, visitor_id: int, conversation_id: int, sequence: int) -> int:
    """The visitor has read so far; returns how far that is. Our answers up to there count as read."""
    chat = _own(lock_chat(work.session, conversation_id), visitor_id)
    read = min(sequence, chat.last_sequence)
    if read <= chat.visitor_read:
        return chat.visitor_read
    chat.visitor_read = read
    for answer in mark_answers_read(work.session, conversation_id, read):
        work.record(
            DeliveryChanged(
                case_id=answer.case_id,
                message_id=answer.id,
                position=answer.position,
                state=DeliveryState.READ.value,
            )
        )
    return read


def end(work: Work, visitor_id: int, conversation_id: int) -> None:
    """The visitor has what they came for."""
    case, chat = _held(work, visitor_id, conversation_id)
    end_chat(work, case, chat, EndedBy.VISITOR)


def score(work: Work, visitor_id: int, conversation_id: int, given: int, comment: str) -> None:
    """How it went, 1 to 5; may be changed for ten minutes. Raises Conflict afterwards."""
    case, chat = _held(work, visitor_id, conversation_id)
    if chat.scored_at is not None and work.now - chat.scored_at > SCORE_STANDS:
        raise Conflict("You have given a score already. Thank you.")
    chat.score, chat.score_comment = given, comment.strip()[:1000] or None
    chat.scored_at = chat.scored_at or work.now
    tell(work, case, chat, "scored")


def leave_address(work: Work, visitor: KnownVisitor, conversation_id: int | None, address: str) -> str:
    """Where the chat may go on by mail. What visitors say of themselves joins them to nobody."""
    email = normal_email(address)
    get_visitor(work.session, visitor, lock=True).email = email
    if conversation_id is not None:
        case, chat = _held(work, visitor.id, conversation_id)
        chat.email = email
        tell(work, case, chat, "address")
    return email


def _what(chat: Chat | None) -> str:
    if chat is None:
        return "begun"
    return "said" if chat.state in (ChatState.WAITING, ChatState.LIVE) else "returned"


def _learn(visitor: Visitor, said: Said) -> None:
    """What the visitor says of themselves before the chat; a signed identity is not talked over."""
    if visitor.external_id is not None:
        return
    if said.fields.get("name"):
        visitor.name = said.fields["name"].strip()[:200]
    if said.fields.get("email"):
        visitor.email = normal_email(said.fields["email"])


def _inbound(visitor: Visitor, said: Said, before: Chat | None) -> InboundMessage:
    topic = " ".join(said.fields.get("topic", "").split())
    return InboundMessage(
        channel=ChannelKind.CHAT,
        source_key=f"{visitor.public}/{said.client_id}",
        sender=Participant(visitor.public, visitor.name),
        subject=(topic or plain_line(said.text)[:SUBJECT] or "Chat"),
        text=said.text,
        reply=said.text,
        verdict=Verdict.PASS,
        client_id=said.client_id,
        conversation_id=before.conversation_id if before else None,
    )


def _begin(work: Work, visitor: Visitor, message: Message, said: Said, before: Chat | None) -> Chat:
    """The count goes on from chat to chat, so that a page asks for what it misses by one number."""
    # An answer in the chat before may be counting at this moment: who holds its row reads how far it came.
    held = lock_chat(work.session, before.conversation_id) if before else None
    last = held.last_sequence if held else 0
    chat = Chat(
        conversation_id=message.conversation_id or 0,
        visitor_id=visitor.id,
        begun_at=work.now,
        last_visitor_at=work.now,
        visitor_seen_at=work.now,
        last_sequence=last,
        visitor_read=last,
        agent_read=last,
        mailed_sequence=last,
        page=said.page[:500] if said.page else None,
        fields={name: value[:300] for name, value in said.fields.items()},
    )
    work.session.add(chat)
    return chat


def _take_files(work: Work, visitor: KnownVisitor, message_id: int, tokens: Sequence[str]) -> None:
    wanted = set(tokens)
    if take_files(work.session, visitor.id, message_id, sorted(wanted)) != len(wanted):
        raise Invalid("One of the files is not there any more. Attach it again.", "files")


def _held(work: Work, visitor_id: int, conversation_id: int) -> tuple[Case, Chat]:
    """The case and the chat, held in this order."""
    case = case_of(work.session, conversation_id)
    return case, _own(lock_chat(work.session, conversation_id), visitor_id)


def _own(chat: Chat | None, visitor_id: int) -> Chat:
    if chat is None or chat.visitor_id != visitor_id:
        raise NotFound("There is no such chat.")
    return chat
