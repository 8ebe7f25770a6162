"""What goes together in cases, for whoever decides where to look; every pair opens its cases."""

from __future__ import annotations

from typing import Any

from desk.actions.insights.question_report import MOST_BEHIND, period_asked
from desk.insights.correlations import Counted, Together, looked_at
from desk.model.permission import Permission
from desk.store.insights.correlations import cases_together, counts_of
from desk.store.insights.metrics.figures import give_room
from desk.store.insights.topics import names_of
from desk.store.unit_of_work import Work


def correlations_shown(work: Work, days: int) -> dict[str, Any]:
    """`{looks, rows}`: pairs worth a look among cases opened within so many days, the largest excess first;
    `looks` is how many pairs were looked at."""
    work.require(Permission.WATCH_FLOOR)
    give_room(work.session)
    period = period_asked(work, days=days)
    counted = [Counted(*row) for row in counts_of(work.session, period.since, period.until, period.zone)]
    found = looked_at(counted)
    rows = [one for one in found if one.is_worth_a_look]
    names = names_of(work.session, {int(one.value) for one in rows if one.fact == "topic"})
    return {"looks": len(found), "rows": [_plain(one, names) for one in rows], "next": None}


def together_shown(work: Work, days: int, fact: str, value: str, outcome: str) -> dict[str, Any]:
    """The cases behind a pair, the latest first, at most two hundred."""
    work.require(Permission.WATCH_FLOOR)
    give_room(work.session)
    period = period_asked(work, days=days)
    rows = cases_together(
        work.session,
        period.since,
        period.until,
        period.zone,
        fact=fact,
        value=value,
        outcome=outcome,
        limit=MOST_BEHIND,
    )
    return {"rows": rows, "next": None}


def _plain(one: Together, names: dict[int, str]) -> dict[str, Any]:
    return {
        "fact": one.fact,
        "value": one.value,
        "name": names.get(int(one.value), "") if one.fact == "topic" else one.value,
        "outcome": one.outcome,
        "cases": one.cases,
        "events": one.events,
        "share": one.share,
        "others_share": one.others_share,
        "ratio": one.ratio,
        "low": one.low,
        "high": one.high,
        "strength": one.strength,
        "excess": one.excess,
        "adjusted": one.adjusted,
    }
