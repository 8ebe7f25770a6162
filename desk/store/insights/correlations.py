"""Facts of resolved cases and what came of them, counted; and the cases behind a count."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from desk.store.cases.answer_time import ANSWERS
from desk.store.insights.scores import SCORES

FACTS = {
    "channel": "channel",
    "tier": "tier",
    "level": "level::text",
    "queue": "queue",
    "category": "category",
    "topic": "topic_id::text",
    "weekday": "weekday",
}
"""By name, what a case has of it as text; nothing where it has none."""

OUTCOMES = {
    "reopened": "reopened",
    "missed": "missed",
    "low_score": "low_score",
    "long": "long",
    "again": "again",
}
"""By name, the column; null where it cannot be told of the case."""

# Long is more time of ours than nine of ten cases of the same channel took. Again: another case of the
# customer's within seven days after the resolution, where these are over.
_CASES = f"""
    WITH chosen AS (
      SELECT c.id, c.subject, c.opened_at, c.resolved_at, c.customer_id, c.channel, c.level, u.tier,
        w.name AS queue, g.name AS category,
        extract(isodow FROM c.opened_at AT TIME ZONE :zone)::int::text AS weekday
      FROM cases c JOIN customers u ON u.id = c.customer_id
        LEFT JOIN queues w ON w.id = c.queue_id LEFT JOIN categories g ON g.id = c.category_id
      WHERE c.opened_at >= :since AND c.opened_at < :until AND c.merged_into_id IS NULL
        AND c.last_inbound_position > 0
        AND EXISTS (SELECT FROM case_changes x WHERE x.case_id = c.id AND x.what = 'status'
          AND x.after = '"resolved"')
    ), touched AS (SELECT id AS case_id FROM chosen), {ANSWERS}, worked AS (
      SELECT case_id, extract(epoch FROM sum(took))::float8 AS seconds FROM answers GROUP BY case_id
    ), usual AS (
      SELECT c.channel, percentile_cont(0.9) WITHIN GROUP (ORDER BY w.seconds) AS longest
      FROM chosen c JOIN worked w ON w.case_id = c.id GROUP BY c.channel
    ), late AS (
      SELECT k.case_id, bool_or(k.missed_at IS NOT NULL) AS missed FROM touched t
        JOIN sla_clocks k ON k.case_id = t.case_id WHERE k.target IS NOT NULL GROUP BY k.case_id
    ), scored AS (
      SELECT z.case_id, min(z.score) AS score FROM touched t JOIN {SCORES} z ON z.case_id = t.case_id
      GROUP BY z.case_id
    ), told AS (
      SELECT c.*, q.topic_id, l.missed, s.score <= 2 AS low_score, w.seconds > n.longest AS long,
        EXISTS (SELECT FROM case_changes x WHERE x.case_id = c.id AND x.what = 'status'
          AND x.before = '"resolved"' AND x.after <> '"closed"') AS reopened,
        CASE WHEN c.resolved_at < CAST(:until AS timestamptz) - interval '7 days' THEN EXISTS (
          SELECT FROM cases o WHERE o.customer_id = c.customer_id AND o.id <> c.id
            AND o.opened_at > c.resolved_at AND o.opened_at <= c.resolved_at + interval '7 days') END AS again
      FROM chosen c LEFT JOIN worked w ON w.case_id = c.id LEFT JOIN usual n ON n.channel = c.channel
        LEFT JOIN late l ON l.case_id = c.id LEFT JOIN scored s ON s.case_id = c.id
        LEFT JOIN LATERAL (SELECT topic_id FROM questions q WHERE q.case_id = c.id
          ORDER BY q.asked_at, q.id LIMIT 1) q ON true
    )
"""  # noqa: S608 - put together from constants
_FACT_ROWS = ", ".join(f"('{name}', coalesce({said}, ''))" for name, said in FACTS.items())
_OUTCOME_ROWS = ", ".join(f"('{name}', {said})" for name, said in OUTCOMES.items())


def counts_of(session: Session, since: datetime, until: datetime, zone: str) -> list[Any]:
    """Rows `(fact, value, outcome, cases, events)` of cases opened in the period and resolved since."""
    asked = text(
        f"""
        {_CASES}
        SELECT f.fact, f.value, o.outcome, count(*) AS cases, count(*) FILTER (WHERE o.happened) AS events
        FROM told CROSS JOIN LATERAL (VALUES {_FACT_ROWS}) f(fact, value)
          CROSS JOIN LATERAL (VALUES {_OUTCOME_ROWS}) o(outcome, happened)
        WHERE o.happened IS NOT NULL GROUP BY 1, 2, 3
        """  # noqa: S608 - put together from constants of this file
    )
    bound = {"since": since, "until": until, "zone": zone}
    return list(session.execute(asked, bound))


def cases_together(
    session: Session,
    since: datetime,
    until: datetime,
    zone: str,
    *,
    fact: str,
    value: str,
    outcome: str,
    limit: int,
) -> list[dict[str, Any]]:
    """Cases that have both, the latest first: `{id, case_id, subject, asked_at, text}`."""
    asked = text(
        f"""
        {_CASES}
        SELECT id, id AS case_id, subject, opened_at AS asked_at, '' AS text FROM told
        WHERE coalesce({FACTS[fact]}, '') = :value AND {OUTCOMES[outcome]} ORDER BY opened_at DESC, id DESC
        LIMIT :limit
        """  # noqa: S608 - put together from constants of this file
    )
    bound = {"since": since, "until": until, "zone": zone, "value": value, "limit": limit}
    return [dict(row._mapping) for row in session.execute(asked, bound)]
