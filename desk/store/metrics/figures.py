"""Figures of metrics: of a period, week by week before its end, and the cases behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from desk.store.metrics.metric import Fold, Metric

_RATIO = "sum(value) / nullif(sum(weight), 0)"
_FOLDS: Mapping[Fold, str] = {
    Fold.RATIO: _RATIO,
    Fold.MEDIAN: "percentile_cont(0.5) WITHIN GROUP (ORDER BY value)",
    Fold.SUM: "sum(value)",
    Fold.LAST: "sum(value)",
    Fold.LAST_RATIO: _RATIO,
}
AGES = (1, 3, 7, 30)
"""Days at which the steps of a backlog begin; the first is what is younger than a day."""

_AT_THE_END = (Fold.LAST, Fold.LAST_RATIO)
_NARROWED = """
    (CAST(:queue AS bigint) IS NULL OR queue_id = :queue)
    AND (CAST(:channel AS text) IS NULL OR channel = :channel)
    AND (CAST(:tier AS text) IS NULL OR tier = :tier)
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """The period is from `since` to before `until`; weeks are told from `trend_since`, a Monday in `zone`."""

    since: datetime
    until: datetime
    trend_since: datetime
    now: datetime
    zone: str
    queue: int | None = None
    channel: str | None = None
    tier: str | None = None

    @property
    def narrowed_by(self) -> set[str]:
        return {name for name in ("queue", "channel", "tier") if getattr(self, name) is not None}

    @property
    def weeks(self) -> list[date]:
        """The Mondays from the beginning of the trend to the last week."""
        first = self.trend_since.astimezone(ZoneInfo(self.zone)).date()
        count = (self.last_week - first).days // 7 + 1
        return [first + timedelta(weeks=week) for week in range(count)]

    @property
    def last_week(self) -> date:
        """The Monday of the week in which the period ends, or in which we are."""
        last = (min(self.until, self.now) - timedelta(microseconds=1)).astimezone(ZoneInfo(self.zone)).date()
        return last - timedelta(days=last.weekday())

    @property
    def values(self) -> dict[str, Any]:
        return {
            "since": self.since, "until": self.until, "now": self.now, "zone": self.zone,
            "queue": self.queue, "channel": self.channel, "tier": self.tier,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """A figure and of how many observations; None where there are none to tell it from."""

    value: float | None
    count: int


def give_room(session: Session) -> None:
    """Until the end of the transaction, what is sorted and joined for figures may stay in memory."""
    session.execute(text("SET LOCAL work_mem = '64MB'"))


def can_be_narrowed(metric: Metric, asked: Asked) -> bool:
    """Whether the metric can be told for what is asked for alone."""
    return asked.narrowed_by <= set(metric.narrows)


def figures(session: Session, metric: Metric, asked: Asked) -> tuple[Point, dict[date, Point]]:
    """The figure of the period, and those of the weeks by their Monday; weeks without any are left out."""
    rows = session.execute(
        text(
            f"""
            WITH observed AS ({metric.question}),
            kept AS (
              SELECT *, date_trunc('week', at AT TIME ZONE :zone)::date AS week, at >= :since AS inside
              FROM observed WHERE {_NARROWED}
            )
            SELECT week, inside, ({_FOLDS[metric.fold]})::float AS value,
              count(*) FILTER (WHERE weight > 0) AS seen
            FROM kept GROUP BY GROUPING SETS ((week), (inside))
            """
        ),
        {**asked.values, "begin": min(asked.since, asked.trend_since)},
    ).all()
    weeks = {row.week: Point(row.value, row.seen) for row in rows if row.week is not None}
    if metric.fold in _AT_THE_END:
        # No row where nothing stands, which is a figure of its own: none waits.
        nothing = Point(0.0 if metric.fold is Fold.LAST else None, 0)
        weeks = {monday: weeks.get(monday, nothing) for monday in asked.weeks}
        return weeks.get(asked.last_week, nothing), weeks
    inside = (Point(row.value, row.seen) for row in rows if row.inside)
    return next(inside, Point(None, 0)), weeks


def cases_behind(session: Session, metric: Metric, asked: Asked, limit: int) -> list[dict[str, Any]]:
    """What a figure of the period was told from, the worst first: `{case_id, subject, at, value}`."""
    worst = "ASC" if metric.more_is_better else "DESC"
    last = "AND at = (SELECT max(at) FROM observed)" if metric.fold in _AT_THE_END else ""
    rows = session.execute(
        text(
            f"""
            WITH observed AS ({metric.question})
            SELECT o.case_id, k.subject, o.at, o.value::float
            FROM (SELECT * FROM observed WHERE at >= :since {last} AND {_NARROWED}) o
              JOIN cases k ON k.id = o.case_id
            ORDER BY o.value {worst}, o.at DESC, o.case_id LIMIT :limit
            """
        ),
        {**asked.values, "begin": asked.since, "limit": limit},
    )
    return [dict(row._mapping) for row in rows]


def ages(session: Session, metric: Metric, asked: Asked) -> list[dict[str, Any]] | None:
    """What stands at the end of the period by its age: `{from_days, until_days, cases}`, the youngest first.

    None for a metric that is not about what stands.
    """
    if metric.fold not in _AT_THE_END:
        return None
    rows = session.execute(
        text(
            f"""
            WITH observed AS ({metric.question})
            SELECT count(*) AS cases, width_bucket(
              extract(epoch FROM o.at - k.opened_at)::float / 86400, CAST(:ages AS float[])) AS step
            FROM (SELECT * FROM observed WHERE at = (SELECT max(at) FROM observed) AND {_NARROWED}) o
              JOIN cases k ON k.id = o.case_id
            GROUP BY step
            """
        ),
        {**asked.values, "begin": asked.since, "ages": list(AGES)},
    )
    counts = {row.step: row.cases for row in rows}
    borders = [0, *AGES, None]
    return [
        {"from_days": borders[step], "until_days": borders[step + 1], "cases": counts.get(step, 0)}
        for step in range(len(AGES) + 1)
    ]
