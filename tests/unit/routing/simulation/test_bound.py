"""The lower bound is below every policy, and above what it would be if nobody were ever in another's way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk.routing.known_policies import DESK, POLICIES
from desk.routing.simulation.bound import lower_bound
from desk.routing.simulation.contacts import contacts
from desk.routing.simulation.lab import lab
from desk.routing.simulation.measures import measured
from desk.routing.simulation.run import simulate


@pytest.mark.parametrize("calls", [False, True], ids=["no calls", "calls"])
def test_no_policy_costs_less_than_the_bound(calls: bool) -> None:
    scenario = replace(lab(1.2, agents=12, calls=calls), minutes=240.0, contacts=700.0)
    day = contacts(scenario, seed=1)
    bound = lower_bound(scenario, day, DESK, steps=150)
    costs = [measured(scenario, simulate(scenario, policy, day)).total for policy in POLICIES.values()]
    assert 0 < bound <= min(costs)
    assert bound > min(costs) / 4


def test_climbing_only_raises_it() -> None:
    scenario = replace(lab(1.3, agents=12), minutes=120.0, contacts=500.0)
    day = contacts(scenario, seed=2)
    floor, bound = (lower_bound(scenario, day, DESK, steps=steps) for steps in (1, 150))
    assert bound > floor
