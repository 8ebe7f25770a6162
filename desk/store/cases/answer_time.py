"""What answers took: the minutes of agents and the turns of a case, told from messages and stints."""

from __future__ import annotations

from datetime import timedelta

LONGEST = timedelta(minutes=30)
"""An answer took no longer than this: more is a case that lay, and not one that was worked."""

# Case by case, and not as one pass over all messages: a question costs what its own cases hold.
_ANSWERS_OF = f"""
    SELECT s.id, s.agent_id,
      greatest(interval '0', least(s.at - greatest(s.before,
          (SELECT max(stint.assigned_at) FROM assignments stint
            WHERE stint.case_id = {{case}} AND stint.assigned_at <= s.at)),
        interval '{LONGEST.total_seconds():.0f} seconds')) AS took
    FROM (SELECT m.id, m.at, m.author_kind, m.agent_id,
        lag(m.at, 1, m.at) OVER (ORDER BY m.position) AS before
      FROM messages m WHERE m.case_id = {{case}} AND m.kind IN ('inbound', 'outbound', 'note')) s
    WHERE s.author_kind = 'agent'
"""  # noqa: S608 - put together from constants, as all here

ANSWERS = f"""
    answers AS (
      SELECT t.case_id, a.* FROM touched t CROSS JOIN LATERAL ({_ANSWERS_OF.format(case="t.case_id")}) a
    )
"""  # noqa: S608
"""A table of a WITH, after `touched(case_id)`: a row `(case_id, id, agent_id, took)` each answer or note of
ours. It took the time since what was said before it, or since the case came into these hands, `LONGEST` at
most, and none where what stands before it was said later."""

TURNS = """
    turns AS (
      SELECT t.case_id, s.turn, s.asked_at, s.answered_at
      FROM touched t CROSS JOIN LATERAL (
        SELECT turn, min(at) FILTER (WHERE NOT ours) AS asked_at, min(at) FILTER (WHERE ours) AS answered_at
        FROM (
          SELECT m.at, m.kind = 'outbound' AS ours, count(*) FILTER (WHERE m.kind = 'outbound')
            OVER (ORDER BY m.position) - (m.kind = 'outbound')::int AS turn
          FROM messages m WHERE m.case_id = t.case_id
            AND (m.kind = 'outbound' AND m.author_kind = 'agent'
              OR m.kind = 'inbound' AND m.author_kind = 'customer' AND m.automatic IS NULL)) said
        WHERE turn > 0 GROUP BY turn) s
      WHERE s.asked_at <= s.answered_at
    )
"""
"""A table of a WITH, after `touched(case_id)`: a row `(case_id, turn, asked_at, answered_at)` each turn after
our first answer, from the customer's first word since our last answer to our next."""

WROTE_AGAIN = """
    EXISTS (SELECT FROM messages m WHERE m.case_id = c.id AND m.kind = 'inbound'
      AND m.author_kind = 'customer' AND m.automatic IS NULL
      AND m.at > c.first_replied_at AND m.at <= c.resolved_at)
"""
"""Whether the customer of case `c` wrote after our first answer, up to its resolution."""


def took(case: str) -> str:
    """How long the answers and notes of a case took, as an interval; NULL where there are none. `case` is the
    column that holds its number."""
    return f"(SELECT sum(answer.took) FROM ({_ANSWERS_OF.format(case=case)}) answer)"  # noqa: S608
