"""What is to come and whom it takes: the desk's own history forecast, with the agents of each half hour."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk.actions.floor import policy_in_force
from desk.actions.replay import recorded_days
from desk.model.errors import Invalid
from desk.model.permission import Permission
from desk.routing.forecast import LEAST_DAYS, SLOTS, DayAhead, forecast
from desk.routing.policy import Policy
from desk.routing.staffing import HALF_HOUR, agents_for
from desk.store.policies import policy
from desk.store.replay import arrivals_by_half_hour
from desk.store.unit_of_work import Work

LOOKED_BACK = timedelta(days=84)
MOST_AHEAD = 28


@dataclass(frozen=True, slots=True)
class HalfHourAhead:
    """`contacts` are expected from `starts` on, by the desk's clock; nine of ten such half hours lie between
    `low` and `high`, all channels together. `agents` are for what is expected, `busy_agents` for `high`.
    """

    starts: datetime
    contacts: float
    low: int
    high: int
    agents: int
    busy_agents: int


def staff_ahead(
    work: Work, days: int, *, rule: Policy | None = None, in_time: float, within: float | None = None
) -> list[HalfHourAhead]:
    """The half hours of the next `days` in which somebody is expected, today the first.

    Counts come from up to twelve weeks of whole days, minutes of work and patience from the last four;
    targets are those of `desk staff`, under the policy in force or this one. Raises Invalid in words when the
    history is too short.
    """
    work.require(Permission.READ_SETUP)
    if not 1 <= days <= MOST_AHEAD:
        raise Invalid(f"A forecast reaches 1 to {MOST_AHEAD} days ahead, not {days}.", "forecast")
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    today = work.now.astimezone(zone).date()
    counts, first = _history(work, zone, today)
    together = forecast(_rows(counts, None, first, today), first, days)
    by_channel = {
        channel: forecast(_rows(counts, channel, first, today), first, days) for channel in sorted(counts)
    }
    scenario = recorded_days(work, today - timedelta(days=LEAST_DAYS), today - timedelta(days=1)).scenario
    rule = rule or policy_in_force(work).policy
    found = []
    for number, day in enumerate(together):
        for slot in range(SLOTS):
            if day.high[slot] == 0:
                continue
            means = {name: of[number].mean[slot] for name, of in by_channel.items()}
            shares = {name: mean / max(sum(means.values()), 1e-9) for name, mean in means.items()}
            plain, busy = (
                agents_for(
                    scenario,
                    rule,
                    {name: count * share / HALF_HOUR for name, share in shares.items()},
                    in_time=in_time,
                    within=within,
                )
                for count in (day.mean[slot], day.high[slot])
            )
            found.append(_half_hour(day, slot, zone, plain, busy))
    return found


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


def _half_hour(day: DayAhead, slot: int, zone: ZoneInfo, agents: int, busy: int) -> HalfHourAhead:
    starts = datetime.combine(day.day, time(slot // 2, 30 * (slot % 2)), zone)
    return HalfHourAhead(
        starts, round(day.mean[slot], 2), day.low[slot], day.high[slot], agents, max(agents, busy)
    )
