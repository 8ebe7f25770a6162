"""Chats, read and written: who a visitor is, and what they may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, func, select, text, update
from sqlalchemy.orm import Session

from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.chat import Chat, ChatState, Visitor
from desk.model.conversation import Conversation
from desk.model.errors import NotFound
from desk.model.message import Attachment, AuthorKind, DeliveryState, Message, MessageKind

PAGE = 100


@dataclass(frozen=True, slots=True)
class KnownVisitor:
    """Whose browser it is, by the token it holds; once the token is replaced, it is nobody's."""

    id: int
    public: str
    channel_id: int
    site: str
    secret_hash: str = field(repr=False)


_BY_TOKEN = text(
    """
    SELECT v.id, v.public, v.channel_id, n.address AS site, v.secret_hash
    FROM visitors v JOIN channels n ON n.id = v.channel_id
    WHERE v.secret_hash = :secret_hash AND n.address = :site AND n.enabled AND v.revoked_at IS NULL
    """
)

_CURRENT = text(
    """
    SELECT v.name, v.email AS visitor_email, c.case_id, k.queue_id, k.assignee_id, a.name AS agent_name, h.*
    FROM visitors v JOIN channels n ON n.id = v.channel_id AND n.enabled
    LEFT JOIN LATERAL (SELECT * FROM chats WHERE visitor_id = v.id
        ORDER BY conversation_id DESC LIMIT 1) h ON true
    LEFT JOIN conversations c ON c.id = h.conversation_id
    LEFT JOIN cases k ON k.id = c.case_id
    LEFT JOIN agents a ON a.id = k.assignee_id
    WHERE v.id = :visitor_id AND v.secret_hash = :secret_hash AND v.revoked_at IS NULL
    """
)

# A visitor's chats one after another, by the one count that runs through them all.
_SEEN = """
    SELECT m.id, m.sequence, m.kind, m.author_kind, m.author_name, m.text, m.at, m.client_id,
      (SELECT json_agg(json_build_object('token', f.token, 'name', f.name, 'size', f.size,
           'type', f.type) ORDER BY f.id) FROM attachments f WHERE f.message_id = m.id) AS files
    FROM chats h JOIN messages m ON m.conversation_id = h.conversation_id
    WHERE h.visitor_id = :visitor_id AND m.sequence IS NOT NULL
"""
_SEEN_AFTER = text(_SEEN + " AND m.sequence > :after ORDER BY m.sequence LIMIT :limit")
_SEEN_IN_CASE = text(
    """
    SELECT m.sequence, m.kind, m.author_kind, m.author_name, m.text, m.at,
      (SELECT json_agg(json_build_object('name', f.name) ORDER BY f.id)
         FROM attachments f WHERE f.message_id = m.id) AS files
    FROM messages m WHERE m.case_id = :case_id AND m.sequence IS NOT NULL ORDER BY m.position
    """
)
_SEEN_ONE = text(_SEEN + " AND m.id = :message_id")


def visitor_by_token(connection: Connection, site: str, secret_hash: str) -> KnownVisitor | None:
    """Whoever holds the token, on this site, as long as the channel is on and the token good."""
    row = connection.execute(_BY_TOKEN, {"secret_hash": secret_hash, "site": site}).one_or_none()
    return None if row is None else KnownVisitor(*row)


_HERE = text(
    """
    SELECT v.id, v.secret_hash, h.last_sequence, h.agent_read, h.conversation_id, h.state, k.assignee_id
    FROM visitors v JOIN channels n ON n.id = v.channel_id AND n.enabled
    LEFT JOIN LATERAL (SELECT conversation_id, last_sequence, agent_read, state FROM chats
        WHERE visitor_id = v.id ORDER BY conversation_id DESC LIMIT 1) h ON true
    LEFT JOIN conversations c ON c.id = h.conversation_id
    LEFT JOIN cases k ON k.id = c.case_id
    WHERE v.id = ANY(:ids) AND v.revoked_at IS NULL
    """
)

_NOTE_SEEN = text(
    """
    UPDATE chats SET visitor_seen_at = :now WHERE conversation_id IN
        (SELECT max(conversation_id) FROM chats WHERE visitor_id = ANY(:ids) GROUP BY visitor_id)
    """
)

Standing = tuple[int | None, str | None, int | None]
"""The number of a visitor's latest chat, its state, and who has its case; all None before the first."""


