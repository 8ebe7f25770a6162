"""Work that an agent has and does not do: asked every second, so it rests on the assignments that live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

_UNANSWERED = text(
    """
    SELECT c.id
    FROM assignments a
    JOIN cases c ON c.id = a.case_id
    LEFT JOIN queues q ON q.id = c.queue_id
    LEFT JOIN presences p ON p.agent_id = a.agent_id
    WHERE a.ended_at IS NULL AND c.status = 'open' AND c.waiting_since IS NOT NULL
      AND (c.channel = 'chat' AND p.state = 'offline' AND p.since <= :gone_since
           AND greatest(a.assigned_at, c.waiting_since) <= :gone_since
        OR q.give_back_minutes > 0
           AND greatest(a.assigned_at, c.waiting_since) <= :now - q.give_back_minutes * interval '1 minute')
    ORDER BY c.waiting_since
    LIMIT :limit
    """
)


def unanswered(session: Session, now: datetime, *, gone_for: timedelta, limit: int) -> Sequence[int]:
    """Cases whose customer waits although somebody has them: a chat of an agent who has been offline for
    `gone_for`, and whatever lies for longer than its queue allows, by the clock on the wall; the longest
    wait first.
    """
    asked = {"now": now, "gone_since": now - gone_for, "limit": limit}
    return session.scalars(_UNANSWERED, asked).all()
