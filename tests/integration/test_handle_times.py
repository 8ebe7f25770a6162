"""Handle times on a real database: learnt from answers, told with the offer, or left out by a policy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk.actions.cases.history import note_change
from desk.actions.routing.assignments import assign
from desk.actions.routing.handling import (
    ask_to_learn,
    handle_times_shown,
    keep_learnt,
    learning_is_due,
    learnt_now,
)
from desk.actions.routing.offers import offer_next
from desk.actions.routing.policies import activate_policy, draft_policy, routing_policies_shown
from desk.actions.routing.presence import change_presence
from desk.actions.routing.replay import recorded_days
from desk.model.agent import Agent, TeamMember
from desk.model.case import Case
from desk.model.errors import Forbidden
from desk.model.message import MessageKind
from desk.model.presence import PresenceState
from desk.routing.known_policies import FIRST
from desk.store.unit_of_work import Store
from tests.people import MORNING, STAGE, Cast, a_case, a_message, minutes

CASES = 12
BY_LEVEL = replace(FIRST, learnt_speeds=False)


def answered(store: Store, cast: Cast, agent: Agent, *, took: float, count: int = CASES) -> list[int]:
    """Mails of the last days, each accepted on the hour and answered after so many minutes."""
    found = []
    with store.unit_of_work(STAGE, now=MORNING) as work:
        for number in range(count):
            begun = minutes(-60.0 * (number + 1))
            case = a_case(work, cast.cleo, queue=cast.support, text="Help", at=begun)
            case.opened_at = work.now = begun
            assign(work, case, agent.id)
            a_message(
                work,
                case,
                "Done",
                kind=MessageKind.OUTBOUND,
                agent=agent,
                at=minutes(took - 60.0 * (number + 1)),
            )
            case.assignee_id = None
            case.resolve(work.now, "answered")
            found.append(case.id)
    return found


def learnt(store: Store, *, at: float = 0) -> int:
    with store.reading(STAGE, now=minutes(at)) as work:
        found = learnt_now(work)
    with store.unit_of_work(STAGE, now=minutes(at)) as work:
        return keep_learnt(work, found)


def is_due(store: Store, at: float) -> bool:
    with store.reading(STAGE, now=minutes(at)) as work:
        return learning_is_due(work)


@pytest.fixture
def both(store: Store, cast: Cast) -> Cast:
    """Ben works in Support as well, and both are there; Ada takes twenty minutes for a mail, Ben five."""
    with store.unit_of_work(STAGE, now=minutes(-10)) as work:
        work.session.add(TeamMember(team_id=cast.support_team.id, agent_id=cast.ben.id))
    answered(store, cast, cast.ada, took=20.0)
    answered(store, cast, cast.ben, took=5.0)
    with store.unit_of_work(STAGE, now=minutes(-5)) as work:
        for agent in (cast.ada, cast.ben):
            change_presence(work, agent.id, PresenceState.AVAILABLE)
    return cast


def offered(store: Store, cast: Cast, at: float) -> tuple[int, str]:
    with store.unit_of_work(STAGE, now=minutes(at)) as work:
        case = a_case(work, cast.cleo, queue=cast.support, text="Help", at=minutes(at - 1))
        offer = offer_next(work, case.id)
        assert offer is not None
        return offer.agent_id, offer.reason["sentence"]


def test_the_faster_one_is_asked_and_the_offer_says_how_long_it_usually_takes_them(
    store: Store, both: Cast
) -> None:
    before, sentence = offered(store, both, 0)
    assert before == both.ada.id and "usually" not in sentence
    assert learnt(store) == 2
    agent_id, sentence = offered(store, both, 1)
    assert agent_id == both.ben.id
    assert f"usually 6 min for such cases, from {CASES} of theirs" in sentence
    with store.reading(both.actor(both.sam), now=minutes(2)) as work:
        shown = handle_times_shown(work)
        scenario = recorded_days(work, MORNING.date(), MORNING.date()).scenario
    assert shown["in_use"] and shown["learnt_at"]
    ada, ben = shown["rows"]
    assert (ada["agent"], ada["queue"], ada["cases"]) == ("Ada Lovelace", "Support", CASES)
    assert ada["minutes"]["email"] > 10 and ben["minutes"]["email"] < 7 and ada["speed"] < 1 < ben["speed"]
    believed = [[agent.believed(policy) for agent in scenario.agents] for policy in (FIRST, BY_LEVEL)]
    assert (
        believed[0] == [agent.speeds for agent in scenario.agents] and believed[1] == [{"Support": 1.0}] * 2
    )


def test_a_policy_may_go_by_levels_alone(store: Store, both: Cast) -> None:
    learnt(store)
    with store.unit_of_work(both.actor(both.sam), now=minutes(0)) as work:
        (first,) = routing_policies_shown(work)
        draft = draft_policy(work, first["body"] | {"learnt_speeds": False}, note="", based_on=0)
        activate_policy(work, draft["version"], expected=0)
    agent_id, sentence = offered(store, both, 1)
    assert agent_id == both.ada.id and "usually" not in sentence


def test_cases_that_came_back_teach_nothing_and_the_night_learns_once(store: Store, cast: Cast) -> None:
    numbers = answered(store, cast, cast.ada, took=2.0)
    with store.unit_of_work(STAGE, now=MORNING) as work:
        for number in numbers:
            case = work.session.get_one(Case, number)
            note_change(work, case, "status", "Reopened", before="resolved", after="open")
    assert learnt(store) == 0
    with store.reading(cast.actor(cast.sam), now=minutes(1)) as work:
        assert handle_times_shown(work)["rows"] == []
    assert [is_due(store, at) for at in (1, 17 * 60, 19 * 60)] == [False, False, True]
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(2)) as work:
        ask_to_learn(work)
    assert is_due(store, 3)
    with store.unit_of_work(cast.actor(cast.ada)) as work, pytest.raises(Forbidden):
        ask_to_learn(work)
