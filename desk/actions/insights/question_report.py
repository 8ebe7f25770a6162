"""What customers ask, for whoever decides what to do about it: figures, trends, alerts, and their cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desk.actions.exports import as_csv
from desk.actions.insights.topic_runs import FEWEST
from desk.model.customer import Tier
from desk.model.errors import Invalid
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission
from desk.model.topic import RunKind, Topic, TopicAlert, TopicRun
from desk.store.insights.minute_cost import currency_of, minute_cost
from desk.store.insights.question_figures import (
    Period,
    active_customers,
    cases_behind,
    days_asked,
    figures,
    languages_known,
)
from desk.store.insights.questions import count_questions
from desk.store.insights.topics import (
    events_of,
    facets_of,
    get_topic,
    last_run,
    level_of,
    live_topics,
    names_of,
    open_alerts,
    quotes_of,
    topics_set_aside,
)
from desk.store.insights.unread import unread_ids
from desk.store.policies import policy
from desk.store.unit_of_work import Work

USUAL_DAYS = 14
LONGEST_DAYS = 400
MOST_BEHIND = 200
MANY_UNREAD = 200
"""With so many contacts that nobody has read, figures are not to be taken for the whole."""

EVENTS_SHOWN = 12
QUOTES = 3
FIGURES = ("questions", "person", "missed", "repeat", "minutes", "customers", "risk")
NOTHING = dict.fromkeys(FIGURES, 0)
COLUMNS = (
    "topic_id", "topic", "area", "state", "questions", "questions_before", "person", "missed", "repeat",
    "minutes", "customers", "risk", "cost",
)  # fmt: skip


def period_asked(
    work: Work,
    *,
    first: date | None = None,
    last: date | None = None,
    days: int | None = None,
    queue_id: int | None = None,
    channel: ChannelKind | None = None,
    tier: Tier | None = None,
    language: str | None = None,
) -> Period:
    """From the first to the last day in the desk's zone; else so many days up to the last, or up to today.

    Raises Invalid for an end before the beginning, and for what is too long to be counted.
    """
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    last = last or work.now.astimezone(zone).date()
    first = first or last - timedelta(days=(days or USUAL_DAYS) - 1)
    if first > last:
        raise Invalid(f"The first day, {first}, comes after the last, {last}.", "first")
    if (last - first).days >= LONGEST_DAYS:
        raise Invalid(f"A period has at most {LONGEST_DAYS} days.", "first")
    since, until = (_midnight(day, zone) for day in (first, last + timedelta(days=1)))
    return Period(since, until, zone.key, queue_id, channel, tier, language or None)


def questions_shown(work: Work, period: Period) -> dict[str, Any]:
    """`{since, until, days, totals, topics, none, set_aside, alerts, languages, standing}`; every figure with
    the one `before`."""
    work.require(Permission.WATCH_FLOOR)
    rows = figures(work.session, period)
    days = _days(period)
    counted = days_asked(work.session, period)
    topics = live_topics(work.session)
    of = {(row["now"], row["topic_id"]): row for row in rows if not row["of_everything"]}
    everything = {row["now"]: row for row in rows if row["of_everything"]}
    alerts = open_alerts(work.session)
    names = {topic.id: topic.name for topic in topics}
    cost = minute_cost(work.session)
    return {
        "since": period.since,
        "until": period.until,
        "days": days,
        "totals": _pair(everything.get(True), everything.get(False))
        | {
            "beyond": everything[True]["beyond"] if True in everything else 0,
            "active_customers": active_customers(work.session, period),
            "active_customers_before": active_customers(work.session, period.before),
        },
        "currency": currency_of(work.session),
        "minute_cost": cost.amount if cost else None,
        "topics": [
            _topic_plain(topic)
            | _pair(of.get((True, topic.id)), of.get((False, topic.id)))
            | {"trend": [counted.get(topic.id, {}).get(day, 0) for day in days]}
            for topic in topics
        ],
        "none": _pair(of.get((True, None)), of.get((False, None))),
        "set_aside": _set_aside(work),
        "alerts": [_alert(alert, names[alert.topic_id]) for alert in alerts if alert.topic_id in names],
        "languages": languages_known(work.session),
        "standing": standing_shown(work),
    }


def topic_shown(work: Work, topic_id: int) -> dict[str, Any]:
    """One topic with quotes, its usual level, its facets, and what became of it. Raises NotFound."""
    work.require(Permission.WATCH_FLOOR)
    topic = get_topic(work.session, topic_id)
    level = level_of(work.session, topic_id)
    return _topic_plain(topic) | {
        "words": topic.words,
        "quotes": quotes_of(work.session, topic_id, QUOTES),
        "merged_into_id": topic.merged_into_id,
        "level": {"until": level.until.isoformat(), "counts": level.counts, "expected": level.expected}
        if level
        else None,
        "facets": [{"id": facet.id, "name": facet.name} for facet in facets_of(work.session, topic_id)],
        "events": [
            {
                "id": event.id,
                "kind": event.kind.value,
                "at": event.at,
                "agent_id": event.agent_id,
                "other_id": event.other_id,
                "taken_back": bool(event.detail.get("taken_back")),
            }
            for event in events_of(work.session, topic_id, EVENTS_SHOWN)
        ],
    }


def behind_shown(work: Work, period: Period, topic_id: int | None, measure: str) -> list[dict[str, Any]]:
    """The questions behind a number with their cases, the latest first, at most two hundred.

    Behind minutes those that took most come first.
    """
    work.require(Permission.WATCH_FLOOR)
    return cases_behind(work.session, period, topic_id, measure, MOST_BEHIND)


def questions_as_csv(work: Work, period: Period) -> Iterator[str]:
    """One line a topic, as CSV."""
    work.require(Permission.EXPORT)
    shown = questions_shown(work, period)
    nothing = {"id": None, "name": "", "area": "", "state": "", **shown["none"]}
    return as_csv(COLUMNS, (_line(row, shown["minute_cost"]) for row in [*shown["topics"], nothing]))


def run_plain(run: TopicRun) -> dict[str, Any]:
    """A run as the page shows it."""
    return {
        "id": run.id,
        "kind": run.kind.value,
        "asked_at": run.asked_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "questions": run.questions,
        "topics": run.topics,
        "model": run.model,
        "problem": run.problem,
        "progress": run.progress,
    }


def standing_shown(work: Work) -> dict[str, Any]:
    """How far the desk is: what was read, whether much is not yet, what is needed, and the last discovery."""
    work.require(Permission.WATCH_FLOOR)
    run = last_run(work.session, RunKind.DISCOVERY)
    return {
        "questions": count_questions(work.session),
        "behind": len(unread_ids(work.session, work.now, MANY_UNREAD)) == MANY_UNREAD,
        "needed": FEWEST,
        "run": run_plain(run) if run else None,
    }


def _set_aside(work: Work) -> list[dict[str, Any]]:
    """What was merged, or is no topic, by a person's word, with the event by which that is taken back."""
    found = topics_set_aside(work.session)
    into = names_of(work.session, {topic.merged_into_id for topic, _ in found if topic.merged_into_id})
    return [
        {
            "id": topic.id,
            "name": topic.name,
            "merged_into": into.get(topic.merged_into_id or 0),
            "event_id": event.id,
            "at": event.at,
            "agent_id": event.agent_id,
        }
        for topic, event in found
    ]


