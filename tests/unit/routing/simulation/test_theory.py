"""Where a formula is known, the simulator comes to the same."""

from __future__ import annotations

import random
from math import inf

import pytest

from desk.model.errors import Invalid
from desk.routing.erlang import agents_needed, erlang_a, erlang_c
from desk.routing.known_policies import POLICIES
from desk.routing.simulation.contacts import Contact
from desk.routing.simulation.measures import measured
from desk.routing.simulation.run import simulate
from desk.routing.simulation.scenario import Scenario, ScenarioAgent, ScenarioChannel

ARRIVALS, MINUTES, PATIENCE, AGENTS = 1.5, 5.0, 4.0, 10
COUNT = 12_000


def one_queue() -> Scenario:
    """Calls about one thing: each takes a whole agent."""
    return Scenario(
        name="one queue",
        channels={"call": ScenarioChannel(1.0, MINUTES, {"bronze": 1.0})},
        topics={"any": 1.0},
        agents=tuple(ScenarioAgent(f"Agent {number}", {"any": 1.0}) for number in range(AGENTS)),
        contacts=ARRIVALS * 600,
        minutes=1e9,
    )


def callers(patience: float | None, seed: int) -> list[Contact]:
    """Poisson arrivals with exponential work and patience."""
    dice = random.Random(seed)
    at, found = 0.0, []
    for number in range(1, COUNT + 1):
        at += dice.expovariate(ARRIVALS)
        leaves = dice.expovariate(1 / patience) if patience else inf
        work = dice.expovariate(1 / MINUTES)
        found.append(Contact(number, at, "call", "any", work, leaves, 1.0, "bronze", 1.0))
    return found


def test_waits_without_leaving_are_those_of_erlang_c() -> None:
    theory = erlang_c(ARRIVALS, MINUTES, AGENTS, 1.0)
    day = measured(one_queue(), simulate(one_queue(), POLICIES["fifo-round-robin"], callers(None, seed=1)))
    assert erlang_c(1.6, 5.0, 10, 1.0).waits == pytest.approx(0.4092, abs=0.0001)  # a table's value
    assert day.channels["call"].wait == pytest.approx(theory.wait, rel=0.25)
    assert day.channels["call"].in_time == pytest.approx(theory.in_time, abs=0.04)


def test_who_leaves_is_as_erlang_a_says() -> None:
    theory = erlang_a(ARRIVALS, MINUTES, PATIENCE, AGENTS, 1.0)
    day = measured(
        one_queue(), simulate(one_queue(), POLICIES["fifo-round-robin"], callers(PATIENCE, seed=2))
    )
    assert day.channels["call"].abandoned == pytest.approx(theory.abandons, abs=0.008)
    assert day.channels["call"].wait == pytest.approx(theory.wait, rel=0.15)
    assert day.channels["call"].in_time == pytest.approx(theory.in_time, abs=0.02)


def test_patience_without_end_is_erlang_c() -> None:
    patient = erlang_a(ARRIVALS, MINUTES, 1e7, AGENTS, 1.0)
    assert patient.wait == pytest.approx(erlang_c(ARRIVALS, MINUTES, AGENTS, 1.0).wait, rel=0.01)
    assert patient.in_time == pytest.approx(erlang_c(ARRIVALS, MINUTES, AGENTS, 1.0).in_time, abs=0.001)


@pytest.mark.parametrize("patience", [None, 4.0])
@pytest.mark.parametrize("target", [0.0, 0.3, 240.0])
def test_the_fewest_agents_are_enough_and_one_fewer_is_not(patience: float | None, target: float) -> None:
    found = agents_needed(6.0, 5.0, target=target, in_time=0.8, patience=patience)
    fewer = found.agents - 1
    assert found.in_time >= 0.8
    less = (
        erlang_c(6.0, 5.0, fewer, target) if patience is None else erlang_a(6.0, 5.0, patience, fewer, target)
    )
    assert less.in_time < 0.8


def test_no_arrivals_need_nobody_and_all_in_time_is_refused() -> None:
    assert agents_needed(0.0, 5.0, target=0.3, in_time=0.8).agents == 0
    with pytest.raises(Invalid, match="between 0 and 1"):
        agents_needed(1.0, 5.0, target=0.3, in_time=1.0)