def current_chat(session: Session, visitor: KnownVisitor) -> Row[Any]:
    """The visitor with their latest chat, whose columns are None before the first. Raises NotFound for a
    visitor who may not be here any more."""
    asked = {"visitor_id": visitor.id, "secret_hash": visitor.secret_hash}
    row = session.execute(_CURRENT, asked).one_or_none()
    if row is None:
        raise NotFound("This chat is not open to you any more. Reload the page.")
    return row


def seen_after(
    session: Session, visitor_id: int, after: int, limit: int = PAGE
) -> tuple[list[Row[Any]], bool]:
    """What the visitor may see after a sequence, ascending, and whether there is more."""
    asked = {"visitor_id": visitor_id, "after": after, "limit": limit + 1}
    rows = list(session.execute(_SEEN_AFTER, asked))
    return rows[:limit], len(rows) > limit


def seen_one(session: Session, visitor_id: int, message_id: int) -> Row[Any]:
    """One message as the visitor sees it."""
    return session.execute(_SEEN_ONE, {"visitor_id": visitor_id, "message_id": message_id}).one()


def seen_in_case(session: Session, case_id: int) -> Sequence[Row[Any]]:
    """What the visitor of the case's chat has been told, in order."""
    return session.execute(_SEEN_IN_CASE, {"case_id": case_id}).all()


def known_visitor(session: Session, site: str, visitor_id: int) -> KnownVisitor:
    """The visitor by number, where somebody we trust has named it. Raises NotFound."""
    row = session.execute(
        select(Visitor.id, Visitor.public, Visitor.channel_id, Channel.address, Visitor.secret_hash)
        .join(Channel, Channel.id == Visitor.channel_id)
        .where(
            Visitor.id == visitor_id,
            Visitor.revoked_at.is_(None),
            Channel.address == site,
            Channel.enabled.is_(True),
        )
    ).one_or_none()
    if row is None:
        raise NotFound("This chat is not open to you any more.")
    return KnownVisitor(*row)


def get_visitor(session: Session, visitor: KnownVisitor, *, lock: bool = False) -> Visitor:
    """The visitor's row, afresh. Raises NotFound for one who may not be here any more.

    With `lock` nobody else changes it; an agent's answer, whose chat refers to it, waits for nothing.
    """
    statement = (
        select(Visitor)
        .join(Channel, Channel.id == Visitor.channel_id)
        .where(
            Visitor.id == visitor.id,
            Visitor.secret_hash == visitor.secret_hash,
            Visitor.revoked_at.is_(None),
            Channel.enabled.is_(True),
        )
        .execution_options(populate_existing=True)
    )
    held = statement.with_for_update(of=Visitor, key_share=True)
    found = session.scalar(held if lock else statement)
    if found is None:
        raise NotFound("This chat is not open to you any more. Reload the page.")
    return found


def latest_chat(session: Session, visitor_id: int) -> Chat | None:
    """The visitor's latest chat, not locked."""
    return session.scalar(
        select(Chat).where(Chat.visitor_id == visitor_id).order_by(Chat.conversation_id.desc()).limit(1)
    )