def _topic_plain(topic: Topic) -> dict[str, Any]:
    return {"id": topic.id, "name": topic.name, "area": topic.area, "state": topic.state.value}


def _pair(now: dict[str, Any] | None, before: dict[str, Any] | None) -> dict[str, Any]:
    return _plain(now) | {"before": _plain(before)}


def _plain(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return dict(NOTHING)
    return {name: round(row[name], 1) if name in ("minutes", "risk") else row[name] for name in FIGURES}


def _alert(alert: TopicAlert, name: str) -> dict[str, Any]:
    return {
        "id": alert.id,
        "topic_id": alert.topic_id,
        "name": name,
        "began_on": alert.began_on.isoformat(),
        "asked": alert.asked,
        "expected": round(alert.expected, 1),
        "cause": alert.cause,
        "seen": alert.seen_by_id is not None,
    }


def _line(row: dict[str, Any], cost: float | None) -> dict[str, Any]:
    return {
        **row,
        "topic_id": row["id"],
        "topic": row["name"],
        "questions_before": row["before"]["questions"],
        "cost": "" if cost is None else round(cost * row["minutes"], 2),
    }


def _days(period: Period) -> list[str]:
    zone = ZoneInfo(period.zone)
    first, until = (moment.astimezone(zone).date() for moment in (period.since, period.until))
    return [(first + timedelta(days=number)).isoformat() for number in range((until - first).days)]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
