"""What four weeks say of every topic, as the rules of proposals want it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from desk.store.insights.scores import SCORES

_CASES = text(
    """
    WITH asked AS (
      SELECT q.id, q.topic_id, q.case_id, q.asked_at, c.customer_id
      FROM questions q JOIN cases c ON c.id = q.case_id
      WHERE q.topic_id IS NOT NULL AND q.asked_at >= :since AND q.asked_at < :until
    ), touched AS (SELECT DISTINCT topic_id, case_id FROM asked),
    -- On hold from one change of status to the next, in the cases of the period.
    turns AS (
      SELECT h.case_id, h.after #>> '{}' AS status, h.at,
        least(lead(h.at, 1, :until) OVER (PARTITION BY h.case_id ORDER BY h.id), :until) AS until
      FROM case_changes h
      WHERE h.what = 'status' AND h.at < :until AND h.case_id IN (SELECT case_id FROM touched)
    ), held AS (
      SELECT case_id, extract(epoch FROM sum(until - at))::float8 AS seconds
      FROM turns WHERE status = 'on_hold' GROUP BY case_id
    ), again AS (
      SELECT DISTINCT h.case_id FROM case_changes h
      WHERE h.what = 'status' AND h.before = '"resolved"'::jsonb AND h.after = '"open"'::jsonb
        AND h.at < :until AND h.case_id IN (SELECT case_id FROM touched)
    ), answered AS (
      SELECT t.topic_id, count(DISTINCT m.agent_id) AS agents
      FROM touched t JOIN messages m ON m.case_id = t.case_id
      WHERE m.kind = 'outbound' AND m.author_kind = 'agent' AND m.at < :until GROUP BY 1
    ), cased AS (
      SELECT t.topic_id,
        count(*) FILTER (WHERE c.resolved_at < :until) AS resolved,
        count(*) FILTER (WHERE c.resolved_at < :until AND a.case_id IS NOT NULL) AS reopened,
        count(h.case_id) AS waiting_cases,
        coalesce(sum(h.seconds), 0) / greatest(1, sum(extract(epoch FROM
          least(coalesce(c.resolved_at, :until), :until) - c.opened_at)))::float8 AS waited
      FROM touched t JOIN cases c ON c.id = t.case_id
        LEFT JOIN again a ON a.case_id = t.case_id LEFT JOIN held h ON h.case_id = t.case_id
      GROUP BY 1
    ), chased AS (
      -- Nothing was said to them for three days of an order, or of a case that was still open.
      SELECT a.topic_id, count(*) AS chasing FROM asked a
      WHERE (EXISTS (SELECT FROM purchases p WHERE p.customer_id = a.customer_id AND p.amount > 0
            AND p.bought_at BETWEEN a.asked_at - interval '30 days' AND a.asked_at - interval '3 days')
          OR EXISTS (SELECT FROM cases o WHERE o.customer_id = a.customer_id AND o.id <> a.case_id
            AND o.opened_at < a.asked_at - interval '3 days'
            AND (o.resolved_at IS NULL OR o.resolved_at > a.asked_at)))
        AND NOT EXISTS (SELECT FROM cases k JOIN messages m ON m.case_id = k.id
          WHERE k.customer_id = a.customer_id AND m.kind = 'outbound'
            AND m.at BETWEEN a.asked_at - interval '3 days' AND a.asked_at)
      GROUP BY 1
    )
    SELECT c.topic_id, c.resolved, c.reopened, c.waiting_cases, c.waited,
      coalesce(w.agents, 0) AS agents, coalesce(h.chasing, 0) AS chasing
    FROM cased c LEFT JOIN answered w USING (topic_id) LEFT JOIN chased h USING (topic_id)
    """
)
_FIRST_ANSWERS = text(
    """
    SELECT DISTINCT ON (q.topic_id, q.case_id) q.topic_id, q.case_id, left(m.text, 2000) AS said
    FROM questions q JOIN messages m ON m.case_id = q.case_id
    WHERE q.topic_id IS NOT NULL AND q.asked_at >= :since AND q.asked_at < :until
      AND m.kind = 'outbound' AND m.author_kind = 'agent' AND m.at >= q.asked_at AND m.at < :until
    ORDER BY q.topic_id, q.case_id, m.position
    """
)
_SEARCHES = text(
    """
    SELECT lower(words) AS words, count(*) AS times,
      count(*) FILTER (WHERE found = 0 OR article_id IS NULL) AS in_vain
    FROM help_searches WHERE at >= :since AND at < :until GROUP BY 1
    """
)
# Found as a reader finds it: by words in its title and its text; or because agents send it to those who ask.
_COVERAGE = text(
    """
    WITH used AS (
      SELECT u.article_id, count(DISTINCT u.case_id) AS times
      FROM questions q JOIN article_uses u ON u.case_id = q.case_id
      WHERE q.topic_id = :topic AND q.asked_at >= :since AND q.asked_at < :until AND u.kind <> 'source'
        AND u.at < :until
      GROUP BY 1
    ), named AS (
      SELECT a.id, a.shown_title, a.published_at, coalesce(u.times, 0) AS used,
        (SELECT count(*) FROM unnest(CAST(:words AS text[])) w(word)
          WHERE a.search @@ plainto_tsquery('english', w.word)) AS held,
        (SELECT count(*) FROM unnest(CAST(:words AS text[])) w(word)
          WHERE a.title_search @@ plainto_tsquery('english', w.word)) AS in_title
      FROM articles a LEFT JOIN used u ON u.article_id = a.id
      WHERE a.state = 'published' AND a.audience = 'public' AND a.published_at < :until
    )
    SELECT n.id AS article_id, n.shown_title AS title, n.used, n.published_at,
      (SELECT count(*) FROM help_searches s WHERE s.article_id = n.id AND s.at >= :since AND s.at < :until)
        AS opened,
      (SELECT count(*) FROM article_votes v JOIN articles a ON a.id = v.article_id
        WHERE v.article_id = n.id AND v.revision = a.shown_revision AND v.at < :until) AS votes,
      (SELECT count(*) FROM article_votes v JOIN articles a ON a.id = v.article_id
        WHERE v.article_id = n.id AND v.revision = a.shown_revision AND v.helpful AND v.at < :until)
        AS helpful
    FROM named n
    WHERE n.used >= :least OR (n.in_title >= 1 AND n.held >= 2)
    ORDER BY n.used DESC, n.in_title DESC, n.held DESC, n.id LIMIT 1
    """
)
_ANSWERS = text(
    f"""
    SELECT q.case_id, q.text AS question, m.text AS answer, h.score
    FROM questions q JOIN cases c ON c.id = q.case_id
    JOIN LATERAL (
      SELECT m.text FROM messages m
      WHERE m.case_id = c.id AND m.kind = 'outbound' AND m.author_kind = 'agent' AND m.at <= :until
        AND m.at >= q.asked_at
      ORDER BY m.position DESC LIMIT 1
    ) m ON true
    LEFT JOIN LATERAL (SELECT min(z.score) AS score FROM {SCORES} z
      WHERE z.case_id = c.id AND z.scored_at < :until) h ON true
    WHERE q.topic_id = :topic AND q.asked_at >= :since AND q.asked_at < :until AND q.text <> ''
      AND c.resolved_at < :until AND coalesce(h.score, 5) > 2
      AND NOT EXISTS (SELECT FROM case_changes k WHERE k.case_id = c.id AND k.what = 'status'
        AND k.before = '"resolved"'::jsonb AND k.after = '"open"'::jsonb AND k.at < :until)
      AND NOT EXISTS (SELECT FROM questions r JOIN cases d ON d.id = r.case_id
        WHERE r.topic_id = q.topic_id AND d.customer_id = c.customer_id AND r.case_id <> q.case_id
          AND r.asked_at > q.asked_at AND r.asked_at <= q.asked_at + interval '7 days')
    ORDER BY q.asked_at DESC, q.id DESC LIMIT :limit
    """  # noqa: S608 - put together from constants
)


@dataclass(frozen=True, slots=True)
class Solved:
    """A question, and the last answer before its case was solved for good; `score` 1 to 5, where the customer
    gave one."""

    case_id: int
    question: str
    answer: str
    score: int | None


def facts_of_cases(session: Session, since: datetime, until: datetime) -> dict[int, dict[str, Any]]:
    """By topic `{resolved, reopened, waiting_cases, waited, agents, chasing}`."""
    rows = session.execute(_CASES, {"since": since, "until": until})
    return {row.topic_id: {**row._mapping} for row in rows}


def first_answers(session: Session, since: datetime, until: datetime) -> dict[int, list[str]]:
    """By topic the first answer of each of its cases."""
    said: dict[int, list[str]] = {}
    for row in session.execute(_FIRST_ANSWERS, {"since": since, "until": until}):
        said.setdefault(row.topic_id, []).append(row.said)
    return said


def searches_made(session: Session, since: datetime, until: datetime) -> list[tuple[str, int, int]]:
    """(words, times, times in vain) of what was searched for in the help centre."""
    return [tuple(row) for row in session.execute(_SEARCHES, {"since": since, "until": until})]


def coverage_of(
    session: Session, topic_id: int, words: list[str], least: int, since: datetime, until: datetime
) -> dict[str, Any] | None:
    """`{article_id, title, used, published_at, opened, votes, helpful}` of the published article about the
    topic: used in `least` of its cases, or found by its words; None where there is none."""
    row = session.execute(
        _COVERAGE, {"topic": topic_id, "words": words, "least": least, "since": since, "until": until}
    ).first()
    return {**row._mapping} if row else None


def solved_of(session: Session, topic_id: int, since: datetime, until: datetime, limit: int) -> list[Solved]:
    """Questions with the answers that ended them: not reopened, not asked again within a week, not scored
    badly. The newest first."""
    found = {"topic": topic_id, "since": since, "until": until, "limit": limit}
    return [Solved(*row) for row in session.execute(_ANSWERS, found)]
