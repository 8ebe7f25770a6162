"""A lower bound on the cost of a day under any policy, even one that knew who would come and how long all
would take.

A Lagrangian relaxation. Put a price on each agent's time in each stretch of ten minutes; then every contact,
on its own, takes the cheapest of leaving, or of being started by some agent in some stretch: what waiting
until then costs, plus the minutes it needs at the least price of the time in which it can be worked. The sum
of these, less the worth of all the time there is at its prices, is below the cost of every policy whatever
the prices (weak duality; for routing see Ye, Zhu & Zhou 2014). The prices are climbed by Adam.

An agent with n cases gives each 1/n of a minute and moves it on by e(n) a shared minute, so that a case
needs at least work / (speed * the greatest e) minutes, and is worked within work / (speed * the least e(n) /
n) of its start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf

import numpy as np
import numpy.typing as npt

from desk.routing.policy import Policy
from desk.routing.simulation.contacts import Contact
from desk.routing.simulation.measures import breach_cost
from desk.routing.simulation.scenario import Scenario

STRETCH = 10.0
EVENING = 600.0
FIRST_RATE = 0.12
SLOWER = 40
"""The climb: its first rate, and after how many steps it is half of that."""

IN_COMMON = 60
"""For so many steps all agents have one price a stretch: the day's shape is found first."""

LATE_GROUPS = 5
"""Late starts are looked at in so many groups, each at the cost of its first moment: a little below the
truth.
"""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Options:
    """All ways to serve all contacts, flat: contact, agent, first stretch, number of stretches, cost,
    minutes.
    """

    contact: Ints
    agent: Ints
    first: Ints
    count: Ints
    cost: Floats
    minutes: Floats


def lower_bound(
    scenario: Scenario, contacts: Sequence[Contact], policy: Policy, *, steps: int = 500
) -> float:
    """The bound for one day. Only the units that channels take are read from the policy.

    More steps bring it closer from below; each is valid.
    """
    stretches = ceil((scenario.minutes + EVENING) / STRETCH)
    options = _options(scenario, contacts, policy, stretches)
    leaving = np.array([_leaving_cost(one, scenario) for one in contacts])
    room = _room(scenario, stretches)
    starts = np.arange(stretches) * STRETCH
    effort = scenario.costs.effort * np.where(starts < scenario.minutes, 1.0, scenario.costs.after_hours)
    prices = np.zeros((len(scenario.agents), stretches))
    first, second = np.zeros_like(prices), np.zeros_like(prices)
    best = -inf
    for step in range(1, steps + 1):
        value, used = _dual(options, leaving, effort + prices)
        best = max(best, value - float((prices * room).sum()))
        slope = used - room
        if step <= IN_COMMON:
            slope = np.broadcast_to(slope.mean(axis=0), slope.shape)
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        rate = FIRST_RATE / (1 + step / SLOWER)
        moved = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-9)
        prices = np.maximum(0.0, prices + rate * moved)
    return best


def _dual(options: _Options, leaving: Floats, prices: Floats) -> tuple[float, Floats]:
    """The sum of everybody's cheapest way at these prices, and the minutes it uses of each agent's
    stretches.
    """
    cheapest, where = _cheapest_within(prices)
    flat = (options.count * prices.shape[0] + options.agent) * prices.shape[1] + options.first
    values = options.cost + options.minutes * cheapest.ravel()[flat]
    order = np.flatnonzero(np.r_[True, options.contact[1:] != options.contact[:-1]])
    least = np.minimum.reduceat(values, order)
    served = options.contact[order]
    repeated = np.repeat(least, np.diff(np.r_[order, len(values)]))
    hits = np.flatnonzero(values <= repeated)
    _, once = np.unique(options.contact[hits], return_index=True)
    chosen = hits[once]
    total = leaving.copy()
    total[served] = np.minimum(leaving[served], least)
    taken = chosen[least <= leaving[served]]
    used = np.zeros_like(prices)
    np.add.at(used, (options.agent[taken], where.ravel()[flat[taken]]), options.minutes[taken])
    return float(total.sum()), used


