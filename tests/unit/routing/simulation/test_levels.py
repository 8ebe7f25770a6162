"""The second level and limits of what is pulled, simulated by the rules of the live desk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.errors import Invalid
from desk.routing.decision import Decision
from desk.routing.known_policies import POLICIES
from desk.routing.simulation.comparison import compared, rules_told
from desk.routing.simulation.contacts import Contact, contacts
from desk.routing.simulation.lab import lab
from desk.routing.simulation.measures import measured
from desk.routing.simulation.rising import after_open, open_between
from desk.routing.simulation.run import Outcome, simulate
from desk.routing.simulation.scenario import (
    Scenario,
    ScenarioAgent,
    ScenarioChannel,
    TopicSecondLevel,
    Worth,
    united,
)
from desk.routing.simulation.scenario_text import read_scenario, write_scenario
from desk.routing.simulation.trials import side_by_side

FIFO = POLICIES["fifo-round-robin"]
DAY = dict.fromkeys(Worth().tiers, 240.0)
TOPICS = ("returns", "billing", "experts")
UNITS = {"email": 4, "chat": 2}


def floor(
    *agents: ScenarioAgent, pulled: dict[str, int] | None = None, rule: TopicSecondLevel | None = None
) -> Scenario:
    return Scenario(
        "levels",
        {name: ScenarioChannel(1.0, 10.0, DAY) for name in UNITS},
        dict.fromkeys(TOPICS, 1.0),
        agents,
        contacts=3.0,
        concurrency=(1.0,),
        pulled=pulled or {},
        second_level={} if rule is None else {"returns": rule},
    )


def contact(number: int, at: float, work: float = 10.0, **more: Any) -> Contact:
    return replace(Contact(number, at, "email", "returns", work, inf, 1.0, "bronze", 240.0), **more)


def all_of(scenario: Scenario, *came: Contact) -> list[tuple[int | None, float, float]]:
    """Of each contact who took it last, how long it waited, and when it was done."""
    day = simulate(scenario, FIFO, list(came))
    return [(one.agent_id, one.waited, one.done_at) for one in day.outcomes]


ANN = ScenarioAgent("Ann", {"returns": 1.0})
EVA = ScenarioAgent("Eva", {"experts": 0.5})
LATE = TopicSecondLevel("experts", minutes=20.0)


def test_what_waits_too_long_goes_to_the_second_level_at_that_moment() -> None:
    came = (contact(1, 0.0, work=19.0), contact(2, 1.0), contact(3, 2.0), contact(4, 3.0, topic="experts"))
    assert all_of(floor(ANN, EVA, rule=LATE), *came) == [
        (1, 0.0, 19.0), (2, 22.0, 39.0), (2, 37.0, 57.0), (2, 0.0, 23.0)
    ]  # fmt: skip


def test_what_is_in_hand_is_taken_out_of_it_and_what_was_done_stays_done() -> None:
    told = all_of(floor(ANN, EVA, rule=LATE), contact(1, 0.0, work=30.0), contact(2, 1.0))
    assert told == [(2, 20, 40), (2, 39, 40 + 9 / 0.5)]


def test_hours_in_which_it_is_closed_do_not_count() -> None:
    closed = replace(LATE, closed=united(((10.0, 100.0), (50.0, 110.0))))
    assert all_of(floor(EVA, rule=closed), contact(1, 0.0)) == [(1, 120, 140)]


def test_what_is_hard_goes_there_at_once_or_after_a_look_that_answers_nobody() -> None:
    rule = TopicSecondLevel("experts", hard=0.5)
    both = floor(ANN, EVA, rule=rule)
    assert all_of(both, contact(1, 0.0, hard_after=0.0)) == [(2, 0, 20)]
    assert all_of(both, contact(1, 0.0, hard_after=3.0)) == [(2, 3, 23)]
    assert all_of(floor(ANN, EVA), contact(1, 0.0, hard_after=3.0)) == [(1, 0, 10)]
    chat = contact(1, 0.0, hard_after=3.0, channel="chat", patience=5.0)
    assert all_of(both, chat) == [(2, 0, 23)]


def test_whoever_leaves_while_waiting_for_the_second_level_has_left() -> None:
    rule = TopicSecondLevel("experts", hard=0.5)
    chat = contact(1, 0.0, hard_after=3.0, channel="chat", patience=5.0)
    (one,) = simulate(floor(ANN, replace(EVA, starts=60.0), rule=rule), FIFO, [chat]).outcomes
    assert (one.abandoned, one.waited, one.agent_id) == (True, 8, None)


def test_the_share_that_is_hard_is_drawn_and_changes_nothing_else() -> None:
    plain = lab(agents=12)
    topic, to = list(plain.topics)[:2]
    hard = replace(plain, second_level={topic: TopicSecondLevel(to, hard=0.3, look_minutes=2.0)})
    drawn = contacts(hard, seed=4)
    assert [replace(one, hard_after=None) for one in drawn] == contacts(plain, seed=4)
    of_topic = [one.hard_after for one in drawn if one.topic == topic]
    assert {one.hard_after for one in drawn if one.topic != topic} == {None}
    assert of_topic.count(2.0) / len(of_topic) == pytest.approx(0.3, abs=0.08)


def test_with_a_limit_one_takes_so_many_at_once_and_no_more() -> None:
    came = [contact(number, 0.0, channel="chat") for number in range(1, 5)]
    two = simulate(floor(ANN, pulled={"returns": 2}), FIFO, came).outcomes
    assert sorted(one.waited for one in two) == [0, 0, 20, 20]
    alone = simulate(floor(ANN, pulled={"returns": 0}), FIFO, came).outcomes
    assert sorted(one.waited for one in alone) == [0, 10, 20, 30]


@dataclass(frozen=True)
class Stint:
    case_id: int
    agent_id: int
    topic: str
    channel: str
    since: float
    until: float


def played(scenario: Scenario, came: list[Contact]) -> tuple[list[Outcome], list[Stint], list[Decision]]:
    """The day, who had what in hand when, and every decision."""
    decisions: list[Decision] = []
    outcomes = simulate(scenario, FIFO, came, watch=decisions.append).outcomes
    by_number = {one.contact.number: one for one in outcomes}
    stints = []
    for decision in decisions:
        assert decision.chosen is not None
        case = decision.chosen.standing.case
        one = by_number[case.case_id]
        until = one.raised_at if decision.at < one.raised_at < inf else one.done_at
        topic = case.line.topic
        # Who is raised at the moment at which they are given has been held for no time.
        until = decision.at if topic == one.contact.topic and one.raised_at == decision.at else until
        stints.append(
            Stint(case.case_id, decision.chosen.agent.agent_id, topic, case.line.channel, decision.at, until)
        )
    return outcomes, stints, decisions


_minutes = st.integers(0, 40).map(float)
_came: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.builds(
        dict,
        at=_minutes,
        work=st.integers(1, 30).map(float),
        topic=st.sampled_from(TOPICS),
        channel=st.sampled_from(sorted(UNITS)),
        patience=st.sampled_from([inf, inf, 7.0]),
        hard_after=st.sampled_from([None, None, 0.0, 3.0]),
    ),
    min_size=1,
    max_size=10,
)
_floors = st.builds(
    floor,
    st.just(ScenarioAgent("Ann", dict.fromkeys(TOPICS[:2], 1.0))),
    st.just(ScenarioAgent("Eva", {"experts": 2.0})),
    st.builds(
        ScenarioAgent, st.just("Cy"), st.dictionaries(st.sampled_from(TOPICS), st.just(0.5), min_size=1)
    ),
    pulled=st.dictionaries(st.sampled_from(TOPICS), st.integers(0, 3)),
    rule=st.none()
    | st.builds(
        TopicSecondLevel,
        st.just("experts"),
        minutes=st.sampled_from([0.0, 5.0, 20.0]),
        hard=st.just(0.5),
        closed=st.sampled_from([(), ((10.0, 30.0),)]),
    ),
)


@given(_floors, _came)
def test_places_limits_levels_and_work_are_kept_whatever_comes(
    scenario: Scenario, given_: list[dict[str, Any]]
) -> None:
    came = [contact(number, one.pop("at"), **one) for number, one in enumerate(given_, start=1)]
    outcomes, stints, decisions = played(scenario, came)
    # Nobody starves, and nobody is lost.
    assert all(one.done_at < inf and one.abandoned == (one.agent_id is None) for one in outcomes)
    # Whoever is raised is given to the second level only, and nobody else is.
    by_number = {one.contact.number: one for one in outcomes}
    for decision in decisions:
        assert decision.chosen is not None
        case, agent = decision.chosen.standing.case, decision.chosen.agent
        one = by_number[case.case_id]
        assert case.line.topic in agent.skills
        if case.line.topic != one.contact.topic:
            assert decision.at >= one.raised_at and case.line.topic == "experts"
        elif "returns" in scenario.second_level and case.line.topic == "returns":
            assert decision.at <= one.raised_at
    for moment in sorted({stint.since for stint in stints}):
        for number in (1, 2, 3):
            hands = [one for one in stints if one.agent_id == number and one.since <= moment < one.until]
            assert sum(UNITS[one.channel] for one in hands) <= 6
            for topic, most in scenario.pulled.items():
                assert sum(one.topic == topic for one in hands) <= (most or len(hands))
    for topic, channel, since, until in waits(outcomes, stints):
        assert nobody_idle(scenario, stints, topic, channel, since, until)


def waits(outcomes: list[Outcome], stints: list[Stint]) -> Iterator[tuple[str, str, float, float]]:
    """In which line each contact stood, from when to when."""
    for one in outcomes:
        came = one.contact
        begun = sorted(stint.since for stint in stints if stint.case_id == came.number)
        first = min([*begun, one.raised_at, one.done_at])
        yield came.topic, came.channel, came.at, first
        if one.raised_at < inf:
            taken = min([since for since in begun if since >= one.raised_at] or [one.done_at])
            yield "experts", came.channel, one.raised_at, taken


def nobody_idle(
    scenario: Scenario, stints: list[Stint], topic: str, channel: str, since: float, until: float
) -> bool:
    moments = sorted(
        {since, until, *(m for one in stints for m in (one.since, one.until) if since < m < until)}
    )
    for begins, ends in pairwise(moments):
        middle = (begins + ends) / 2
        for number, agent in enumerate(scenario.agents, start=1):
            hands = [one for one in stints if one.agent_id == number and one.since <= middle < one.until]
            if topic not in agent.speeds or sum(UNITS[one.channel] for one in hands) + UNITS[channel] > 6:
                continue
            if topic not in scenario.pulled:
                return False
            most = scenario.pulled[topic]
            if not hands or (most and sum(one.topic == topic for one in hands) < most):
                return False
    return True


@given(
    st.lists(st.tuples(_minutes, _minutes).filter(lambda one: one[0] < one[1])),
    _minutes,
    st.integers(1, 60).map(float),
)
def test_open_minutes_are_counted_alike_both_ways(
    spans: list[tuple[float, float]], at: float, minutes: float
) -> None:
    closed = united(spans)
    assert open_between(at, after_open(at, minutes, closed), closed) == pytest.approx(minutes)


def test_what_was_raised_is_counted_and_told() -> None:
    scenario = floor(ANN, EVA, rule=LATE, pulled={"billing": 2, "experts": 0})
    day = measured(scenario, simulate(scenario, FIFO, [contact(1, 0.0, work=30.0), contact(2, 1.0)]))
    assert day.raised == 2
    found = compared(scenario, [day], [replace(day, raised=3)], seeds=1)
    assert found["raised"] == {"before": 2, "after": 3}
    assert "3 cases are raised to the second level; before, 2." in found["words"]
    assert rules_told(scenario) == [
        "Of “billing” agents take the next case themselves, as long as they have fewer than 2 of it at hand.",
        "Of “experts” agents take the next case themselves, one at a time.",
        "Cases of “returns” are raised to “experts” once they are unresolved after 20 minutes in which it is"
        " open, and once they are seen to be too hard for the first level.",
    ]
    assert compared(floor(ANN), [day], [day], seeds=1)["raised"] is None


def test_it_is_written_and_read_again_and_a_list_is_without_limits() -> None:
    whole = floor(ANN, EVA, rule=replace(LATE, closed=((0.0, 9.0),)), pulled={"billing": 3})
    whole = replace(whole, topics={"returns": 1.0, "billing": 0.0, "experts": 0.0}, agents=(ANN, EVA, CY))
    assert read_scenario(write_scenario(whole)) == whole
    listed = json.loads(write_scenario(whole)) | {"pulled": ["billing"]}
    assert read_scenario(json.dumps(listed)).pulled == {"billing": 0}
    assert side_by_side(whole, [FIFO], [1], jobs=1)[FIFO.name][0].contacts >= 0


CY = ScenarioAgent("Cy", {"billing": 1.0})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"second_level": {"sales": {"to": "experts", "minutes": 5}}}, "names no topic of the scenario"),
        ({"second_level": {"returns": {"to": "sales", "minutes": 5}}}, "names no topic of the scenario"),
        ({"second_level": {"returns": {"to": ["experts"], "minutes": 5}}}, "names no topic of the scenario"),
        ({"second_level": {"returns": {"to": "returns", "minutes": 5}}}, "is the topic itself"),
        ({"second_level": {"returns": {"minutes": 5}}}, "has no “to”"),
        ({"second_level": {"returns": {"to": "experts"}}}, "raises nothing"),
        ({"second_level": {"returns": {"to": "experts", "hard": 1.5}}}, "between 0 and 1"),
        ({"second_level": {"returns": {"to": "experts", "minute": 5}}}, "Did you mean “minutes”"),
        ({"second_level": {"returns": {"to": "experts", "minutes": -5}}}, "between 0"),
        ({"second_level": {"returns": {"to": "experts", "minutes": 5, "closed": [[9, 3]]}}}, "holds pairs"),
        ({"second_level": ["returns"]}, "must be an object"),
        ({"pulled": {"billing": -1}}, "between 0"),
        ({"pulled": {"billing": 1.5}}, "whole number"),
        ({"pulled": {"sales": 1}}, "names no topic of the scenario"),
        ({"pulled": [{"billing": 1}]}, "names no topic of the scenario"),
        ({"pulled": "billing"}, "must be an object"),
    ],
)
def test_a_fault_of_the_rules_is_named(change: dict[str, Any], said: str) -> None:
    written = json.loads(write_scenario(floor(ANN, EVA, CY, rule=LATE))) | change
    with pytest.raises(Invalid, match=said):
        read_scenario(json.dumps(written))


def test_shifts_that_overlap_are_one() -> None:
    given_ = json.loads(write_scenario(floor(ANN, EVA, CY)))
    given_["agents"][0] |= {"shifts": [[5, 20], [0, 10], [30, 40]]}
    assert read_scenario(json.dumps(given_)).agents[0].shifts == ((0.0, 20.0), (30.0, 40.0))
