"""What is to come and whom it takes: the desk's own history, forecast."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk.actions.routing.floor import policy_in_force
from desk.actions.routing.replay import recorded_days
from desk.model.errors import Invalid
from desk.model.permission import Permission
from desk.routing.ahead import Ahead, DayForecast, HalfHourAhead, staffed
from desk.routing.forecast import LEAST_DAYS, SLOTS, forecast
from desk.routing.policy import Policy
from desk.store.policies import policy
from desk.store.routing.replay import arrivals_by_half_hour
from desk.store.unit_of_work import Work

LOOKED_BACK = timedelta(days=84)
MOST_AHEAD = 28


def staff_ahead(
    work: Work, days: int, *, rule: Policy | None = None, in_time: float, within: float | None = None
) -> list[HalfHourAhead]:
    """The half hours of the next `days` in which somebody is expected, today the first.

    Targets are those of `desk staff`, under the policy in force or this one. Raises Invalid in words when
    the history is too short.
    """
    ahead = look_ahead(work, days)
    rule = rule or policy_in_force(work).policy
    return list(staffed(ahead, rule, zone=_zone(work), in_time=in_time, within=within))


def look_ahead(work: Work, days: int = MOST_AHEAD) -> Ahead:
    """What is expected in the next `days`, today the first.

    Counts come from up to twelve weeks of whole days, minutes of work and patience from the last four. Raises
    Invalid in words when the history is too short.
    """
    work.require(Permission.READ_SETUP)
    if not 1 <= days <= MOST_AHEAD:
        raise Invalid(f"A forecast reaches 1 to {MOST_AHEAD} days ahead, not {days}.", "forecast")
    zone = _zone(work)
    today = work.now.astimezone(zone).date()
    counts, first = _history(work, zone, today)
    together = forecast(_rows(counts, None, first, today), first, days)
    by_channel = {
        channel: forecast(_rows(counts, channel, first, today), first, days) for channel in sorted(counts)
    }
    scenario = recorded_days(work, today - timedelta(days=LEAST_DAYS), today - timedelta(days=1)).scenario
    return Ahead(
        days=tuple(
            DayForecast(
                day.day,
                _rounded(day.mean),
                day.low,
                day.high,
                {channel: _rounded(of[number].mean) for channel, of in by_channel.items()},
            )
            for number, day in enumerate(together)
        ),
        channels=scenario.channels,
        concurrency=scenario.concurrency,
    )


def _zone(work: Work) -> ZoneInfo:
    return ZoneInfo(policy(work.session, "time_zone", "UTC"))


def _rounded(mean: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(round(count, 4) for count in mean)


Counts = dict[str, dict[tuple[date, int], int]]


def _history(work: Work, zone: ZoneInfo, today: date) -> tuple[Counts, date]:
    """What came by channel, and the first whole day of it: not the one on which the first contact came."""
    begin = datetime.combine(today - LOOKED_BACK, time(), zone)
    counts: Counts = defaultdict(dict)
    rows = arrivals_by_half_hour(work.session, begin, datetime.combine(today, time(), zone), zone.key)
    for row in rows:
        counts[row.channel][row.day, row.slot] = row.n
    if not counts:
        raise Invalid("Nobody came in the last twelve weeks; there is nothing to forecast from.", "forecast")
    earliest = min(row.day for row in rows)
    return counts, earliest if earliest == begin.date() else earliest + timedelta(days=1)


def _rows(counts: Counts, channel: str | None, first: date, today: date) -> list[list[int]]:
    """Whole days in half hours, of a channel, or of all."""
    of = list(counts.values()) if channel is None else [counts[channel]]
    return [
        [sum(one.get((first + timedelta(days=n), slot), 0) for one in of) for slot in range(SLOTS)]
        for n in range((today - first).days)
    ]
