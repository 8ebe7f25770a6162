"""The classic formulas of a single queue: how long callers wait, how many leave, how many agents it takes.

Erlang C: nobody leaves (Erlang 1917). Erlang A: patience is exponential (Palm 1957; Garnett, Mandelbaum &
Reiman 2002). Rates are per minute, of one kind of work and agents who do one thing at a time; where skills
overlap or cases share an agent, ask the simulator.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, inf, lgamma, log, sqrt

from desk.model.errors import Invalid

MOST_AGENTS = 100_000


@dataclass(frozen=True, slots=True)
class Queueing:
    """Of those who come: the share that waits, that leaves, and that is answered within the target; the mean
    wait in minutes, of all. `occupancy` is the share of their time that agents work.
    """

    agents: int
    waits: float
    abandons: float
    in_time: float
    wait: float
    occupancy: float


def erlang_c(arrivals: float, minutes: float, agents: int, target: float) -> Queueing:
    """A queue that nobody leaves; without end (all waits infinite) when there is more work than agents."""
    offered = arrivals * minutes
    if offered >= agents:
        return Queueing(agents, 1.0, 0.0, 0.0, inf, 1.0)
    blocked = _erlang_b(offered, agents)
    waits = blocked / (1 - offered / agents * (1 - blocked))
    drain = agents / minutes - arrivals
    return Queueing(agents, waits, 0.0, 1 - waits * exp(-drain * target), waits / drain, offered / agents)


def erlang_a(arrivals: float, minutes: float, patience: float, agents: int, target: float) -> Queueing:
    """A queue that people leave after an exponential patience with this mean; stable at any load.

    By the birth-death chain of the number in the system.
    """
    serving, leaving = 1 / minutes, 1 / patience
    chances = _chain(arrivals, serving, leaving, agents)
    queue = sum((number - agents) * chance for number, chance in enumerate(chances) if number > agents)
    waits = sum(chances[agents:])
    abandons = leaving * queue / arrivals if arrivals else 0.0
    answered = sum(chances[:agents]) + _answered_by(target, chances[agents:], agents * serving, leaving)
    busy = sum(min(number, agents) * chance for number, chance in enumerate(chances))
    return Queueing(agents, waits, abandons, answered, queue / arrivals if arrivals else 0.0, busy / agents)


def agents_needed(
    arrivals: float,
    minutes: float,
    *,
    target: float,
    in_time: float,
    patience: float | None = None,
) -> Queueing:
    """The fewest agents with whom the share `in_time` (0 to 1) is answered within `target` minutes.

    Begins at the load and climbs by the square-root rule. Raises Invalid for a share that no number
    reaches.
    """
    if not 0 < in_time < 1:
        raise Invalid(f"The share answered in time must lie between 0 and 1, not be {in_time:g}.", "in_time")
    if arrivals <= 0:
        return Queueing(0, 0.0, 0.0, 1.0, 0.0, 0.0)

    def at(agents: int) -> Queueing:
        if patience is None:
            return erlang_c(arrivals, minutes, agents, target)
        return erlang_a(arrivals, minutes, patience, agents, target)

    low, high = 0, max(1, ceil(arrivals * minutes))
    while at(high).in_time < in_time:
        low, high = high, high + max(1, round(sqrt(high)))
        if high > MOST_AGENTS:
            raise Invalid(f"No number of agents up to {MOST_AGENTS} reaches this target.", "in_time")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if at(middle).in_time >= in_time else (middle, high)
    return at(high)


def _erlang_b(offered: float, agents: int) -> float:
    """The share that finds all agents busy where nobody may wait (stable recursion)."""
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked


def _chain(arrivals: float, serving: float, leaving: float, agents: int) -> list[float]:
    """Stationary chances of 0, 1, 2 … in the system, out to where they vanish."""
    weights, number, total = [1.0], 0, 1.0
    while True:
        number += 1
        rate = min(number, agents) * serving + max(0, number - agents) * leaving
        weight = weights[-1] * arrivals / rate
        weights.append(weight)
        total += weight
        if total > 1e200:
            weights, total = [one / total for one in weights], 1.0
        if number > agents and weight < 1e-14 * total and arrivals < rate:
            return [one / total for one in weights]


def _answered_by(target: float, ahead: list[float], serving: float, leaving: float) -> float:
    """The chance to be answered within the target and not to have left before, by how many are ahead.

    With k ahead, one of them goes at rate serving + k * leaving, and oneself leaves at `leaving`:
    a chain of pure death, followed by uniformised steps (Jensen 1953).
    """
    fastest = serving + len(ahead) * leaving
    # After so many mean patiences nobody waits any more, but for one in a thousand million.
    steps = fastest * min(target, 20 / leaving)
    chances, answered, total = list(ahead), 0.0, 0.0
    for step in range(int(steps + 10 * sqrt(steps)) + 50):
        weight = exp(step * log(steps) - steps - lgamma(step + 1)) if steps else float(step == 0)
        total += weight * answered
        moved = [chance * (serving + k * leaving) / fastest for k, chance in enumerate(chances)]
        stays = [chance * (1 - (serving + (k + 1) * leaving) / fastest) for k, chance in enumerate(chances)]
        answered += moved[0]
        chances = [stay + here for stay, here in zip(stays, [*moved[1:], 0.0], strict=True)]
    return total