def lock_chat(session: Session, conversation_id: int) -> Chat | None:
    """The chat of a conversation, its row held; whoever needs the case's row holds that first."""
    return session.scalar(
        select(Chat)
        .where(Chat.conversation_id == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def chat_of_case(session: Session, case_id: int, *, lock: bool = False) -> Chat | None:
    """The latest chat of a case."""
    statement = (
        select(Chat)
        .join(Conversation, Conversation.id == Chat.conversation_id)
        .where(Conversation.case_id == case_id)
        .order_by(Chat.conversation_id.desc())
        .limit(1)
    )
    if lock:
        statement = statement.with_for_update(of=Chat).execution_options(populate_existing=True)
    return session.scalar(statement)


def visitor_in(session: Session, case_id: int) -> int | None:
    """The visitor of the case's chat, as long as it goes on."""
    return session.scalar(
        select(Chat.visitor_id)
        .join(Conversation, Conversation.id == Chat.conversation_id)
        .where(Conversation.case_id == case_id, Chat.state.in_((ChatState.WAITING, ChatState.LIVE)))
        .order_by(Chat.conversation_id.desc())
        .limit(1)
    )


def said_in_a_chat(session: Session, message_ids: Sequence[int]) -> bool:
    """Whether a visitor sees one of these messages."""
    seen = exists().where(Message.id.in_(message_ids), Message.sequence.is_not(None))
    return bool(session.scalar(select(seen)))


def taken_lately(
    session: Session, queue_id: int | None, since: datetime, most: int
) -> Sequence[tuple[datetime, datetime]]:
    """When the chats of a queue that were joined since then began, and when they were joined."""
    rows = session.execute(
        select(Chat.begun_at, Chat.joined_at)
        .join(Conversation, Conversation.id == Chat.conversation_id)
        .join(Case, Case.id == Conversation.case_id)
        .where(Case.queue_id.is_not_distinct_from(queue_id), Chat.joined_at > since)
        .order_by(Chat.joined_at.desc())
        .limit(most)
    )
    return [(row.begun_at, row.joined_at) for row in rows if row.joined_at is not None]


def get_chat(session: Session, conversation_id: int) -> Chat:
    """The chat of a conversation, its row held. Raises NotFound."""
    found = lock_chat(session, conversation_id)
    if found is None:
        raise NotFound(f"There is no chat {conversation_id}.")
    return found


def answers_after(session: Session, conversation_id: int, sequence: int) -> Sequence[Message]:
    """What agents said in the chat after a sequence."""
    return session.scalars(
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.sequence > sequence,
            Message.kind == MessageKind.OUTBOUND,
            Message.author_kind == AuthorKind.AGENT,
        )
        .order_by(Message.sequence)
    ).all()


def case_of(session: Session, conversation_id: int) -> Case:
    """The case of a chat, its row held."""
    case_id = select(Conversation.case_id).where(Conversation.id == conversation_id).scalar_subquery()
    return session.scalars(
        select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def note_visitors_seen(session: Session, visitor_ids: Sequence[int], now: datetime) -> None:
    """A sign of life from these browsers, kept at the latest chat of each: an ended one may go on."""
    session.execute(_NOTE_SEEN, {"ids": list(visitor_ids), "now": now})


@dataclass(frozen=True, slots=True)
class VisitorHere:
    """The hash of the one token of a visitor that is good, how far their chats have come, how far the agent
    has read, and how the latest stands; None before the first.
    """

    secret_hash: str = field(repr=False)
    sequence: int
    read: int
    standing: Standing | None


def visitors_here(session: Session, visitor_ids: Sequence[int]) -> dict[int, VisitorHere]:
    """Those of these visitors who may be here, by number."""
    return {
        row.id: VisitorHere(
            row.secret_hash,
            row.last_sequence or 0,
            row.agent_read or 0,
            None if row.conversation_id is None else standing_of(row),
        )
        for row in session.execute(_HERE, {"ids": list(visitor_ids)})
    }


def standing_of(row: Row[Any]) -> Standing:
    """What a visitor is told of a chat beside its words, as far as it changes without one of theirs."""
    return row.conversation_id, row.state, row.assignee_id


def mark_answers_read(session: Session, conversation_id: int, sequence: int) -> Sequence[Row[int, int, int]]:
    """Our answers up to a sequence that the visitor has now read: (id, case_id, position)."""
    return session.execute(
        update(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.sequence <= sequence,
            Message.kind == MessageKind.OUTBOUND,
            Message.state == DeliveryState.SENT,
        )
        .values(state=DeliveryState.READ)
        .returning(Message.id, Message.case_id, Message.position)
        .execution_options(synchronize_session=False)
    ).all()


def take_files(session: Session, visitor_id: int, message_id: int, tokens: Sequence[str]) -> int:
    """Fresh uploads of the visitor go into the message; how many did."""
    done = session.execute(
        update(Attachment)
        .where(
            Attachment.token.in_(list(tokens)),
            Attachment.visitor_id == visitor_id,
            Attachment.message_id.is_(None),
        )
        .values(message_id=message_id)
        .returning(Attachment.id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


def uploads_since(session: Session, visitor_id: int, moment: datetime) -> int:
    """How many files the visitor has sent since then."""
    return (
        session.scalar(
            select(func.count()).where(Attachment.visitor_id == visitor_id, Attachment.created_at > moment)
        )
        or 0
    )


def file_of_visitor(session: Session, visitor_id: int, token: str) -> Attachment | None:
    """A file that the visitor may have: of a message they see, or their own and not said yet."""
    file = session.scalar(select(Attachment).where(Attachment.token == token))
    if file is None:
        return None
    if file.message_id is None:
        return file if file.visitor_id == visitor_id else None
    is_theirs = session.scalar(
        select(Message.id)
        .join(Chat, Chat.conversation_id == Message.conversation_id)
        .where(Message.id == file.message_id, Chat.visitor_id == visitor_id, Message.sequence.is_not(None))
    )
    return file if is_theirs else None
