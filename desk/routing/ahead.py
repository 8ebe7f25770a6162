"""What is forecast, as plain values that can be kept, and the agents of each of its half hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from desk.routing.policy import Policy
from desk.routing.simulation.scenario import Scenario, ScenarioChannel
from desk.routing.staffing import HALF_HOUR, agents_for


@dataclass(frozen=True, slots=True)
class DayForecast:
    """A day in half hours: how many are expected, all channels together, between what nine of ten such lie,
    and how many by channel.
    """

    day: date
    mean: tuple[float, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    by_channel: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Ahead:
    """The days to come. `channels` and `concurrency` say how long work takes and how long people wait, as the
    desk's last weeks were.
    """

    days: tuple[DayForecast, ...]
    channels: Mapping[str, ScenarioChannel]
    concurrency: tuple[float, ...]


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


def staffed(
    ahead: Ahead, policy: Policy, *, zone: ZoneInfo, in_time: float, within: float | None = None
) -> Iterator[HalfHourAhead]:
    """The half hours in which somebody is expected, with the agents that they take. `in_time` is the share of
    those who wait on the line to be answered `within` minutes; None for their channel's target.
    """
    scenario = Scenario("ahead", ahead.channels, {}, (), 0.0, concurrency=ahead.concurrency)
    for day in ahead.days:
        for slot, high in enumerate(day.high):
            if high == 0:
                continue
            means = {name: of[slot] for name, of in day.by_channel.items()}
            shares = {name: mean / max(sum(means.values()), 1e-9) for name, mean in means.items()}
            plain, busy = (
                agents_for(
                    scenario,
                    policy,
                    {name: count * share / HALF_HOUR for name, share in shares.items()},
                    in_time=in_time,
                    within=within,
                )
                for count in (day.mean[slot], high)
            )
            starts = datetime.combine(day.day, time(slot // 2, 30 * (slot % 2)), zone)
            yield HalfHourAhead(
                starts, round(day.mean[slot], 2), day.low[slot], high, plain, max(plain, busy)
            )


def as_json(ahead: Ahead) -> dict[str, Any]:
    """For `from_json`."""
    found = asdict(ahead)
    for day in found["days"]:
        day["day"] = day["day"].isoformat()
    return found


def from_json(kept: Mapping[str, Any]) -> Ahead:
    """As `as_json` wrote it."""
    return Ahead(
        days=tuple(
            DayForecast(
                date.fromisoformat(day["day"]),
                tuple(day["mean"]),
                tuple(day["low"]),
                tuple(day["high"]),
                {name: tuple(of) for name, of in day["by_channel"].items()},
            )
            for day in kept["days"]
        ),
        channels={name: ScenarioChannel(**of) for name, of in kept["channels"].items()},
        concurrency=tuple(kept["concurrency"]),
    )
