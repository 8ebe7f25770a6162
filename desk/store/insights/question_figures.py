"""What questions cost: counted for every topic and for all, in a period and in the one before it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from desk.model.customer import Tier
from desk.model.inbound import ChannelKind
from desk.store.cases.work import CHANGED, joined, took
from desk.store.insights.metrics.figures import give_room

MEASURES = {
    "questions": "true",
    "person": "person",
    "minutes": "minutes > 0",
    "missed": "missed",
    "repeat": "again",
    "risk": "missed OR again",
    "beyond": "NOT language_known",
}
"""What can be looked behind, each as a condition on a question of `_FACTS`."""

LOOKED_AT = ("questions", "cases", "messages", "customers", "assignments", "sla_clocks", "customer_values")
"""The tables behind the figures."""


@dataclass(frozen=True, slots=True)
class Period:
    """Questions asked from `since` to before `until`, days of `zone`; the others narrow, where given."""

    since: datetime
    until: datetime
    zone: str
    queue_id: int | None = None
    channel: ChannelKind | None = None
    tier: Tier | None = None
    language: str | None = None

    @property
    def before(self) -> Period:
        """The period of the same length that ends where this one begins."""
        return replace(self, since=self.since - (self.until - self.since), until=self.since)

    @property
    def values(self) -> dict[str, Any]:
        return {
            "since": self.since,
            "until": self.until,
            "before": self.before.since,
            "zone": self.zone,
            "queue_id": self.queue_id,
            "channel": self.channel.value if self.channel else None,
            "tier": self.tier.value if self.tier else None,
            "language": self.language,
        }


_NARROWED = """
    (CAST(:queue_id AS bigint) IS NULL OR c.queue_id = :queue_id)
    AND (CAST(:channel AS text) IS NULL OR q.channel_kind = :channel)
    AND (CAST(:tier AS text) IS NULL OR u.tier = :tier)
    AND (CAST(:language AS text) IS NULL OR u.language = :language)
"""

# One row a question of both periods, with what came of its case. `again`: the same customer asked the same
# within seven days before. The minutes of a case are shared by its questions.
_FACTS = f"""
    WITH near AS (
      SELECT q.id, q.topic_id, q.case_id, q.asked_at, q.text, q.language_known, c.customer_id,
        lag(q.asked_at) OVER (PARTITION BY c.customer_id, q.topic_id ORDER BY q.asked_at, q.id)
          AS asked_before,
        count(*) OVER (PARTITION BY q.case_id) AS together
      FROM questions q JOIN cases c ON c.id = q.case_id JOIN customers u ON u.id = c.customer_id
      WHERE q.asked_at >= CAST(:before AS timestamptz) - interval '7 days' AND q.asked_at < :until
        AND {_NARROWED}
    ), asked AS (SELECT * FROM near WHERE asked_at >= :before),
    {CHANGED}, late AS (
      SELECT DISTINCT k.case_id FROM sla_clocks k JOIN asked a ON a.case_id = k.case_id
      WHERE k.missed_at IS NOT NULL
    ), worked AS (
      SELECT a.*, {took("a.case_id")} AS took FROM asked a {joined("a.case_id")}
    ), facts AS (
      SELECT a.*, a.asked_at >= :since AS now, a.took IS NOT NULL AS person,
        l.case_id IS NOT NULL AS missed,
        coalesce(a.topic_id IS NOT NULL AND a.asked_before >= a.asked_at - interval '7 days', false) AS again,
        coalesce(date_part('epoch', a.took) / 60, 0) / a.together AS minutes,
        coalesce(v.value, 0)::float8 AS value
      FROM worked a LEFT JOIN late l ON l.case_id = a.case_id
        LEFT JOIN customer_values v ON v.customer_id = a.customer_id
    )
