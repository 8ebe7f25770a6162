"""Queues that are pulled from, for one agent: what waits, and what they have of each at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from desk.store.routing.queues import HELD

_MINE = text(
    f"""
    SELECT q.id, q.name, q.pull_limit AS most,
      (SELECT count(*) FROM ({HELD}) held JOIN cases h ON h.id = held.id WHERE h.queue_id = q.id) AS at_hand,
      (SELECT count(*) FROM cases w
       WHERE w.queue_id = q.id AND w.status = 'open' AND w.assignee_id IS NULL
         AND w.merged_into_id IS NULL) AS waiting
    FROM agents a CROSS JOIN queues q
    WHERE a.id = :agent_id AND NOT a.assigned_only AND q.pull AND EXISTS (
      SELECT 1 FROM team_members tm JOIN queue_teams qt USING (team_id)
      WHERE tm.agent_id = a.id AND qt.queue_id = q.id)
    ORDER BY q.position, q.name, q.id
    """  # noqa: S608 - put together from constants
)


def queues_pulled_by(session: Session, agent_id: int) -> Sequence[Row[Any]]:
    """The pull queues that an agent works: (id, name, most, at_hand, waiting); `most` is 0 without limit."""
    return session.execute(_MINE, {"agent_id": agent_id}).all()
