"""What questions cost: counted for every topic and for all, in a period and in the one before it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from desk.model.customer import Tier
from desk.model.inbound import ChannelKind
from desk.store.cases.work import CHANGED, joined, took
from desk.store.insights.metrics.figures import give_room
from desk.store.insights.metrics.metric import OWNER

MEASURES = {
    "questions": "true",
    "person": "person",
    "minutes": "minutes > 0",
    "missed": "missed",
    "repeat": "again",
    "risk": "missed OR again",
    "beyond": "NOT language_known",
}
"""What can be looked behind, each as a condition on a row of `facts`."""

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


_COLUMNS = {"queue_id": "c.queue_id", "channel": "q.channel_kind", "tier": "u.tier", "language": "u.language"}


def figures(session: Session, period: Period) -> list[dict[str, Any]]:
    """Rows `{now, topic_id, of_everything, questions, person, missed, repeat, minutes, customers, beyond,
    risk}`: of every topic (None for what is of none) and of everything, in the period (`now`) and the one
    before. `beyond` are in a language that the encoder does not know, `risk` the value of the customers who
    waited too long or asked again, each counted once."""
    give_room(session)
    rows = session.execute(
        text(
            f"""
            {_facts(period)}, people AS (
              SELECT now, topic_id, grouping(topic_id) = 1 AS of_everything, max(value) AS value,
                bool_or(missed OR again) AS at_risk, count(*) AS questions,
                count(*) FILTER (WHERE person) AS person, count(*) FILTER (WHERE missed) AS missed,
                count(*) FILTER (WHERE again) AS repeat, sum(minutes) AS minutes,
                count(*) FILTER (WHERE NOT language_known) AS beyond
              FROM facts GROUP BY GROUPING SETS ((now, customer_id, topic_id), (now, customer_id))
            )
            SELECT now, topic_id, of_everything, sum(questions)::bigint AS questions,
              sum(person)::bigint AS person, sum(missed)::bigint AS missed, sum(repeat)::bigint AS repeat,
              sum(minutes) AS minutes, count(*) AS customers, sum(beyond)::bigint AS beyond,
              coalesce(sum(value) FILTER (WHERE at_risk), 0) AS risk
            FROM people GROUP BY now, topic_id, of_everything
            """  # noqa: S608
        ),
        period.values,
    )
    return [dict(row._mapping) for row in rows]


def days_asked(session: Session, period: Period) -> dict[int | None, dict[str, int]]:
    """Of each topic the questions a day (ISO) of the period."""
    rows = session.execute(
        text(
            f"""
            SELECT q.topic_id, (q.asked_at AT TIME ZONE :zone)::date AS day, count(*) AS n
            FROM questions q LEFT JOIN cases c ON c.id = q.case_id {OWNER}
            WHERE q.asked_at >= :since AND q.asked_at < :until AND {_narrowed(period)} GROUP BY 1, 2
            """  # noqa: S608
        ),
        period.values,
    )
    days: dict[int | None, dict[str, int]] = {}
    for row in rows:
        days.setdefault(row.topic_id, {})[row.day.isoformat()] = row.n
    return days


def active_customers(session: Session, period: Period) -> int:
    """Who bought or wrote within the year up to the end of the period."""
    found = session.scalar(
        text(
            f"""
            SELECT count(*) FROM (
              SELECT customer_id FROM cases
              WHERE opened_at >= CAST(:until AS timestamptz) - interval '1 year' AND opened_at < :until
              UNION SELECT customer_id FROM purchases
              WHERE bought_at >= CAST(:until AS timestamptz) - interval '1 year' AND bought_at < :until
                AND amount > 0
            ) c {OWNER} WHERE {_narrowed(period, by=("tier", "language"))}
            """  # noqa: S608
        ),
        period.values,
    )
    return found or 0


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
            {_facts(period)}
            SELECT f.id, f.case_id, f.asked_at, c.subject, c.status,
              (SELECT left(q.text, 300) FROM questions q WHERE q.id = f.id) AS text,
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


def _narrowed(period: Period, by: Collection[str] = tuple(_COLUMNS)) -> str:
    """What is not asked for is not named, so that nothing is joined for it."""
    asked = (f"{_COLUMNS[name]} = :{name}" for name in by if period.values[name] is not None)
    return " AND ".join(asked) or "true"


def _facts(period: Period) -> str:
    """A WITH whose table `facts` has a row each question of both periods, with what came of its case.

    `again`: the same customer asked the same within seven days before. The minutes of a case are shared by
    its questions.
    """
    return f"""
    WITH {CHANGED}, near AS (
      SELECT q.id, q.topic_id, q.case_id, q.asked_at, q.language_known, c.customer_id,
        lag(q.asked_at) OVER (PARTITION BY c.customer_id, q.topic_id ORDER BY q.asked_at, q.id)
          AS asked_before,
        count(*) OVER (PARTITION BY q.case_id) AS together
      FROM questions q JOIN cases c ON c.id = q.case_id {OWNER}
      WHERE q.asked_at >= CAST(:before AS timestamptz) - interval '7 days' AND q.asked_at < :until
        AND {_narrowed(period)}
    ), worked AS (
      SELECT a.*, {took("a.case_id")} AS took,
        EXISTS (SELECT FROM sla_clocks m WHERE m.case_id = a.case_id AND m.missed_at IS NOT NULL) AS missed
      FROM near a {joined("a.case_id")} WHERE a.asked_at >= :before
    ), facts AS (
      SELECT a.*, a.asked_at >= :since AS now, a.took IS NOT NULL AS person,
        coalesce(a.topic_id IS NOT NULL AND a.asked_before >= a.asked_at - interval '7 days', false) AS again,
        coalesce(date_part('epoch', a.took) / 60, 0) / a.together AS minutes,
        coalesce(v.value, 0)::float8 AS value
      FROM worked a LEFT JOIN customer_values v ON v.customer_id = a.customer_id
    )
    """  # noqa: S608 - put together from constants of this file
