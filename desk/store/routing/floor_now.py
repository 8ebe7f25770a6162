"""The floor, read for a supervisor: lines by queue, and stints by agent, one statement each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_QUEUES = text(
    """
    SELECT q.id, q.name, count(c.id) FILTER (WHERE c.assignee_id IS NULL) AS waiting,
      min(coalesce(c.waiting_since, c.last_at)) FILTER (WHERE c.assignee_id IS NULL) AS longest_wait_since,
      count(c.id) FILTER (WHERE h.state = 'waiting') AS chats_waiting,
      count(c.id) FILTER (WHERE h.state = 'live') AS chats_live
    FROM queues q
    LEFT JOIN cases c ON c.queue_id = q.id AND c.merged_into_id IS NULL
      AND (c.status = 'open' OR (c.channel = 'chat' AND c.status = 'waiting'))
    LEFT JOIN LATERAL (SELECT h.state FROM conversations v JOIN chats h ON h.conversation_id = v.id
      WHERE v.case_id = c.id AND c.channel = 'chat' ORDER BY h.conversation_id DESC LIMIT 1) h ON true
    WHERE q.active GROUP BY q.id ORDER BY q.position, q.name, q.id
    """
)

_AGENTS = text(
    """
    SELECT a.id, coalesce(p.since, a.created_at) AS since,
      (SELECT coalesce(json_agg(json_build_object('id', c.id, 'channel', c.channel, 'customer', cu.name,
           'since', s.assigned_at) ORDER BY s.assigned_at), '[]')
       FROM assignments s JOIN cases c ON c.id = s.case_id JOIN customers cu ON cu.id = c.customer_id
       WHERE s.agent_id = a.id AND s.ended_at IS NULL) AS cases
    FROM agents a LEFT JOIN presences p ON p.agent_id = a.id WHERE a.disabled_at IS NULL
    """
)


def queues_now(session: Session) -> Sequence[Row[Any]]:
    """Every active queue: who waits in it, for how long, and its chats."""
    return session.execute(_QUEUES).all()


def agents_now(session: Session) -> Sequence[Row[Any]]:
    """Every agent: since when they are as they are, and the cases of their stints."""
    return session.execute(_AGENTS).all()
