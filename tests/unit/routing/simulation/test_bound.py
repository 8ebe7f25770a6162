"""The lower bound is below every policy, and above what it would be if nobody were ever in another's way."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, permutations, product
from math import inf

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk.routing.known_policies import DESK, POLICIES
from desk.routing.policy import CHANNELS
from desk.routing.simulation.bound import charges, lower_bound
from desk.routing.simulation.contacts import Contact, contacts
from desk.routing.simulation.lab import lab
from desk.routing.simulation.measures import measured
from desk.routing.simulation.run import simulate
from desk.routing.simulation.scenario import Scenario, ScenarioAgent


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


@given(
    paces=st.lists(st.floats(0.0, 0.6), min_size=1, max_size=3),
    units=st.lists(st.integers(1, 6), min_size=3, max_size=3),
    work=st.lists(st.floats(0.1, 10.0), min_size=3, max_size=3),
)
@example(paces=[6e-08], units=[1, 1, 1], work=[1.0, 1.0, 1.0])
def test_no_hands_are_charged_more_than_a_minute_in_a_minute(
    paces: list[float], units: list[int], work: list[float]
) -> None:
    names = ("chat", "sms", "email")
    scenario = replace(lab(agents=12), concurrency=tuple(accumulate([1.0, *paces])))
    rules = {name: replace(CHANNELS[name], units=each) for name, each in zip(names, units, strict=True)}
    charged = charges(scenario, replace(DESK, channels=rules), dict(zip(names, work, strict=True)))
    for hand in product(*(range(6 // each + 1) for each in units)):
        count = sum(hand)
        if count and sum(n * each for n, each in zip(hand, units, strict=True)) <= 6:
            minutes = sum(n * charged[name] for n, name in zip(hand, names, strict=True))
            assert minutes * scenario.pace(count) / count <= 1 + 1e-9


def test_it_is_below_every_way_to_serve_a_few() -> None:
    """All assignments and orders, each case begun as soon as it fits: the cheapest is not far above."""
    few = ScenarioAgent("Ann", {"billing": 1.2}), ScenarioAgent("Bo", {"billing": 1.0})
    scenario = replace(lab(agents=12), agents=few, topics={"billing": 1.0}, minutes=240.0)
    kinds = [("chat", 9.0), ("sms", 5.0), ("email", 8.0), ("email", 6.0), ("chat", 4.0)]
    cases = [
        Contact(number, 0.0, channel, "billing", work, inf, 1.0, "bronze", 100.0)
        for number, (channel, work) in enumerate(kinds, start=1)
    ]
    least = min(
        sum(
            _busy([one for one, to in zip(order, agents, strict=True) if to == place], agent, scenario)
            for place, agent in enumerate(few)
        )
        for order in permutations(cases)
        for agents in product(range(len(few)), repeat=len(cases))
    )
    bound = lower_bound(scenario, cases, DESK, steps=150)
    assert 0.8 * scenario.costs.effort * least < bound <= scenario.costs.effort * least


def _busy(cases: list[Contact], agent: ScenarioAgent, scenario: Scenario) -> float:
    """Minutes until the agent has done these, each begun in order as soon as it fits."""
    waiting, minutes = list(cases), 0.0
    hands: dict[Contact, float] = {}
    while waiting or hands:
        used = sum(DESK.rule(one.channel).units for one in hands)
        if waiting and used + DESK.rule(waiting[0].channel).units <= DESK.capacity:
            one = waiting.pop(0)
            hands[one] = one.work / agent.speeds[one.topic]
            continue
        share = scenario.pace(len(hands)) / len(hands)
        soonest = min(hands.values())
        minutes += soonest / share
        hands = {one: left - soonest for one, left in hands.items() if left > soonest}
    return minutes
