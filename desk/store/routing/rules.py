"""What triage needs to know of the desk, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desk.store.line import Line, Statement

# A rule that leads to a queue which is switched off keeps its other effects.
_SETUP = Statement(
    """
    SELECT
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
          'name', r.name, 'conditions', r.conditions, 'match_all', r.match_all,
          'queue_id', (SELECT q.id FROM queues q WHERE q.id = r.queue_id AND q.active),
          'priority', r.priority, 'category_id', r.category_id, 'add_tags', r.add_tags
        ) ORDER BY r.position, r.id), '[]') FROM triage_rules r WHERE r.active) AS rules,
      (SELECT coalesce(jsonb_object_agg(ch.id, q.id), '{}') FROM channels ch
       JOIN queues q ON q.id = ch.queue_id AND q.active) AS channel_queues,
      (SELECT q.id FROM queues q WHERE q.active
       ORDER BY q.is_default DESC, q.position, q.id LIMIT 1) AS default_queue_id,
      (SELECT coalesce(jsonb_object_agg(q.id, q.name), '{}') FROM queues q) AS queue_names
    """
)


@dataclass(frozen=True)
class TriageSetup:
    """The active rules in their order, and where a case goes that no rule places."""

    rules: Sequence[Mapping[str, Any]]
    channel_queues: Mapping[int, int]
    default_queue_id: int | None
    queue_names: Mapping[int, str]

    def queue_of(self, channel_id: int) -> int | None:
        """Where a case of the channel goes that neither a rule nor a person has placed."""
        return self.channel_queues.get(channel_id) or self.default_queue_id


def foresee_triage(line: Line) -> None:
    """Have the setup come with the next question: nearly every first message needs it."""
    line.foresee(_SETUP)


def triage_setup(line: Line) -> TriageSetup:
    """As it is in this unit of work, asked once however many cases it opens.

    Without a default queue, the first active one takes what nothing else does.
    """
    (row,) = line.ask_once(_SETUP)
    return TriageSetup(
        rules=row.rules,
        channel_queues={int(number): queue_id for number, queue_id in row.channel_queues.items()},
        default_queue_id=row.default_queue_id,
        queue_names={int(number): name for number, name in row.queue_names.items()},
    )
