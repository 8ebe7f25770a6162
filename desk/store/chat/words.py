"""Further words of chats in progress: however many there are, one statement."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk.store.chat.chats import KnownVisitor
from desk.store.line import Line, Statement


@dataclass(frozen=True, slots=True)
class Word:
    """What a visitor says in the chat of this number, and the line by which lists show it."""

    visitor: KnownVisitor
    conversation_id: int
    client_id: str
    text: str
    preview: str


# All that further words change. A word that is anything else finds no row, said before included. So does
# one whose case or chat somebody holds: a word waits by itself, and never lets others wait, nor two
# statements wait for each other. Of one case one word goes in.
_SAY_MORE = Statement(
    """
    WITH word AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(CAST(:words AS jsonb)) AS w(place int, visitor_id bigint,
        secret_hash text, conversation_id bigint, client_id text, text text, preview text)),
    here AS MATERIALIZED (
      SELECT word.place, word.conversation_id, word.client_id, word.text, word.preview, k.id AS case_id,
        v.public, v.name, v.channel_id
      FROM word
      JOIN visitors v ON v.id = word.visitor_id AND v.secret_hash = word.secret_hash AND v.revoked_at IS NULL
      JOIN channels n ON n.id = v.channel_id AND n.enabled
      JOIN chats h ON h.conversation_id = word.conversation_id AND h.visitor_id = v.id
        AND h.state IN ('waiting', 'live')
      JOIN conversations c ON c.id = h.conversation_id
      JOIN cases k ON k.id = c.case_id AND k.merged_into_id IS NULL AND k.status IN ('open', 'waiting')
      -- Not as a join, for which a planner without statistics would read all messages of the channel.
      WHERE (SELECT m.id FROM messages m WHERE m.channel_id = v.channel_id
        AND m.source_key = v.public || '/' || word.client_id) IS NULL
      FOR UPDATE OF k, h SKIP LOCKED),
    taken AS MATERIALIZED (SELECT DISTINCT ON (case_id) * FROM here ORDER BY case_id, place),
    changed AS (
      UPDATE cases SET last_position = cases.last_position + 1,
        last_inbound_position = cases.last_position + 1, status = 'open',
        waiting_since = coalesce(cases.waiting_since, :now), last_at = greatest(cases.last_at, :now),
        preview = coalesce(nullif(taken.preview, ''), cases.preview), version = cases.version + 1
      FROM taken WHERE cases.id = taken.case_id
      RETURNING cases.id, cases.last_position, cases.queue_id, cases.assignee_id,
        cases.waiting_since = :now AS turned),
    counted AS (
      UPDATE chats SET last_sequence = chats.last_sequence + 1, last_visitor_at = :now,
        visitor_seen_at = :now
      FROM taken WHERE chats.conversation_id = taken.conversation_id
      RETURNING chats.*),
    said AS (
      INSERT INTO messages (case_id, position, kind, author_kind, at, visible_to_customer, conversation_id,
        channel_id, author_name, author_address, text, reply, has_html, recipients_to, recipients_cc,
        reply_to, source_key, client_id, threading, verdict, suspicions, mentions, sequence, whisper)
      SELECT changed.id, changed.last_position, 'inbound', 'customer', :now, true, taken.conversation_id,
        taken.channel_id, taken.name, taken.public, taken.text, taken.text, false, '[]', '[]',
        '[]', taken.public || '/' || taken.client_id, taken.client_id, :threading, 'pass', '{}', '[]',
        counted.last_sequence, false
      FROM taken JOIN changed ON changed.id = taken.case_id
        JOIN counted ON counted.conversation_id = taken.conversation_id
      RETURNING id, conversation_id)
    SELECT taken.place, taken.name, said.id AS message_id, changed.id AS case_id,
      changed.last_position AS position, changed.queue_id, changed.assignee_id, changed.turned,
      (SELECT a.name FROM agents a WHERE a.id = changed.assignee_id) AS agent_name, counted.*
    FROM taken JOIN changed ON changed.id = taken.case_id
      JOIN counted ON counted.conversation_id = taken.conversation_id
      JOIN said ON said.conversation_id = taken.conversation_id
    ORDER BY taken.place
    """
)


def say_more(line: Line, words: Sequence[Word], *, threading: str, now: datetime) -> Mapping[int, Any]:
    """Keep further words: message, case and chat of each. The rows of those that went in, by their place."""
    told = [
        {
            "place": place,
            "visitor_id": word.visitor.id,
            "secret_hash": word.visitor.secret_hash,
            "conversation_id": word.conversation_id,
            "client_id": word.client_id,
            "text": word.text,
            "preview": word.preview,
        }
        for place, word in enumerate(words)
    ]
    rows = line.ask(_SAY_MORE, {"words": json.dumps(told), "threading": threading, "now": now})
    return {row.place: row for row in rows}
