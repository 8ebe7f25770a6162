"""A lower bound on the cost of a day under any policy, even one that knew who would come and how long all
would take.

A Lagrangian relaxation. Put a price on each agent's time in each stretch of ten minutes; then every contact,
on its own, takes the cheapest of leaving, or of being started by some agent in some stretch: what waiting
until then costs, plus the minutes it needs at the least price of the time in which it can be worked. The sum
of these, less the worth of all the time there is at its prices, is below the cost of every policy whatever
the prices (weak duality; for routing see Ye, Zhu & Zhou 2014). The prices are climbed by Adam.

The minutes a case needs. An agent with n cases in hand moves each on by speed * e(n) / n a minute. Charge g
minutes for a unit of work over speed, by channel, with g such that no hands, however filled, are charged
more than a minute in a minute: for all numbers h of cases by channel that fit into an agent's hands
together, n of them,

    sum of h * g * e(n) / n <= 1

Then in any time, under any policy, an agent is at work for at least the minutes charged, and a case is
charged g * work / speed in all. So the bound holds for every such g; what charges most for the day's work
brings it closest. Mails show why that is not 1 / the greatest e(n). With room for three chats, or a mail and
a chat, and e = 1, 1.5, 1.8, a mail gets e(2) only beside a chat, which then moves on by e(2) as well and not
by e(3): a chat is charged 1 / 1.8 and a mail 1 / 1.286.

When it is worked. A case is done within work / (speed * the least e(n) / n) of its start, and not before
work / speed: what cannot be done by closing time is paid as work after hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import ceil, inf, log2

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from desk.routing.policy import Policy
from desk.routing.simulation.contacts import Contact
from desk.routing.simulation.measures import breach_cost
from desk.routing.simulation.scenario import Scenario

STRETCH = 10.0
EVENING = 600.0
FIRST_RATE = 0.06
SLOWER = 15
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
    """All ways to serve all contacts, flat and by contact: who and which agent, in which of the `count`
    stretches from `first` on, what waiting and work after hours cost, and the minutes charged within hours.
    """

    contact: Ints
    agent: Ints
    first: Ints
    count: Ints
    cost: Floats
    minutes: Floats


def lower_bound(
    scenario: Scenario,
    contacts: Sequence[Contact],
    policy: Policy,
    *,
    steps: int = 500,
    charged: Mapping[str, float] | None = None,
) -> float:
    """The bound for one day. Only the units that channels take are read from the policy.

    More steps bring it closer from below; each is valid. `charged` are other minutes for a unit of work than
    `charges` finds; with charges that hands can stay below, what comes out is no bound.
    """
    if not contacts:
        return 0.0
    stretches = ceil((scenario.minutes + EVENING) / STRETCH)
    if charged is None:
        work = dict.fromkeys(scenario.channels, 0.0)
        for contact in contacts:
            work[contact.channel] += contact.work
        charged = charges(scenario, policy, work)
    ways = _Ways(
        _options(scenario, contacts, policy, charged, stretches),
        np.array([_leaving_cost(one, scenario) for one in contacts]),
        (len(scenario.agents), stretches),
    )
    room = _room(scenario, stretches)
    starts = np.arange(stretches) * STRETCH
    effort = scenario.costs.effort * np.where(starts < scenario.minutes, 1.0, scenario.costs.after_hours)
    prices, first, second = np.zeros_like(room), np.zeros_like(room), np.zeros_like(room)
    best = -inf
    for step in range(1, steps + 1):
        value, used = ways.cheapest(effort + prices)
        best = max(best, value - float((prices * room).sum()))
        slope = used - room
        if step <= IN_COMMON:
            slope = np.broadcast_to(slope.mean(axis=0), slope.shape)
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        moved = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-9)
        prices = np.maximum(0.0, prices + FIRST_RATE / (1 + step / SLOWER) * moved)
    return best


class _Ways:
    """The cheapest way of every contact, whatever the prices."""

    def __init__(self, options: _Options, leaving: Floats, shape: tuple[int, int]) -> None:
        self._options, self._leaving, self._shape = options, leaving, shape
        starts = np.flatnonzero(np.r_[True, options.contact[1:] != options.contact[:-1]])
        self._starts, self._sizes = starts, np.diff(np.r_[starts, len(options.contact)])
        self._served = options.contact[starts]
        # The least of a span of stretches is the lesser of two spans as long as a power of two.
        level = np.log2(options.count).astype(np.int64)
        row = (level * shape[0] + options.agent) * shape[1]
        self._from_first = row + options.first
        self._to_last = row + options.first + options.count - 2**level
        self._levels = int(log2(max(options.count))) + 1

    def cheapest(self, prices: Floats) -> tuple[float, Floats]:
        """The sum of everybody's cheapest way at the prices of a minute by agent and stretch, and the minutes
        that it takes of each of them.
        """
        least, where = self._least_within(prices)
        one, other = least[self._from_first], least[self._to_last]
        values = self._options.cost + self._options.minutes * np.minimum(one, other)
        cheapest = np.minimum.reduceat(values, self._starts)
        hits = np.flatnonzero(values <= np.repeat(cheapest, self._sizes))
        of = self._options.contact[hits]
        chosen = hits[np.r_[True, of[1:] != of[:-1]]]
        stays = cheapest <= self._leaving[self._served]
        total = self._leaving.copy()
        total[self._served] = np.minimum(self._leaving[self._served], cheapest)
        taken = chosen[stays]
        span = np.where(one[taken] <= other[taken], self._from_first[taken], self._to_last[taken])
        used = np.zeros(self._shape)
        np.add.at(used, (self._options.agent[taken], where[span]), self._options.minutes[taken])
        return float(total.sum()), used

    def _least_within(self, prices: Floats) -> tuple[Floats, Ints]:
        """The least price of 1, 2, 4 and so on stretches from each one, and where it is; flat."""
        at = np.broadcast_to(np.arange(prices.shape[1]), prices.shape)
        least, where = [prices], [at]
        for level in range(1, self._levels):
            # A span that would run past the end is never asked for.
            later, there = (np.roll(table[-1], -(2 ** (level - 1)), axis=1) for table in (least, where))
            better = later < least[-1]
            where.append(np.where(better, there, where[-1]))
            least.append(np.where(better, later, least[-1]))
        return np.concatenate(least, axis=None), np.concatenate(where, axis=None)


def _options(
    scenario: Scenario,
    contacts: Sequence[Contact],
    policy: Policy,
    charged: Mapping[str, float],
    stretches: int,
) -> _Options:
    skilled: dict[str, list[tuple[int, float]]] = {topic: [] for topic in scenario.topics}
    for place, agent in enumerate(scenario.agents):
        for topic in scenario.topics:
            if scenario.knows(agent, topic) is not None:
                skilled[topic].append((place, scenario.speed(agent, topic)))
    slowest = {name: _least_pace(scenario, policy, name) for name in scenario.channels}
    evening = scenario.costs.effort * scenario.costs.after_hours
    rows: list[tuple[int, int, int, int, float, float]] = []
    for number, contact in enumerate(contacts):
        charge = charged[contact.channel]
        spans = _spans(contact, scenario, stretches)
        for place, speed in skilled[contact.topic]:
            alone = contact.work / speed
            longest = ceil(alone / slowest[contact.channel] / STRETCH) + 1
            for start, length, cost in spans:
                left = max(0.0, scenario.minutes - max(contact.at, start * STRETCH))
                late = max(0.0, alone - left)
                count = min(stretches - start, length - 1 + longest)
                paid = cost + charge * late * evening
                rows.append((number, place, start, count, paid, charge * (alone - late)))
    contact_, agent_, first, count_, cost_, minutes = (np.array(each) for each in zip(*rows, strict=True))
    return _Options(contact_, agent_, first, count_, cost_.astype(float), minutes.astype(float))


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


def charges(scenario: Scenario, policy: Policy, work: Mapping[str, float]) -> dict[str, float]:
    """g: by channel, minutes of an agent for a unit of work at speed 1, so that no hands are charged more
    than a minute in a minute; of all such charges those that come to the most for this work.

    Beyond the last e(n) that the scenario names, e grows no more; hands with more cases are then charged no
    more than the dearest of those cases alone, so that they need no look.
    """
    names = list(scenario.channels)
    units = [policy.rule(name).units for name in names]
    capacity = max(agent.units(policy) for agent in scenario.agents)
    hands = [
        hand
        for count in range(1, len(scenario.concurrency) + 1)
        for hand in combinations_with_replacement(range(len(names)), count)
        if sum(units[channel] for channel in hand) <= capacity
    ]
    rows = [
        [hand.count(channel) * scenario.pace(len(hand)) / len(hand) for channel in range(len(names))]
        for hand in hands
    ]
    found = linprog([-work[name] for name in names], A_ub=rows, b_ub=np.ones(len(rows)), bounds=(0, 1))
    # The solver keeps to a row within 1e-7; the bound has to keep to it.
    within = found.x / max(1.0, float(np.max(np.asarray(rows) @ found.x)))
    return dict(zip(names, within.tolist(), strict=True))


def _least_pace(scenario: Scenario, policy: Policy, channel: str) -> float:
    """The slowest that a case of the channel can move on at speed 1, in the fullest hands."""
    least = min(policy.rule(name).units for name in scenario.channels)
    capacity = max(agent.units(policy) for agent in scenario.agents)
    beside = max(0, capacity - policy.rule(channel).units) // least
    return min(scenario.pace(count) / count for count in range(1, beside + 2))


def _room(scenario: Scenario, stretches: int) -> Floats:
    """Minutes of each agent in each stretch; whoever has an end may still finish what they hold, and counts
    on.
    """
    starts = np.array([agent.starts for agent in scenario.agents])[:, None]
    ends = np.arange(1, stretches + 1) * STRETCH
    return np.asarray(np.clip(ends - starts, 0.0, STRETCH), dtype=np.float64)
