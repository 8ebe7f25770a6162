"""Agents needed by half hour: who waits on the line by Erlang A, what can wait by its load.

Cases that share an agent count as slots: with n at once each slot works at e(n) / n of the pace, and n slots
are one agent. Agents are taken to know every topic; where few do, `desk simulate --agents` says what that
costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, inf

from desk.routing.erlang import agents_needed
from desk.routing.policy import Policy
from desk.routing.simulation.scenario import Scenario

HALF_HOUR = 30.0
BUSY_DAY = 1.645
"""A day busier than 95 of 100, in standard deviations."""


@dataclass(frozen=True)
class HalfHour:
    """`live` counts the agents for each channel in which people wait; `other` the load, in agents, of what
    can wait; `agents` all of them, and `busy_agents` what a day busier than 19 of 20 takes.
    """

    starts: float
    contacts: float
    live: Mapping[str, int]
    other: float
    agents: int
    busy_agents: int


def needed(
    scenario: Scenario, policy: Policy, *, in_time: float, within: float | None = None
) -> list[HalfHour]:
    """Every half hour of a mean day, for the share `in_time` (0 to 1) answered within so many minutes.

    Without `within` each channel has the target of its least demanding tier. Raises Invalid for a
    share that cannot be reached.
    """
    busy = 1 + BUSY_DAY * scenario.day_cv
    found = []
    for number in range(ceil(scenario.minutes / HALF_HOUR)):
        start = number * HALF_HOUR
        rate = (scenario.rate(start + HALF_HOUR / 4) + scenario.rate(start + 3 * HALF_HOUR / 4)) / 2
        live, other = _needed(scenario, policy, _by_channel(scenario, rate), in_time, within)
        busy_live, busy_other = _needed(scenario, policy, _by_channel(scenario, rate * busy), in_time, within)
        found.append(
            HalfHour(
                starts=start,
                contacts=rate * HALF_HOUR,
                live=live,
                other=other,
                agents=sum(live.values()) + ceil(other),
                busy_agents=sum(busy_live.values()) + ceil(busy_other),
            )
        )
    return found


def agents_for(
    scenario: Scenario,
    policy: Policy,
    arrivals: Mapping[str, float],
    *,
    in_time: float,
    within: float | None = None,
) -> int:
    """Agents for so many arrivals a minute by channel; minutes of work and patience are the scenario's."""
    live, other = _needed(scenario, policy, arrivals, in_time, within)
    return sum(live.values()) + ceil(other)


def _by_channel(scenario: Scenario, rate: float) -> dict[str, float]:
    return {name: rate * channel.share / scenario.all_shares for name, channel in scenario.channels.items()}


def _needed(
    scenario: Scenario,
    policy: Policy,
    by_channel: Mapping[str, float],
    in_time: float,
    within: float | None,
) -> tuple[dict[str, int], float]:
    live: dict[str, int] = {}
    other = 0.0
    for name, channel in scenario.channels.items():
        arrivals = by_channel.get(name, 0.0)
        # Where places by channel are all that limits an agent, what is known of sharing is the limit.
        at_once = max(1, min(policy.capacity // policy.rule(name).units, len(scenario.concurrency)))
        pace = scenario.concurrency[at_once - 1]
        if not policy.rule(name).live:
            other += arrivals * channel.work_minutes / pace
            continue
        slots = agents_needed(
            arrivals,
            channel.work_minutes * at_once / pace,
            target=max(channel.targets.values()) if within is None else within,
            in_time=in_time,
            patience=channel.patience_minutes if channel.patience_minutes != inf else None,
        )
        live[name] = ceil(slots.agents / at_once)
    return live, other
