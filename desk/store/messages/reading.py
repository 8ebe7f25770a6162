"""Messages, read: the thread as a screen shows it, and the few questions that replying asks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, undefer

from desk.model.errors import NotFound
from desk.model.message import Attachment, AuthorKind, Message, MessageKind
from desk.store.line import Answer, Line, Statement

SAID = (MessageKind.INBOUND, MessageKind.OUTBOUND, MessageKind.NOTE)


def is_untouched(session: Session, case_id: int) -> bool:
    """Whether a case holds only what came in."""
    return not session.scalar(
        select(
            exists().where(
                Message.case_id == case_id, Message.kind.in_((MessageKind.OUTBOUND, MessageKind.NOTE))
            )
        )
    )


def newer_than(session: Session, case_id: int, position: int, *, but_of: int | None) -> Sequence[Message]:
    """What others said in the case after a position."""
    return session.scalars(
        select(Message)
        .where(
            Message.case_id == case_id,
            Message.position > position,
            Message.kind.in_(SAID),
            Message.agent_id.is_distinct_from(but_of) if but_of is not None else Message.id.is_not(None),
        )
        .order_by(Message.position)
    ).all()


def by_client(session: Session, agent_id: int, client_id: str) -> Message | None:
    """The agent's message that carries this client's id, where it was taken already."""
    return session.scalar(select(Message).where(Message.agent_id == agent_id, Message.client_id == client_id))


def get_message(session: Session, message_id: int, *, with_html: bool = False) -> Message:
    """Raises NotFound."""
    statement = select(Message).where(Message.id == message_id)
    if with_html:
        statement = statement.options(undefer(Message.html))
    found = session.scalar(statement)
    if found is None:
        raise NotFound(f"There is no message {message_id}.")
    return found


def last_inbound(
    session: Session, case_id: int, *, before: int | None = None, conversation_id: int | None = None
) -> Message | None:
    """What was said to us last in the case, not counting what machines answered."""
    statement = select(Message).where(
        Message.case_id == case_id,
        Message.kind == MessageKind.INBOUND,
        Message.automatic.is_distinct_from("auto_reply"),
    )
    if before is not None:
        statement = statement.where(Message.position < before)
    if conversation_id is not None:
        statement = statement.where(Message.conversation_id == conversation_id)
    by_the_customer = Message.author_kind == AuthorKind.CUSTOMER
    return session.scalar(statement.order_by(by_the_customer.desc(), Message.position.desc()).limit(1))


def first_words(session: Session, case_id: int) -> str:
    """What the customer wrote first in the case, without what it quotes; empty where nobody wrote yet."""
    inbound = select(Message.reply, Message.text).where(
        Message.case_id == case_id, Message.kind == MessageKind.INBOUND
    )
    found = session.execute(inbound.order_by(Message.position).limit(1)).one_or_none()
    return (found.reply or found.text) if found is not None else ""


def said_between(session: Session, case_id: int) -> Sequence[Message]:
    """What customer and desk said to each other in the case: no notes, and nothing that a machine wrote."""
    return session.scalars(
        select(Message)
        .where(
            Message.case_id == case_id,
            Message.kind.in_((MessageKind.INBOUND, MessageKind.OUTBOUND)),
            Message.visible_to_customer,
            Message.automatic.is_(None),
        )
        .order_by(Message.position)
    ).all()


def ids_before(session: Session, case_id: int, position: int) -> Sequence[str]:
    """The Message-IDs of the case before a position, in its order."""
    return session.scalars(
        select(Message.internet_id)
        .where(
            Message.case_id == case_id,
            Message.position < position,
            Message.internet_id.is_not(None),
            Message.kind.in_((MessageKind.INBOUND, MessageKind.OUTBOUND)),
        )
        .order_by(Message.position)
    ).all()  # type: ignore[return-value]  # the condition leaves no None


_SAID = Statement(
    """
    (SELECT m.kind = 'outbound' AS ours,
            CASE m.kind WHEN 'outbound' THEN m.text || E'\n' || coalesce(o.content->>'signature', '')
                        ELSE m.reply END AS words
     FROM messages m LEFT JOIN outbox o ON o.message_id = m.id
     WHERE m.conversation_id = :conversation_id AND m.kind IN ('outbound', 'inbound')
       AND m.visible_to_customer
     ORDER BY m.position DESC LIMIT :limit)
    UNION ALL
    SELECT NULL, content->>'text' FROM outbox
    WHERE internet_id = ANY(:ids) AND channel_id = :channel_id AND message_id IS NULL
    """
)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said in a conversation, asked with the next question."""

    answer: Answer

    def sides(self) -> tuple[list[str], list[str]]:
        """What we sent, the latest first, and what the customer had said before that."""
        ours: list[str] = []
        theirs: list[str] = []
        told: list[str] = []
        for row in self.answer.rows:
            if row.ours is None:
                told += filter(None, [row.words])
            elif row.ours:
                ours.append(row.words)
            elif ours:
                theirs.append(row.words)
        return [*ours, *told], theirs


