"""What triage needs to know of the desk and of who wrote, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

# A rule that leads to a queue which is switched off keeps its other effects.
_SETUP = text(
    """
    SELECT
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
          'name', r.name, 'conditions', r.conditions, 'match_all', r.match_all,
          'queue_id', (SELECT q.id FROM queues q WHERE q.id = r.queue_id AND q.active),
          'priority', r.priority, 'category_id', r.category_id, 'add_tags', r.add_tags
        ) ORDER BY r.position, r.id), '[]') FROM triage_rules r WHERE r.active) AS rules,
      (SELECT q.id FROM conversations co JOIN channels ch ON ch.id = co.channel_id
       JOIN queues q ON q.id = ch.queue_id AND q.active
       WHERE co.case_id = :case_id ORDER BY co.id LIMIT 1) AS channel_queue_id,
      (SELECT q.id FROM queues q WHERE q.active
       ORDER BY q.is_default DESC, q.position, q.id LIMIT 1) AS default_queue_id,
      (SELECT coalesce(jsonb_object_agg(q.id, q.name), '{}') FROM queues q) AS queue_names,
      (SELECT jsonb_build_object('tier', cu.tier, 'language', coalesce(cu.language, ''))
       FROM cases c JOIN customers cu ON cu.id = c.customer_id WHERE c.id = :case_id) AS customer
    """
)


@dataclass(frozen=True)
class TriageSetup:
    """The active rules in their order, where a case goes that no rule places, and who wrote."""

    rules: Sequence[Mapping[str, Any]]
    channel_queue_id: int | None
    default_queue_id: int | None
    queue_names: Mapping[int, str]
    tier: str
    language: str


def triage_setup(session: Session, case_id: int) -> TriageSetup:
    """As it is now, for a case that is in the database with its first conversation.

    Without a default queue, the first active one takes what nothing else does.
    """
    row = session.execute(_SETUP, {"case_id": case_id}).one()
    return TriageSetup(
        rules=row.rules,
        channel_queue_id=row.channel_queue_id,
        default_queue_id=row.default_queue_id,
        queue_names={int(number): name for number, name in row.queue_names.items()},
        tier=row.customer["tier"],
        language=row.customer["language"],
    )
