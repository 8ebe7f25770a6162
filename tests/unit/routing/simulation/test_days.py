"""Made-up days: the same for everybody, the same twice, and nobody is lost in them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from math import inf, isclose

import pytest

from desk.model.errors import Invalid
from desk.routing.decision import Decision
from desk.routing.known_policies import ADMINS, DESK, POLICIES
from desk.routing.policy import Policy
from desk.routing.reason import recomputed, stored
from desk.routing.simulation.contacts import contacts
from desk.routing.simulation.intervals import interval, ratio
from desk.routing.simulation.lab import LABS, lab
from desk.routing.simulation.measures import gini, measured
from desk.routing.simulation.run import Outcome, simulate
from desk.routing.simulation.scenario import Scenario
from desk.routing.simulation.scenario_text import read_scenario, write_scenario
from desk.routing.simulation.trials import side_by_side, with_agents
from desk.routing.standing import Line, WaitingCase, lead_minutes

SMALL = lab(agents=12)


def test_a_change_of_one_quality_changes_no_other() -> None:
    patient = replace(
        SMALL,
        channels={**SMALL.channels, "chat": replace(SMALL.channels["chat"], patience_minutes=50.0)},
    )
    for one, other in zip(contacts(SMALL, seed=3), contacts(patient, seed=3), strict=True):
        assert (one.at, one.channel, one.topic, one.work, one.value) == (
            other.at, other.channel, other.topic, other.work, other.value,
        )  # fmt: skip


def test_the_lab_is_the_one_described() -> None:
    scenario = lab()
    found = [contact for seed in range(8) for contact in contacts(scenario, seed)]
    tiers = Counter(contact.tier for contact in found)
    worth = {
        tier: sum(one.value for one in found if one.tier == tier) / count for tier, count in tiers.items()
    }
    skills = [len(agent.speeds) for agent in scenario.agents]
    assert worth == pytest.approx({"bronze": 0.51, "silver": 0.95, "gold": 2.12, "platinum": 8.55}, rel=0.04)
    assert tiers["bronze"] / len(found) == pytest.approx(0.6, abs=0.01)
    assert sum(skills) / 40 == pytest.approx(2.7, abs=0.25)
    assert {agent.capacity for agent in scenario.agents} == {6}
    assert max(scenario.rate(minute) for minute in range(600)) * 600 / scenario.contacts == pytest.approx(
        1.5, abs=0.1
    )


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda one: one.name)
@pytest.mark.parametrize("calls", [False, True], ids=["no calls", "calls"])
def test_everybody_is_served_or_leaves_and_nobody_works_beyond_their_hands(
    policy: Policy, calls: bool
) -> None:
    scenario = lab(1.1, agents=12, calls=calls)
    day_contacts = contacts(scenario, seed=5)[:400]
    day = simulate(scenario, policy, day_contacts)
    assert all(one.waited < inf and one.done_at < inf for one in day.outcomes)
    assert all(one.abandoned != (one.agent_id is not None) for one in day.outcomes)
    events = [
        (moment, step, one.agent_id, policy.rule(one.contact.channel).units)
        for one in day.outcomes
        if one.agent_id is not None
        for moment, step in ((one.contact.at + one.waited, 1), (one.done_at, -1))
    ]
    used: Counter[int] = Counter()
    for _, step, agent_id, units in sorted(events):
        used[agent_id] += step * units
        assert used[agent_id] <= 6


def test_the_same_day_twice_is_given_out_alike_and_every_reason_leads_to_its_score() -> None:
    day_contacts = contacts(SMALL, seed=7)[:500]
    told: list[list[Decision]] = [[], []]
    for decisions in told:
        simulate(SMALL, DESK, day_contacts, watch=decisions.append)
    first, again = ([stored(decision) for decision in decisions] for decisions in told)
    assert first == again
    assert len(first) > 400
    for reason in first:
        assert isclose(recomputed(reason["chosen"]), reason["chosen"]["score"], rel_tol=1e-9, abs_tol=1e-9)


def test_nobody_is_passed_beyond_the_stated_bound() -> None:
    scenario = lab(1.1, agents=12)
    lines: dict[tuple[str, str], list[Outcome]] = {}
    for one in simulate(scenario, DESK, contacts(scenario, seed=11)).outcomes:
        lines.setdefault((one.contact.topic, one.contact.channel), []).append(one)
    for line in lines.values():
        for early in line:
            for late in line:
                if late.contact.at > early.contact.at and began(late) < left_line(early):
                    assert later_due(late, early) <= DESK.overdue_factor * more_lead(late, early) + 1e-9


def began(one: Outcome) -> float:
    return inf if one.abandoned else one.contact.at + one.waited


def left_line(one: Outcome) -> float:
    return one.contact.at + one.waited


def later_due(late: Outcome, early: Outcome) -> float:
    return late.contact.at + late.contact.target - early.contact.at - early.contact.target


def more_lead(late: Outcome, early: Outcome) -> float:
    leads = [
        lead_minutes(
            WaitingCase(
                one.contact.number,
                Line(one.contact.topic, one.contact.channel),
                one.contact.at,
                one.contact.at + one.contact.target,
                one.contact.value,
                one.contact.tier,
            ),
            DESK,
        )
        for one in (late, early)
    ]
    return max(0.0, leads[0] - leads[1])


def test_the_order_of_policies_and_processes_changes_nothing() -> None:
    policies = [POLICIES["desk"], POLICIES["twilio-like"]]
    quick = replace(SMALL, minutes=60.0, contacts=150.0)
    alone = side_by_side(quick, policies, [1, 2], jobs=1)
    together = side_by_side(quick, policies[::-1], [1, 2], jobs=2)
    assert {name: [day.total for day in days] for name, days in alone.items()} == {
        name: [day.total for day in days] for name, days in together.items()
    }


def test_shifts_begin_and_end() -> None:
    late, early = (
        replace(SMALL.agents[0], starts=starts, ends=ends) for starts, ends in ((60.0, None), (0.0, 90.0))
    )
    scenario = replace(SMALL, topics=dict.fromkeys(late.speeds, 1.0), agents=(late, early))
    day = simulate(scenario, DESK, contacts(scenario, seed=1)[:200])
    begun = {
        agent_id: [one.contact.at + one.waited for one in day.outcomes if one.agent_id == agent_id]
        for agent_id in (1, 2)
    }
    assert min(begun[1]) >= 60.0
    assert max(begun[2]) <= 90.0


def test_whom_nobody_can_answer_any_more_is_counted_and_the_day_ends() -> None:
    gone = tuple(replace(agent, ends=30.0) for agent in SMALL.agents)
    scenario = replace(SMALL, agents=gone)
    measures = measured(scenario, simulate(scenario, DESK, contacts(scenario, seed=1)))
    assert measures.unanswered > 0


@pytest.mark.parametrize("scenario", [*(make() for make in LABS.values())], ids=list(LABS))
def test_a_scenario_read_back_is_the_same(scenario: Scenario) -> None:
    assert read_scenario(write_scenario(scenario)) == scenario


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"agents": []}, "has no agents"),
        ({"topics": {"unheard of": 1}}, "must be"),
        ({"channels": {}}, "no share of the contacts"),
        ({"contacts": -1}, "between"),
        ({"days": 1.5}, "whole number"),
        ({"colour": "red"}, "has no “colour”"),
        ({"profile": [0, 0]}, "above 0"),
        ({"agents": [{"speeds": {"somewhat": 1}}]}, "has no “somewhat”"),
    ],
)
def test_a_fault_of_a_scenario_is_named(change: dict[str, object], said: str) -> None:
    written = json.loads(write_scenario(SMALL)) | change
    with pytest.raises(Invalid) as refused:
        read_scenario(json.dumps(written))
    assert said in refused.value.sentence or "has no" in refused.value.sentence


def test_a_policy_that_nobody_can_satisfy_is_refused() -> None:
    calls = lab(agents=12, calls=True)
    small_hands = replace(calls, agents=tuple(replace(agent, capacity=4) for agent in calls.agents))
    with pytest.raises(Invalid, match="nobody could be given it"):
        side_by_side(small_hands, [DESK], [1])
    asks = replace(DESK, name="asks", channels={**DESK.channels, "chat": replace(DESK.rule("chat"), asks=4)})
    with pytest.raises(Invalid, match="no agent of the scenario has them"):
        side_by_side(SMALL, [asks], [1])


def test_more_agents_are_the_same_again() -> None:
    assert [agent.name for agent in with_agents(SMALL, 14).agents[12:]] == ["Agent 1", "Agent 2"]


def test_names_are_told_apart_and_the_best_admin_is_one_of_those_tried() -> None:
    assert len({policy.name for policy in (*POLICIES.values(), *ADMINS)}) == len(POLICIES) + len(ADMINS)
    best = POLICIES["tuned-admin"]
    assert any(replace(tried, name=best.name) == best for tried in ADMINS)


def test_intervals_and_evenness() -> None:
    assert interval([1.0, 2.0, 3.0]).half == pytest.approx(4.303 / 3**0.5)
    assert interval([1.0]).half == inf
    assert ratio([2.0, 4.0], [1.0, 2.0]).mean == 2
    assert gini([1.0, 1.0, 1.0]) == pytest.approx(0.0)
    assert gini([0.0, 0.0, 1.0]) == pytest.approx(2 / 3)
