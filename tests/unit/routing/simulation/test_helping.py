"""Overflow and queues that are pulled from, simulated by the rules of the live desk."""

from __future__ import annotations

import pytest

from desk.model.errors import Invalid
from desk.routing.known_policies import POLICIES
from desk.routing.simulation.contacts import Contact
from desk.routing.simulation.run import simulate
from desk.routing.simulation.scenario import Scenario, ScenarioAgent, ScenarioChannel, TopicOverflow, Worth
from desk.routing.simulation.scenario_text import read_scenario, write_scenario

FIFO = POLICIES["fifo-round-robin"]
MAIL = ScenarioChannel(share=1.0, work_minutes=30.0, targets=dict.fromkeys(Worth().tiers, 240.0))
ANN = ScenarioAgent("Ann", {"returns": 1.0})
BEN = ScenarioAgent("Ben", {"billing": 0.5})


def floor(
    *agents: ScenarioAgent, over: TopicOverflow | None = None, pulled: dict[str, int] | None = None
) -> Scenario:
    return Scenario(
        "small",
        {"email": MAIL},
        {"returns": 1.0, "billing": 1.0},
        agents,
        contacts=2.0,
        overflow={} if over is None else {"returns": over},
        pulled=pulled or {},
    )


def mail(number: int, at: float, topic: str = "returns", work: float = 30.0) -> Contact:
    return Contact(number, at, "email", topic, work, float("inf"), 1.0, "bronze", 240.0)


def told(scenario: Scenario, *came: Contact) -> list[tuple[int | None, float, float]]:
    """Of each contact who took it, when, and when it was done."""
    day = simulate(scenario, FIFO, list(came))
    return [(one.agent_id, one.contact.at + one.waited, one.done_at) for one in day.outcomes]


def test_others_help_once_it_waited_long_enough_at_the_pace_of_their_own_topic() -> None:
    came = (mail(1, 0.0), mail(2, 1.0))
    assert told(floor(ANN, BEN), *came) == [(1, 0.0, 30.0), (1, 30.0, 60.0)]
    helped = floor(ANN, BEN, over=TopicOverflow("billing", minutes=10.0))
    assert told(helped, *came) == [(1, 0.0, 30.0), (2, 11.0, 71.0)]


def test_others_help_at_once_while_nobody_of_it_is_here_and_no_more_once_somebody_is() -> None:
    late = ScenarioAgent("Ann", {"returns": 1.0}, starts=50.0)
    helped = floor(late, BEN, over=TopicOverflow("billing"))
    assert told(helped, mail(1, 0.0), mail(2, 1.0)) == [(2, 0.0, 60.0), (1, 50.0, 80.0)]
    early = ScenarioAgent("Ann", {"returns": 1.0}, ends=20.0)
    left = floor(early, BEN, over=TopicOverflow("billing"))
    assert told(left, mail(1, 0.0), mail(2, 1.0))[1] == (2, 20.0, 80.0)


def test_others_help_from_the_moment_at_which_it_closes() -> None:
    helped = floor(ANN, BEN, over=TopicOverflow("billing", closed=((15.0, 500.0),)))
    assert told(helped, mail(1, 0.0), mail(2, 1.0))[1] == (2, 15.0, 75.0)


def test_whoever_has_empty_hands_takes_the_next_of_what_is_pulled_and_one_at_a_time() -> None:
    pulls = floor(ScenarioAgent("Ann", {"returns": 1.0, "billing": 1.0}), pulled={"returns": 0})
    came = (mail(1, 0.0, work=10.0), mail(2, 1.0, work=10.0), mail(3, 2.0, "billing", work=10.0))
    first, second, offered = told(pulls, *came)
    assert (first[1], offered[1], second[1]) == (0.0, 10.0, 20.0)
    assert second[2] == 30.0


def test_it_is_written_and_read_again_and_what_cannot_be_is_refused_in_words() -> None:
    whole = floor(ANN, BEN, over=TopicOverflow("billing", 10.0, ((0.0, 60.0),)), pulled={"billing": 0})
    assert read_scenario(write_scenario(whole)) == whole
    alone = floor(BEN, over=TopicOverflow("billing"))
    assert read_scenario(write_scenario(alone)) == alone
    for text, why in (
        (write_scenario(whole).replace('"to": "billing"', '"to": "sales"'), "names no topic of the scenario"),
        (write_scenario(whole).replace('"to": "billing"', '"to": "returns"'), "is the topic itself"),
        (write_scenario(floor(BEN)), "No agent of the scenario knows the topic “returns”"),
    ):
        with pytest.raises(Invalid, match=why):
            read_scenario(text)