def _cheapest_within(prices: Floats) -> tuple[Floats, Ints]:
    """For every number of stretches and every first one: the least price among them, and where it is."""
    agents, stretches = prices.shape
    cheapest = np.full((stretches + 1, agents, stretches), np.inf)
    where = np.zeros((stretches + 1, agents, stretches), dtype=np.int64)
    cheapest[1], where[1] = prices, np.arange(stretches)
    for count in range(2, stretches + 1):
        last = prices[:, count - 1 :]
        kept = cheapest[count - 1].copy()
        better = last < kept[:, : last.shape[1]]
        kept[:, : last.shape[1]][better] = last[better]
        cheapest[count] = kept
        places = where[count - 1].copy()
        at = np.broadcast_to(np.arange(count - 1, stretches), last.shape)
        places[:, : last.shape[1]][better] = at[better]
        where[count] = places
    return cheapest, where


def _options(scenario: Scenario, contacts: Sequence[Contact], policy: Policy, stretches: int) -> _Options:
    skilled: dict[str, list[tuple[int, float]]] = {topic: [] for topic in scenario.topics}
    for place, agent in enumerate(scenario.agents):
        for topic in scenario.topics:
            if scenario.knows(agent, topic) is not None:
                skilled[topic].append((place, scenario.speed(agent, topic)))
    paces = {name: _paces(scenario, policy, name) for name in scenario.channels}
    rows: list[tuple[int, int, int, int, float, float]] = []
    for number, contact in enumerate(contacts):
        best, least = paces[contact.channel]
        spans = _spans(contact, scenario, stretches)
        for place, speed in skilled[contact.topic]:
            longest = ceil(contact.work / (speed * least) / STRETCH) + 1
            minutes = contact.work / (speed * best)
            rows += [
                (number, place, start, min(stretches - start, length - 1 + longest), cost, minutes)
                for start, length, cost in spans
            ]
    contact_, agent_, first, count, cost, minutes_ = (np.array(column) for column in zip(*rows, strict=True))
    return _Options(contact_, agent_, first, count, cost.astype(float), minutes_.astype(float))


def _spans(contact: Contact, scenario: Scenario, stretches: int) -> list[tuple[int, int, float]]:
    """When it may begin: spans of stretches, each with the least that waiting until then costs."""
    first = min(stretches - 1, int(contact.at / STRETCH))
    last = stretches - 1
    if contact.patience < inf:
        last = min(last, int((contact.at + contact.patience) / STRETCH))
    in_time = min(last, int((contact.at + contact.target) / STRETCH))
    spans = [(first, in_time - first + 1, 0.0)]
    start = in_time + 1
    flat = int((contact.at + contact.target * (1 + scenario.costs.most_further)) / STRETCH) + 1
    step = max(1, ceil((min(last, flat) - in_time) / LATE_GROUPS))
    while start <= last:
        length = last - start + 1 if start >= flat else min(step, last - start + 1)
        spans.append((start, length, breach_cost(contact, start * STRETCH - contact.at, scenario.costs)))
        start += length
    return spans


def _leaving_cost(contact: Contact, scenario: Scenario) -> float:
    if contact.patience == inf:
        return inf
    return breach_cost(contact, contact.patience, scenario.costs) + contact.value * scenario.costs.abandoned


def _paces(scenario: Scenario, policy: Policy, channel: str) -> tuple[float, float]:
    """The greatest pace per shared minute with a case of the channel in hand, and the slowest it can move."""
    units: Mapping[str, int] = {name: policy.rule(name).units for name in scenario.channels}
    capacity = max(agent.units(policy) for agent in scenario.agents)
    beside = (capacity - units[channel]) // min(units.values())
    paces = [
        scenario.concurrency[min(count, len(scenario.concurrency)) - 1] for count in range(1, beside + 2)
    ]
    return max(paces), min(pace / count for count, pace in enumerate(paces, start=1))


def _room(scenario: Scenario, stretches: int) -> Floats:
    """Minutes of each agent in each stretch; whoever has an end may still finish what they hold, and counts
    on.
    """
    starts = np.array([agent.starts for agent in scenario.agents])[:, None]
    ends = np.arange(1, stretches + 1) * STRETCH
    return np.asarray(np.clip(ends - starts, 0.0, STRETCH), dtype=np.float64)