"""  # noqa: S608 - put together from constants of this file

_FIGURES = text(
    f"""
    {_FACTS}, ranked AS (
      SELECT *,
        row_number() OVER (PARTITION BY now, topic_id, customer_id ORDER BY missed OR again DESC) AS of_topic,
        row_number() OVER (PARTITION BY now, customer_id ORDER BY missed OR again DESC) AS of_all
      FROM facts
    )
    SELECT now, topic_id, grouping(topic_id) = 1 AS of_everything, count(*) AS questions,
      count(*) FILTER (WHERE person) AS person, count(*) FILTER (WHERE missed) AS missed,
      count(*) FILTER (WHERE again) AS repeat, sum(minutes) AS minutes,
      count(DISTINCT customer_id) AS customers, count(*) FILTER (WHERE NOT language_known) AS beyond,
      coalesce(CASE WHEN grouping(topic_id) = 1
        THEN sum(value) FILTER (WHERE (missed OR again) AND of_all = 1)
        ELSE sum(value) FILTER (WHERE (missed OR again) AND of_topic = 1) END, 0) AS risk
    FROM ranked GROUP BY GROUPING SETS ((now, topic_id), (now))
    """  # noqa: S608
)
_DAYS = text(
    f"""
    SELECT q.topic_id, to_char(q.asked_at AT TIME ZONE :zone, 'YYYY-MM-DD') AS day, count(*) AS n
    FROM questions q JOIN cases c ON c.id = q.case_id JOIN customers u ON u.id = c.customer_id
    WHERE q.asked_at >= :since AND q.asked_at < :until AND {_NARROWED} GROUP BY 1, 2
    """  # noqa: S608
)
_ACTIVE = text(
    """
    SELECT count(*) FROM customers u
    WHERE (CAST(:tier AS text) IS NULL OR u.tier = :tier)
      AND (CAST(:language AS text) IS NULL OR u.language = :language)
      AND (EXISTS (SELECT FROM purchases p WHERE p.customer_id = u.id AND p.amount > 0
          AND p.bought_at >= CAST(:until AS timestamptz) - interval '1 year' AND p.bought_at < :until)
        OR EXISTS (SELECT FROM cases c WHERE c.customer_id = u.id
          AND c.opened_at >= CAST(:until AS timestamptz) - interval '1 year' AND c.opened_at < :until))
    """
)


def figures(session: Session, period: Period) -> list[dict[str, Any]]:
    """Rows `{now, topic_id, of_everything, questions, person, missed, repeat, minutes, customers, beyond,
    risk}`: of every topic (None for what is of none) and of everything, in the period (`now`) and the one
    before. `beyond` are in a language that the encoder does not know."""
    give_room(session)
    return [dict(row._mapping) for row in session.execute(_FIGURES, period.values)]


def days_asked(session: Session, period: Period) -> dict[int | None, dict[str, int]]:
    """Of each topic the questions a day (ISO) of the period."""
    days: dict[int | None, dict[str, int]] = {}
    for row in session.execute(_DAYS, period.values):
        days.setdefault(row.topic_id, {})[row.day] = row.n
    return days


def active_customers(session: Session, period: Period) -> int:
    """Who bought or wrote within the year up to the end of the period."""
    return session.scalar(_ACTIVE, period.values) or 0


def cases_behind(
    session: Session, period: Period, topic_id: int | None, measure: str, limit: int
) -> list[dict[str, Any]]:
    """The questions behind a number, the latest first, and behind minutes those that took most; `topic_id`
    None for all, 0 for those of none. `measure` is one of MEASURES.
    """
    give_room(session)
    most = "f.minutes DESC," if measure == "minutes" else ""
    rows = session.execute(
        text(
            f"""
            {_FACTS}
            SELECT f.id, f.case_id, left(f.text, 300) AS text, f.asked_at, c.subject, c.status,
              round(f.minutes::numeric, 1)::float8 AS minutes
            FROM facts f JOIN cases c ON c.id = f.case_id
            WHERE f.now AND ({MEASURES[measure]})
              AND (CAST(:topic AS bigint) IS NULL OR coalesce(f.topic_id, 0) = :topic)
            ORDER BY {most} f.asked_at DESC, f.id DESC LIMIT :limit
            """  # noqa: S608
        ),
        {**period.values, "topic": topic_id, "limit": limit},
    )
    return [dict(row._mapping) for row in rows]


def languages_known(session: Session) -> list[str]:
    """The languages of those who ask, by how many they are."""
    rows = session.execute(
        text("SELECT language FROM customers WHERE language <> '' GROUP BY 1 ORDER BY count(*) DESC LIMIT 40")
    )
    return [row.language for row in rows]
