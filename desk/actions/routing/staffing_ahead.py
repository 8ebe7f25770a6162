"""The agents that the days to come take, for managers: from the forecast that the night made and kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desk.actions.routing.floor import policy_in_force
from desk.model.permission import Permission
from desk.model.routing_policy import Forecast
from desk.routing.ahead import Ahead, as_json, from_json, staffed
from desk.store.policies import policy
from desk.store.routing.forecasts import keep_forecast, newest_forecast
from desk.store.unit_of_work import Work


def keep_ahead(work: Work, ahead: Ahead | None, problem: str | None = None) -> None:
    """This is what is expected, or why nothing can be said."""
    body = None if ahead is None else as_json(ahead)
    keep_forecast(work.session, Forecast(made_at=work.now, body=body, problem=problem and problem[:500]))


def staffing_shown(work: Work, days: int, *, in_time: float, within: float) -> dict[str, Any]:
    """`{made_at, problem, zone, days}`: of each of the next days, today the first, its half hours in which
    somebody is expected. `within` in seconds, `in_time` a share. Raises Forbidden.
    """
    work.require(Permission.READ_SETUP)
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    kept = newest_forecast(work.session)
    shown: dict[str, Any] = {
        "made_at": kept and kept.made_at,
        "problem": kept and kept.problem,
        "zone": zone.key,
        "days": [],
    }
    if kept is None or kept.body is None:
        return shown
    today = work.now.astimezone(zone).date()
    ahead = from_json(kept.body)
    asked = [day for day in ahead.days if today <= day.day < today + timedelta(days=days)]
    half_hours: dict[str, list[dict[str, Any]]] = {day.day.isoformat(): [] for day in asked}
    for one in staffed(
        replace(ahead, days=tuple(asked)),
        policy_in_force(work).policy,
        zone=zone,
        in_time=in_time,
        within=within / 60,
    ):
        half_hours[one.starts.date().isoformat()].append(
            {
                "starts": one.starts.strftime("%H:%M"),
                "contacts": one.contacts,
                "low": one.low,
                "high": one.high,
                "agents": one.agents,
                "busy_agents": one.busy_agents,
            }
        )
    return shown | {"days": [{"day": day, "half_hours": of} for day, of in half_hours.items()]}