def said_in(line: Line, conversation_id: int, channel_id: int, ids: Sequence[str], limit: int = 20) -> Said:
    """The last that was said in a conversation.

    Acknowledgements are no messages, and count when they are named among `ids`.
    """
    asked = {"conversation_id": conversation_id, "channel_id": channel_id, "ids": list(ids), "limit": limit}
    return Said(line.write(_SAID, asked))


_SAYING = (
    "position", "kind", "author_kind", "at", "visible_to_customer", "channel_id", "author_name",
    "author_address", "subject", "text", "reply", "html", "has_html", "recipients_to", "recipients_cc",
    "reply_to", "internet_id", "source_key", "inbox_id", "client_id", "threading", "automatic", "verdict",
    "verdict_source", "suspicions",
)  # fmt: skip
_JSON_LISTS = ("recipients_to", "recipients_cc", "reply_to")


KEEPING_A_MESSAGE = f"""
    said AS (
      INSERT INTO messages (id, case_id, conversation_id, {", ".join(_SAYING)}, mentions)
      VALUES (:message_id, :case_id, :conversation_id,
        {", ".join(f":said_{name}" for name in _SAYING)}, '[]')),
    kept AS (
      INSERT INTO attachments (message_id, created_at, token, name, type, size, sha256, content_id, inline)
      SELECT :message_id, :now, f.token, f.name, f.type, f.size, f.sha256, f.content_id, f.inline
      FROM jsonb_to_recordset(CAST(:files AS jsonb)) AS f(token varchar, name varchar, type varchar,
        size bigint, sha256 varchar, content_id varchar, inline boolean))
"""  # noqa: S608 - put together from constants of this file
"""Part of a statement that keeps a message in its case, and its files in their order; see `as_kept`."""


def as_kept(message: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The values for `KEEPING_A_MESSAGE`, but for `now` and the numbers of message, case and conversation."""
    said = {f"said_{name}": message[name] for name in _SAYING}
    said |= {f"said_{name}": json.dumps(message[name]) for name in _JSON_LISTS}
    return said | {"files": json.dumps(files)}


_KEEP = Statement(f"WITH {KEEPING_A_MESSAGE} SELECT")


def keep_inbound(
    line: Line,
    message: Mapping[str, Any],
    files: Sequence[Mapping[str, Any]],
    *,
    message_id: int,
    case_id: int,
    conversation_id: int,
    at: datetime,
) -> None:
    """Keep a message that came in under the number that was drawn for it, with its files in their order, in
    one statement. Raises Conflict, with what is sent next, when the very same message is there already.

    Every mail passes here: putting the same rows together through the mapping takes several times as long.
    """
    place = {"message_id": message_id, "case_id": case_id, "conversation_id": conversation_id, "now": at}
    line.write(_KEEP, place | as_kept(message, files), otherwise="The same message was faster.")


def files_by_token(session: Session, tokens: Sequence[str]) -> dict[str, Attachment]:
    if not tokens:
        return {}
    found = session.scalars(select(Attachment).where(Attachment.token.in_(list(tokens))))
    return {file.token: file for file in found}


def files_of(session: Session, message_ids: Sequence[int]) -> Sequence[Attachment]:
    """The files of the messages, in the order they were attached."""
    return session.scalars(
        select(Attachment).where(Attachment.message_id.in_(list(message_ids))).order_by(Attachment.id)
    ).all()


_SHOWN = """
    SELECT m.id, m.position, m.kind, m.author_kind, m.author_name, m.author_address, m.agent_id, m.at,
           m.text, m.reply, m.has_html, m.subject, m.recipients_to, m.recipients_cc, m.reply_to, m.state,
           m.state_sentence, m.client_id, m.threading, m.suspicions, m.verdict, m.verdict_source,
           m.automatic, m.mentions, m.sequence, m.whisper,
           c.kind AS channel, o.recipients, o.not_before, o.perhaps_twice,
           (SELECT json_agg(json_build_object('token', f.token, 'name', f.name, 'type', f.type,
                'size', f.size, 'inline', f.inline) ORDER BY f.id)
              FROM attachments f WHERE f.message_id = m.id) AS files
    FROM messages m
    LEFT JOIN channels c ON c.id = m.channel_id
    LEFT JOIN outbox o ON o.message_id = m.id
    WHERE m.case_id = :case_id
"""
_LAST = Statement(
    _SHOWN + " AND (CAST(:before AS bigint) IS NULL OR m.position < :before)"
    " ORDER BY m.position DESC LIMIT :limit"
)
_AFTER = Statement(_SHOWN + " AND m.position > :after ORDER BY m.position LIMIT :limit")
_ONE = Statement(_SHOWN + " AND m.id = :message_id")


def thread_before(line: Line, case_id: int, before: int | None, limit: int) -> Answer:
    """Rows of the thread before a position, or its end, descending."""
    return line.write(_LAST, {"case_id": case_id, "before": before, "limit": limit})


def thread_after(line: Line, case_id: int, after: int, limit: int) -> Answer:
    """Rows of the thread after a position, ascending."""
    return line.write(_AFTER, {"case_id": case_id, "after": after, "limit": limit})


def thread_row(line: Line, case_id: int, message_id: int) -> Any:
    """One message as a row of its thread."""
    (row,) = line.ask(_ONE, {"case_id": case_id, "message_id": message_id})
    return row
