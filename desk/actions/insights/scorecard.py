"""The scorecard: what each metric is, should be and was; goals are a manager's, its cases a click away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from desk.actions.exports import as_csv
from desk.actions.setup.audit import audit
from desk.insights.scorecard import FEW, course, verdict
from desk.model.agent import Agent
from desk.model.errors import Invalid, NotFound
from desk.model.events import SetupChanged
from desk.model.goal import Goal, Rhythm
from desk.model.permission import Permission
from desk.store.holds import hold
from desk.store.insights.goals import current_goals, goals_of, replace_goal
from desk.store.insights.metrics import METRICS, MISSING
from desk.store.insights.metrics.figures import (
    Asked,
    Point,
    ages,
    can_be_narrowed,
    cases_behind,
    figures,
    give_room,
)
from desk.store.insights.metrics.metric import Group, Metric, Unit
from desk.store.insights.minute_cost import currency_of
from desk.store.policies import policy
from desk.store.unit_of_work import Work

USUAL_DAYS = 28
WEEKS = 13
MOST_BEHIND = 200
COLUMNS = (
    "group", "metric", "title", "unit", "value", "count", "target", "verdict", "course", "owner", "rhythm",
    "first", "last", "queue", "channel", "tier", "formula",
)  # fmt: skip


def scorecard_asked(
    work: Work,
    *,
    first: date | None = None,
    last: date | None = None,
    days: int | None = None,
    queue: int | None = None,
    channel: str | None = None,
    tier: str | None = None,
) -> Asked:
    """From the first to the last day in the desk's zone, else as many `days` up to
    the last, 28 where none are named; and 13 weeks up to it.

    Raises Invalid for an end before the beginning.
    """
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    last = last or work.now.astimezone(zone).date()
    first = first or last - timedelta(days=(days or USUAL_DAYS) - 1)
    if first > last:
        raise Invalid(f"The first day, {first}, comes after the last, {last}.", "first")
    monday = last - timedelta(days=last.weekday() + 7 * (WEEKS - 1))
    return Asked(
        since=_midnight(first, zone),
        until=_midnight(last + timedelta(days=1), zone),
        trend_since=_midnight(monday, zone),
        now=work.now,
        zone=zone.key,
        queue=queue,
        channel=channel,
        tier=tier,
    )


def metrics_shown(work: Work) -> dict[str, Any]:
    """`{rows, missing}`: how each metric is defined, and what cannot be told and why."""
    work.require(Permission.WATCH_FLOOR)
    rows = [_definition(one) for one in METRICS.values()]
    return {"rows": rows, "missing": [{"title": title, "why": why} for title, why in MISSING.items()]}


def scorecard_shown(work: Work, asked: Asked, group: Group | None = None) -> dict[str, Any]:
    """`{first, last, weeks, currency, rows}`: each metric with its figure, goal and 13 weeks;
    those of one `group` alone where it is named.

    A metric that cannot be told for what is asked for alone has `narrowed` false and no figure.
    """
    work.require(Permission.WATCH_FLOOR)
    give_room(work.session)
    goals = current_goals(work.session)
    weeks = _weeks(asked)
    return {
        **_days(asked),
        "weeks": weeks,
        "currency": currency_of(work.session),
        "rows": [
            _row(work, metric, asked, weeks, goals.get(metric.key))
            for metric in METRICS.values()
            if group in (None, metric.group)
        ],
    }


def scorecard_as_csv(work: Work, asked: Asked) -> Iterator[str]:
    """One line a metric, and a column for each of its weeks."""
    work.require(Permission.EXPORT)
    shown = scorecard_shown(work, asked)
    given = {**_days(asked), "queue": asked.queue, "channel": asked.channel, "tier": asked.tier}
    names = [f"week {monday}" for monday in shown["weeks"]]
    rows = (_line(row, names) | given for row in shown["rows"])
    return as_csv((*COLUMNS, *names), rows)


def behind_shown(work: Work, key: str, asked: Asked) -> dict[str, Any]:
    """`{rows, ages}`: the cases that a figure was told from, the worst first, at most two hundred.

    `ages` counts a backlog by its age, and is None for what is none.
    """
    work.require(Permission.WATCH_FLOOR)
    metric = _metric(key)
    if not metric.has_cases:
        return {"rows": [], "ages": None, "next": None}
    give_room(work.session)
    rows = cases_behind(work.session, metric, asked, MOST_BEHIND)
    return {"rows": rows, "ages": ages(work.session, metric, asked), "next": None}


def goals_shown(work: Work, key: str) -> dict[str, Any]:
    """Every goal that the metric had, with who set it and when, the latest first."""
    work.require(Permission.WATCH_FLOOR)
    return {"rows": list(goals_of(work.session, _metric(key).key)), "next": None}


def set_goal(
    work: Work, key: str, *, target: float | None, owner_id: int | None, rhythm: Rhythm
) -> dict[str, Any]:
    """What the metric should reach from now on, who answers for it, and how often it is looked at.

    Raises NotFound for an unknown metric, Invalid for a target or an owner that cannot be.
    """
    work.require(Permission.EDIT_POLICIES)
    metric = _metric(key)
    if target is not None:
        _check_target(metric, target)
    if owner_id is not None:
        owner = work.session.get(Agent, owner_id)
        if owner is None or owner.disabled_at is not None:
            raise Invalid("There is no such person to answer for it.", "owner_id")
    hold(work.session, f"goal {key}")
    goal = Goal(
        metric=key, target=target, owner_id=owner_id, rhythm=rhythm, at=work.now, agent_id=work.actor.agent_id
    )
    replace_goal(work.session, goal)
    audit(work, "goal set", f"goal:{key}", {"target": target, "owner_id": owner_id, "rhythm": rhythm.value})
    work.record(SetupChanged(table="goals", row_id=goal.id))
    return current_goals(work.session)[key]


def _check_target(metric: Metric, target: float) -> None:
    if not isfinite(target) or target < 0:
        raise Invalid("A target is a number from 0 on.", "target")
    if metric.unit is Unit.SHARE and target > 1:
        raise Invalid("A share is from 0 to 100 percent.", "target")


def _metric(key: str) -> Metric:
    found = METRICS.get(key)
    if found is None:
        raise NotFound(f"There is no metric “{key[:40]}”.")
    return found


def _definition(metric: Metric) -> dict[str, Any]:
    return {
        "metric": metric.key,
        "group": metric.group,
        "title": metric.title,
        "formula": metric.formula,
        "definition": metric.definition,
        "source": metric.source,
        "unit": metric.unit,
        "more_is_better": metric.more_is_better,
        "narrows": metric.narrows,
        "has_cases": metric.has_cases,
    }


def _row(
    work: Work, metric: Metric, asked: Asked, weeks: Sequence[date], goal: Mapping[str, Any] | None
) -> dict[str, Any]:
    narrowed = can_be_narrowed(metric, asked)
    point, by_week = figures(work.session, metric, asked) if narrowed else (Point(None, 0), {})
    trend = [by_week.get(week, Point(None, 0)).value for week in weeks]
    target = goal["target"] if goal else None
    return {
        **_definition(metric),
        "narrowed": narrowed,
        "value": point.value,
        "count": point.count,
        "few": point.value is not None and point.count < FEW,
        "target": target,
        "verdict": verdict(point.value, target, more_is_better=metric.more_is_better),
        "trend": trend,
        "course": course(trend, more_is_better=metric.more_is_better),
        "goal": dict(goal) if goal else None,
    }


def _line(row: Mapping[str, Any], weeks: Sequence[str]) -> dict[str, Any]:
    goal = row["goal"] or {}
    told = {**row, "owner": goal.get("owner"), "rhythm": goal.get("rhythm")}
    return told | dict(zip(weeks, row["trend"], strict=True))


def _days(asked: Asked) -> dict[str, date]:
    zone = ZoneInfo(asked.zone)
    last = asked.until.astimezone(zone).date() - timedelta(days=1)
    return {"first": asked.since.astimezone(zone).date(), "last": last}


def _weeks(asked: Asked) -> list[date]:
    monday = asked.trend_since.astimezone(ZoneInfo(asked.zone)).date()
    return [monday + timedelta(weeks=count) for count in range(WEEKS)]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
