"""Contacts that nobody has read yet: which they are, and from where on they are looked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from desk.model.topic import ReadingMark

LOOK_BACK = 5_000
"""Numbers of messages are given before their commit: so far behind the last one read it is looked again."""

# A contact begins a case, or comes after the case was resolved; what else is written in a case belongs to the
# question that began it. A chat's words are read together, once we answered or it went on for a minute.
_ASKED = """
    SELECT {what}
    FROM messages m JOIN cases c ON c.id = m.case_id JOIN customers u ON u.id = c.customer_id
    WHERE m.id >= coalesce(CAST(:first AS bigint), least(
        (SELECT coalesce(max(message_id), 0) FROM questions) - :look_back + 1,
        (SELECT min(message_id) FROM reading_marks)))
      AND m.id <= coalesce(CAST(:last AS bigint), 9223372036854775807)
      AND m.kind = 'inbound' AND m.author_kind = 'customer' AND m.automatic IS NULL
      AND NOT EXISTS (SELECT FROM questions q WHERE q.message_id = m.id)
      AND NOT EXISTS (
        SELECT FROM messages e WHERE e.case_id = m.case_id AND e.kind = 'inbound' AND e.position < m.position
          AND NOT EXISTS (SELECT FROM case_changes h WHERE h.case_id = m.case_id AND h.at > e.at
            AND h.at <= m.at AND h.what = 'status' AND h.after = '"resolved"'::jsonb))
      AND (c.channel <> 'chat' OR m.at <= :now - interval '1 minute' OR EXISTS (
        SELECT FROM messages o WHERE o.case_id = m.case_id AND o.kind = 'outbound'
          AND o.author_kind = 'agent' AND o.position > m.position))
    ORDER BY m.id LIMIT :limit
"""
_SAID = """m.id AS message_id, m.case_id, m.at, c.channel, c.subject,
      CASE WHEN c.channel = 'chat' THEN (
          SELECT string_agg(w.reply, E'\\n' ORDER BY w.position) FROM messages w
          WHERE w.case_id = m.case_id AND w.kind = 'inbound' AND w.position >= m.position
            AND w.at <= m.at + interval '1 minute'
            AND NOT EXISTS (SELECT FROM messages o WHERE o.case_id = m.case_id AND o.kind = 'outbound'
              AND o.author_kind = 'agent' AND o.position > m.position AND o.position < w.position))
        ELSE m.reply END AS said,
      m.author_name, u.name"""
_UNREAD = text(_ASKED.format(what=_SAID))
_UNREAD_IDS = text(_ASKED.format(what="m.id"))


@dataclass(frozen=True, slots=True)
class Contact:
    """What somebody said when they turned to us, by the name they gave there and the one we know."""

    message_id: int
    case_id: int
    at: datetime
    channel: str
    subject: str
    said: str | None
    author_name: str
    customer_name: str


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of a heap: the messages from the number `first` to `last`, both among them."""

    first: int
    last: int


def unread_contacts(
    session: Session, now: datetime, limit: int, within: Partition | None = None
) -> list[Contact]:
    """Contacts of which no question is kept, in the order in which they came."""
    return [Contact(*row) for row in session.execute(_UNREAD, _bounds(now, limit, within))]


def unread_ids(session: Session, now: datetime, limit: int) -> list[int]:
    """The numbers of their messages alone."""
    return list(session.scalars(_UNREAD_IDS, _bounds(now, limit, None)))


def _bounds(now: datetime, limit: int, within: Partition | None) -> dict[str, object]:
    first, last = (within.first, within.last) if within else (None, None)
    return {"now": now, "limit": limit, "look_back": LOOK_BACK, "first": first, "last": last}


def mark_reading(session: Session, first: int) -> None:
    """From now on it is looked from this message on, however far beyond it somebody has read."""
    session.execute(delete(ReadingMark))
    session.execute(insert(ReadingMark).values(message_id=first))


def is_marked(session: Session) -> bool:
    """Whether a heap was divided of which nobody has seen the end."""
    return session.scalar(select(ReadingMark.message_id).limit(1)) is not None


def forget_mark(session: Session) -> None:
    """The heap is read, all of it."""
    session.execute(delete(ReadingMark))
