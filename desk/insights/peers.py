"""An agent's cases beside those of colleagues, like with like: what a talk can begin with, and no ranking.

Cases are alike that are of one topic, one tier of customer and one channel: a *stratum*. Within a stratum s
the agent resolved n_s cases and the peers m_s, with means a_s and b_s. Both are standardised directly to one
mix, the one in which the difference is known best:

    w_s = n_s m_s / (n_s + m_s), divided by the sum of these        (Mantel and Haenszel, 1959)
    agent = sum of w_s a_s      peers = sum of w_s b_s      difference = agent - peers

Its variance is that under drawing the agent's cases from all of a stratum, whose values have variance v_s:

    V = sum of w_s^2 v_s (n_s + m_s) / (n_s m_s)

which for shares is the test of Cochran, Mantel and Haenszel. The interval is difference -/+ 1.96 root of V,
so that it leaves out zero exactly where the test says so at 5 of 100. Durations are compared by their
logarithms, so that one case that lay for a month carries nobody away: means are geometric, and the difference
is a ratio.

With enough cases every two people differ, and the peers' mean holds who is far from it. So what stands out is
more than a margin apart, at 5 of 100 over all looks together: the chance told is that of a difference no
larger than the margin (an interval hypothesis; Hodges and Lehmann, 1954).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt
from statistics import NormalDist

from desk.insights.many_looks import adjusted
from desk.model.coaching import Cell, Measure

FEWEST_CASES = 20
"""Of fewer cases that have their like among the peers', nothing is shown."""
FEWEST_PEERS = 3
"""Of fewer colleagues nothing is shown: what one of them does would be read off the difference."""
FEWEST_EVENTS = 5
"""A share is shown where as many would be expected of either outcome (Mantel and Fleiss, 1980)."""
MARGINS = {True: log(1.1), False: 0.02}
"""Of a duration (True) a tenth, of a share (False) two points: less is no matter for a talk."""
LEVEL = 0.05
_Z = NormalDist().inv_cdf(1 - LEVEL / 2)


@dataclass(frozen=True, slots=True)
class Beside:
    """An agent beside peers in a measure, of one topic, or of all where `topic_id` is None.

    `mine` and `theirs` are shares, or seconds; `difference`, `low` and `high` are the share of the agent
    less that of the peers, or for durations the ratio less 1. `chance` is the p-value, `adjusted`
    the one that stands for all looks together. Where `few`, none of these is told.
    """

    measure: Measure
    agent_id: int
    topic_id: int | None
    cases: int
    peers: int
    few: bool
    mine: float = 0.0
    theirs: float = 0.0
    difference: float = 0.0
    low: float = 0.0
    high: float = 0.0
    chance: float = 1.0
    adjusted: float = 1.0

    @property
    def stands_out(self) -> bool:
        """Whether it is more than the margin apart, and that is sure even among so many looks."""
        return not self.few and self.adjusted <= LEVEL


@dataclass(slots=True)
class _Sum:
    cases: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, cell: Cell) -> None:
        self.cases += cell.cases
        self.total += cell.total
        self.squares += cell.squares


def beside_peers(cells: Iterable[Cell]) -> list[Beside]:
    """Every agent in every measure, for each of their topics and for all of them, corrected together."""
    strata: dict[tuple[Measure, int, str, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        strata[cell.measure, cell.topic_id, cell.tier, cell.channel].append(cell)
    sums: dict[tuple[Measure, int, str, str], _Sum] = {}
    looks: dict[tuple[Measure, int, int | None], list[tuple[Cell, _Sum, Sequence[Cell]]]] = defaultdict(list)
    for key, members in strata.items():
        whole = sums.setdefault(key, _Sum())
        for cell in members:
            whole.add(cell)
        for cell in members:
            looks[cell.measure, cell.agent_id, cell.topic_id].append((cell, whole, members))
            looks[cell.measure, cell.agent_id, None].append((cell, whole, members))
    found = [_look(*key, alike) for key, alike in looks.items()]
    chances = iter(adjusted([one.chance for one in found if not one.few]))
    return [one if one.few else replace(one, adjusted=next(chances)) for one in found]


def by_agent(found: Iterable[Beside]) -> Mapping[int, list[Beside]]:
    """The same, by agent."""
    told: dict[int, list[Beside]] = defaultdict(list)
    for one in found:
        told[one.agent_id].append(one)
    return told


def _look(
    measure: Measure, agent_id: int, topic_id: int | None, alike: Sequence[tuple[Cell, _Sum, Sequence[Cell]]]
) -> Beside:
    alike = [row for row in alike if row[1].cases > row[0].cases]
    cases = sum(cell.cases for cell, _, _ in alike)
    peers = len({other.agent_id for _, _, members in alike for other in members} - {agent_id})
    weights = [cell.cases * (whole.cases - cell.cases) / whole.cases for cell, whole, _ in alike]
    few = Beside(measure, agent_id, topic_id, cases, peers, few=True)
    if cases < FEWEST_CASES or peers < FEWEST_PEERS:
        return few
    if not measure.is_duration and not _has_events(alike):
        return few
    mine = theirs = variance = 0.0
    for weight, (cell, whole, _) in zip(weights, alike, strict=True):
        share = weight / sum(weights)
        mine += share * cell.total / cell.cases
        theirs += share * (whole.total - cell.total) / (whole.cases - cell.cases)
        variance += share**2 * _spread(whole) / weight
    error = sqrt(variance)
    if error == 0:
        return few
    difference = mine - theirs
    beyond = abs(difference) - MARGINS[measure.is_duration]
    chance = min(1.0, 2 * NormalDist().cdf(-beyond / error))
    low, high = difference - _Z * error, difference + _Z * error
    if measure.is_duration:
        mine, theirs = exp(mine), exp(theirs)
        difference, low, high = exp(difference) - 1, exp(low) - 1, exp(high) - 1
    else:
        low, high = max(-1.0, low), min(1.0, high)
    return replace(
        few, few=False, mine=mine, theirs=theirs, difference=difference, low=low, high=high, chance=chance
    )


def _has_events(alike: Sequence[tuple[Cell, _Sum, Sequence[Cell]]]) -> bool:
    """Whether enough of either outcome would be expected of the agent, were there no difference."""
    expected = sum(cell.cases * whole.total / whole.cases for cell, whole, _ in alike)
    cases = sum(cell.cases for cell, _, _ in alike)
    return FEWEST_EVENTS <= expected <= cases - FEWEST_EVENTS


def _spread(whole: _Sum) -> float:
    """The variance of a stratum's values."""
    return max(0.0, whole.squares - whole.total**2 / whole.cases) / (whole.cases - 1)
