"""How long answers took: the minutes of agents, told from messages and stints."""

from __future__ import annotations

from datetime import timedelta

LONGEST = timedelta(minutes=30)
"""An answer took no longer than this: more is a case that lay, and not one that was worked."""

ANSWERS = """
    said AS (
      SELECT m.id, m.case_id, m.at, m.author_kind, m.agent_id,
        lag(m.at, 1, m.at) OVER (PARTITION BY m.case_id ORDER BY m.position) AS before
      FROM touched t JOIN messages m ON m.case_id = t.case_id
      WHERE m.kind IN ('inbound', 'outbound', 'note')
    ), answers AS (
      SELECT s.id, s.case_id, s.agent_id,
        least(s.at - greatest(s.before, max(a.assigned_at)), :longest) AS took
      FROM said s LEFT JOIN assignments a ON a.case_id = s.case_id AND a.assigned_at <= s.at
      WHERE s.author_kind = 'agent' GROUP BY s.id, s.case_id, s.agent_id, s.at, s.before
    )
"""
"""Two tables of a WITH, after `touched(case_id)`: `answers` has a row each answer or note of ours. It took
the time since what was said before it, or since the case came into these hands, `:longest` at most."""
