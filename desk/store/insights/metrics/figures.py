"""Figures of metrics: of a period, week by week before its end, and the cases behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from desk.store.cases.work import TURNED
from desk.store.insights.metrics.metric import Fold, Metric

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

# A median needs every observation; all else is told from the sums of each week.
_ONE_BY_ONE = "SELECT week, inside, value, (weight > 0)::int AS seen FROM kept"
_SUMMED = """
    SELECT week, inside, sum(value) AS value, sum(weight) AS weight,
      count(*) FILTER (WHERE weight > 0) AS seen
    FROM kept GROUP BY week, inside
"""
_AT_THE_END = (Fold.LAST, Fold.LAST_RATIO)
_COLUMNS = {"queue": "queue_id", "channel": "channel", "tier": "tier"}


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
    def mondays(self) -> list[date]:
        """Of the weeks from the beginning of the trend to the end of the period."""
        zone, moment = ZoneInfo(self.zone), timedelta(microseconds=1)
        first, last = (at.astimezone(zone).date() for at in (self.trend_since, self.until - moment))
        return [first + timedelta(weeks=week) for week in range((last - first).days // 7 + 1)]

    @property
    def begins(self) -> list[datetime]:
        """When each of these weeks begins."""
        return [_midnight(monday, self.zone) for monday in self.mondays]

    @property
    def weeks(self) -> list[date]:
        """The Mondays that were up to now; none where it is all to come."""
        return [monday for monday in self.mondays if monday <= self.last_week]

    @property
    def last_week(self) -> date:
        """The Monday of the week in which the period ends, or in which we are."""
        last = (self.end - timedelta(microseconds=1)).astimezone(ZoneInfo(self.zone)).date()
        return last - timedelta(days=last.weekday())

    @property
    def ends(self) -> list[datetime]:
        """When each of the `weeks` is over; the last ends with the period, or now."""
        over = (_midnight(monday + timedelta(weeks=1), self.zone) for monday in self.weeks)
        return [min(end, self.end) for end in over]

    @property
    def end(self) -> datetime:
        """The end of the period, or now where that is to come."""
        return min(self.until, self.now)

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
    """Until the end of the transaction, what is sorted and joined for figures may stay in memory, and no
    statement is compiled or divided among processes: both take longer than they spare, the more so as a page
    asks for its sides at once."""
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    session.execute(text("SET LOCAL jit = off"))
    session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))


def can_be_narrowed(metric: Metric, asked: Asked) -> bool:
    """Whether the metric can be told for what is asked for alone."""
    return asked.narrowed_by <= set(metric.narrows)


def figures(session: Session, metric: Metric, asked: Asked) -> tuple[Point, dict[date, Point]]:
    """The figure of the period, and those of the weeks by their Monday; weeks without any are left out."""
    if metric.fold in _AT_THE_END:
        weeks = _at_the_ends(session, metric, asked)
        return weeks.get(asked.last_week, _nothing(metric)), weeks
    rows = session.execute(
        text(
            f"""
            WITH {TURNED}, observed AS ({metric.question}),
            kept AS (
              SELECT width_bucket(at, CAST(:begins AS timestamptz[])) AS week, at >= :since AS inside,
                value, weight
              FROM observed WHERE {_narrowed(asked)}
            ), told AS ({_ONE_BY_ONE if metric.fold is Fold.MEDIAN else _SUMMED})
            SELECT week, inside, ({_FOLDS[metric.fold]})::float AS value, sum(seen)::bigint AS seen
            FROM told GROUP BY GROUPING SETS ((week), (inside))
            """
        ),
        {**asked.values, "begin": min(asked.since, asked.trend_since), "begins": asked.begins},
    ).all()
    mondays = asked.mondays
    by_week = {mondays[row.week - 1]: Point(row.value, row.seen) for row in rows if row.week}
    inside = (Point(row.value, row.seen) for row in rows if row.inside)
    return next(inside, Point(None, 0)), by_week


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _narrowed(asked: Asked) -> str:
    """What is not asked for is not named, so that where nobody asks for a tier no customer is looked up."""
    return " AND ".join(f"{_COLUMNS[name]} = :{name}" for name in sorted(asked.narrowed_by)) or "true"


def _at_the_ends(session: Session, metric: Metric, asked: Asked) -> dict[date, Point]:
    """What stood at the end of each week: every observation is put once between the two ends that it begins
    and ends at, and the weeks are added up from these few."""
    if not asked.weeks:
        return {}
    rows = session.execute(
        text(
            f"""
            WITH {TURNED}, observed AS ({metric.question}),
            stood AS (
              SELECT width_bucket(at, CAST(:ends AS timestamptz[])) AS began,
                width_bucket(until_at, CAST(:ends AS timestamptz[])) AS ended,
                width_bucket(value_at, CAST(:ends AS timestamptz[])) AS counted,
                sum(value) AS value, sum(weight) AS weight, count(*) FILTER (WHERE weight > 0) AS seen
              FROM observed WHERE {_narrowed(asked)} GROUP BY 1, 2, 3
            ), seen AS (
              SELECT e.week, CASE WHEN s.counted < e.number THEN s.value ELSE 0 END AS value, s.weight, s.seen
              FROM unnest(CAST(:weeks AS date[])) WITH ORDINALITY e(week, number)
                JOIN stood s ON s.began < e.number AND e.number <= s.ended
            )
            SELECT week, ({_FOLDS[metric.fold]})::float AS value, sum(seen)::bigint AS seen
            FROM seen GROUP BY week
            """
        ),
        {**asked.values, "begin": asked.trend_since, "weeks": asked.weeks, "ends": asked.ends},
    )
    found = {row.week: Point(row.value, row.seen) for row in rows}
    # No row where nothing stands, which is a figure of its own: none waits.
    return {monday: found.get(monday, _nothing(metric)) for monday in asked.weeks}


def _nothing(metric: Metric) -> Point:
    return Point(0.0 if metric.fold is Fold.LAST else None, 0)


def cases_behind(session: Session, metric: Metric, asked: Asked, limit: int) -> list[dict[str, Any]]:
    """What a figure of the period was told from, the worst first: `{case_id, subject, at, value}`."""
    worst = "ASC" if metric.more_is_better else "DESC"
    rows = session.execute(
        text(
            f"""
            WITH {TURNED}, observed AS ({metric.question})
            SELECT o.case_id, k.subject, o.at, o.value::float
            FROM ({_behind(metric, asked)}) o JOIN cases k ON k.id = o.case_id
            ORDER BY o.value {worst}, o.at DESC, o.case_id LIMIT :limit
            """
        ),
        {**asked.values, "begin": asked.since, "end": asked.end, "limit": limit},
    )
    return [dict(row._mapping) for row in rows]


def _behind(metric: Metric, asked: Asked) -> str:
    """The observations behind the figure of the period; what stands is seen at its end."""
    if metric.fold not in _AT_THE_END:
        return f"SELECT case_id, at, value FROM observed WHERE at >= :since AND {_narrowed(asked)}"
    return f"""
        SELECT case_id, CAST(:end AS timestamptz) AS at,
          CASE WHEN value_at < :end THEN value ELSE 0 END AS value
        FROM observed WHERE at < :end AND until_at >= :end AND {_narrowed(asked)}
    """


def ages(session: Session, metric: Metric, asked: Asked) -> list[dict[str, Any]] | None:
    """What stands at the end of the period by its age: `{from_days, until_days, cases}`, the youngest first.

    None for a metric that is not about what stands.
    """
    if metric.fold not in _AT_THE_END:
        return None
    rows = session.execute(
        text(
            f"""
            WITH {TURNED}, observed AS ({metric.question})
            SELECT count(*) AS cases, width_bucket(
              extract(epoch FROM o.at - k.opened_at)::float / 86400, CAST(:ages AS float[])) AS step
            FROM ({_behind(metric, asked)}) o JOIN cases k ON k.id = o.case_id
            GROUP BY step
            """
        ),
        {**asked.values, "begin": asked.since, "end": asked.end, "ages": list(AGES)},
    )
    counts = {row.step: row.cases for row in rows}
    borders = [0, *AGES, None]
    return [
        {"from_days": borders[step], "until_days": borders[step + 1], "cases": counts.get(step, 0)}
        for step in range(len(AGES) + 1)
    ]
