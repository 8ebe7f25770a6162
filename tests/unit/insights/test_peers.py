"""An agent beside peers: like with like, and nothing is said that chance or the mix of cases would say."""

from __future__ import annotations

from collections import defaultdict
from math import log

import numpy as np
import pytest

from desk.insights.peers import FEWEST_CASES, Beside, beside_peers
from desk.model.coaching import Cell, Measure

STRATA = [(topic, tier, "email") for topic in range(1, 5) for tier in ("bronze", "gold")]


def cell(values: list[float], agent: int, measure: Measure, topic: int = 1, tier: str = "gold") -> Cell:
    squares = sum(value * value for value in values)
    return Cell(measure, agent, topic, tier, "email", len(values), sum(values), squares)


def a_desk(dice: np.random.Generator, *, agents: int = 8, slow: float = 0.0) -> list[Cell]:
    """Agents of whom each has another mix of easy and hard cases; the first takes longer by a factor."""
    drawn = defaultdict(list)
    for agent in range(1, agents + 1):
        mix = dice.dirichlet(np.ones(len(STRATA)))
        for number in dice.choice(len(STRATA), size=240, p=mix):
            hours = dice.normal(1 + number / 2, 0.8) + (slow if agent == 1 else 0)
            drawn[Measure.RESOLUTION, agent, int(number)].append(float(hours))
            drawn[Measure.REOPENED, agent, int(number)].append(float(dice.random() < 0.05 + number / 20))
    return [
        Cell(measure, agent, *STRATA[number], len(told), sum(told), sum(one * one for one in told))
        for (measure, agent, number), told in drawn.items()
    ]


def of(found: list[Beside], agent: int, topic: int | None, measure: Measure) -> Beside:
    return next(one for one in found if (one.agent_id, one.topic_id, one.measure) == (agent, topic, measure))


def test_the_formula_on_paper() -> None:
    """Two strata: in one 10 of 20 beside 10 of 40, in the other 5 of 20 beside 10 of 20, weights 4 to 3."""
    tiers = {"gold": ((20, 10), (40, 10)), "bronze": ((20, 5), (20, 10))}
    cells = []
    for tier, (mine, theirs) in tiers.items():
        cells.append(Cell(Measure.REOPENED, 1, 1, tier, "email", mine[0], mine[1], mine[1]))
        for peer in (2, 3, 4, 5):
            cells.append(
                Cell(Measure.REOPENED, peer, 1, tier, "email", theirs[0] // 4, theirs[1] / 4, theirs[1] / 4)
            )
    found = of(beside_peers(cells), 1, 1, Measure.REOPENED)
    assert found.peers == 4 and found.cases == 40
    assert found.mine == pytest.approx((4 * 0.5 + 3 * 0.25) / 7)
    assert found.theirs == pytest.approx((4 * 0.25 + 3 * 0.5) / 7)
    assert found.difference == pytest.approx(0.25 / 7)
    assert found.low < 0 < found.high


def test_harder_cases_are_no_slower_agent() -> None:
    """Agent 1 has hard cases alone, and does them as everybody does: raw means are far apart."""
    dice = np.random.default_rng(1)
    hard = {
        agent: [float(one) for one in dice.normal(3, 0.5, 90 if agent == 1 else 30)] for agent in range(1, 6)
    }
    easy = {agent: [float(one) for one in dice.normal(1, 0.5, 200)] for agent in range(2, 6)}
    cells = [cell(told, agent, Measure.RESOLUTION, tier="gold") for agent, told in hard.items()]
    cells += [cell(told, agent, Measure.RESOLUTION, tier="bronze") for agent, told in easy.items()]
    found = of(beside_peers(cells), 1, None, Measure.RESOLUTION)
    assert not found.stands_out
    assert found.low < 0 < found.high


def test_who_takes_longer_is_found_and_by_how_much() -> None:
    found = beside_peers(a_desk(np.random.default_rng(2), slow=log(1.6)))
    first = of(found, 1, None, Measure.RESOLUTION)
    assert first.stands_out
    assert first.low < 0.6 < first.high
    assert {one.agent_id for one in found if one.stands_out and one.measure is Measure.RESOLUTION} == {1}


def test_where_all_do_alike_hardly_anybody_stands_out_and_intervals_hold() -> None:
    cried, held, looks = 0, 0, 0
    for seed in range(60):
        found = [one for one in beside_peers(a_desk(np.random.default_rng(seed))) if not one.few]
        cried += any(one.stands_out for one in found)
        held += sum(one.low <= 0 <= one.high for one in found)
        looks += len(found)
    assert cried <= 1
    assert 0.93 < held / looks < 0.97


def test_small_numbers_and_few_peers_are_not_told() -> None:
    def shown(cases: int, peers: int, measure: Measure = Measure.RESOLUTION) -> Beside:
        cells = [cell([1.0, 2.0] * (cases // 2), 1, measure)]
        cells += [cell([1.0, 2.0] * 30, 2 + peer, measure) for peer in range(peers)]
        return of(beside_peers(cells), 1, 1, measure)

    assert shown(FEWEST_CASES - 2, 4).few
    assert shown(FEWEST_CASES, 2).few
    assert not shown(FEWEST_CASES, 3).few
    rare = [cell([0.0] * 59 + [1.0], agent, Measure.REOPENED) for agent in range(1, 6)]
    assert of(beside_peers(rare), 1, 1, Measure.REOPENED).few


def test_what_nobody_else_does_has_no_like() -> None:
    cells = [cell([1.0, 2.0] * 50, 1, Measure.RESOLUTION, topic=9)]
    assert of(beside_peers(cells), 1, 9, Measure.RESOLUTION).few
