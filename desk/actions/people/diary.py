"""A person's tasks and their diary of a day: for themself, and for whoever watches the floor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from desk.actions.insights.question_report import period_asked
from desk.actions.people.reminders import reminders_counted
from desk.actions.setup.audit import audit
from desk.model.agent import Agent
from desk.model.errors import Invalid, NotFound
from desk.model.permission import Permission
from desk.store.people.diary import deeds_of, open_tasks_of, presence_of, promised_by, sleeping_of
from desk.store.policies import policy
from desk.store.sight import seen_among
from desk.store.unit_of_work import Work

MOST_DEEDS = 1000
MOST_TASKS = 200


def tasks_shown(work: Work, agent_id: int) -> dict[str, Any]:
    """`{agent, now, promises, sleeping, retention, reminders}`: their cases by when they come due, those that
    wake, the customers whom they are to keep, and how many reminders they have. Raises NotFound.
    """
    agent = _whose(work, agent_id)
    promises, sleeping = (found(work.session, agent.id, MOST_TASKS) for found in (promised_by, sleeping_of))
    seen = _seen(work, [*promises, *sleeping])
    return {
        "agent": {"id": agent.id, "name": agent.name},
        "now": work.now,
        "promises": [_case(row, seen) for row in promises],
        "sleeping": [_case(row, seen) for row in sleeping],
        "reminders": reminders_counted(work, agent.id),
        "retention": [dict(row._mapping) for row in open_tasks_of(work.session, agent.id, MOST_TASKS)],
    }


def diary_shown(work: Work, agent_id: int, day: date | None) -> dict[str, Any]:
    """`{agent, day, zone, begins, ends, now, presence, rows, more, sums}` of a day of the desk's zone, today
    unless it is said. Reading another's is noted in the audit log. Raises NotFound, and Invalid
    for a day to come.
    """
    agent = _whose(work, agent_id)
    period = period_asked(work, first=day, last=day, days=1)
    zone = policy(work.session, "time_zone", "UTC")
    its_day = period.since.astimezone(ZoneInfo(zone)).date()
    if period.since > work.now:
        raise Invalid(f"{day} lies in the future; nothing is in its diary yet.", "day")
    if work.actor.agent_id != agent_id:
        audit(work, "diary read", f"agent:{agent_id}", {"day": its_day.isoformat()})
    found = deeds_of(work.session, agent, period.since, period.until, limit=MOST_DEEDS + 1)
    rows, seen = found[:MOST_DEEDS], _seen(work, found)
    ends = min(period.until, work.now)
    spans = [
        {
            "state": span.state,
            "since": max(span.since, period.since),
            "until": min(span.until or ends, ends),
            "lasts": span.until is None and ends == work.now,
        }
        for span in presence_of(work.session, agent.id, period.since, ends)
    ]
    return {
        "agent": {"id": agent.id, "name": agent.name},
        "day": its_day,
        "zone": zone,
        "begins": period.since,
        "ends": period.until,
        "now": work.now,
        "presence": spans,
        "rows": [_case(row, seen) for row in rows],
        "more": len(found) > MOST_DEEDS,
        "sums": _sums(rows, spans),
    }


def _whose(work: Work, agent_id: int) -> Agent:
    may_read = work.actor.agent_id == agent_id or work.actor.may(Permission.WATCH_FLOOR)
    agent = work.session.get(Agent, agent_id) if may_read else None
    if agent is None:
        raise NotFound(
            f"No diary {agent_id} is open to you: it is for the agent and whoever watches the floor."
        )
    return agent


def _seen(work: Work, rows: Iterable[Row[Any]]) -> frozenset[int]:
    return seen_among(work.session, work.actor, {row.case_id for row in rows})


def _case(row: Row[Any], seen: frozenset[int]) -> dict[str, Any]:
    """A row; of a case that the reader may not open, only that it was one."""
    shown = dict(row._mapping)
    if row.case_id not in seen:
        shown |= {name: None for name in ("subject", "customer") if name in shown}
    return shown | {"opens": row.case_id in seen}


def _sums(rows: Sequence[Row[Any]], spans: Sequence[dict[str, Any]]) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.what] = counts.get(row.what, 0) + 1
    minutes: dict[str, float] = {}
    for span in spans:
        length = span["until"] - span["since"]
        minutes[span["state"]] = minutes.get(span["state"], 0.0) + length.total_seconds() / 60
    return {
        "deeds": counts,
        "minutes": {state: round(count, 1) for state, count in minutes.items()},
        "cases": len({row.case_id for row in rows}),
    }
