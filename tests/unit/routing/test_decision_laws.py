"""The laws of the decision, for any policy, any floor and any line."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from math import isclose

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from desk.routing.at_work import AgentAtWork, Skill, outlook
from desk.routing.board import Board
from desk.routing.decision import Block, Decision, decide, obstacle, pair_terms, paired
from desk.routing.known_policies import DESK
from desk.routing.policy import Policy
from desk.routing.standing import (
    Line,
    WaitingCase,
    last_to_pass,
    lead_minutes,
    most_lead,
    standing_at,
    standings,
    terms,
)
from tests.unit.routing.boards import CHANNEL_NAMES, NOW, TIERS, boards, policies, waiting_cases

few = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
"""Boards are large to draw."""

HELD_BACK = {Block.RESERVE, Block.MATCH, Block.EMPTY_RESERVE}


def emptied(board: Board) -> Iterator[Decision]:
    """Hand out what can be handed out now, as arrivals, agents set free and the sweep do."""
    for agent_id in sorted(board.agents):
        while (decision := board.for_agent(agent_id, NOW)).chosen is not None:
            board.give(decision)
            yield decision
    for standing in board.cases.all(NOW):
        decided = board.for_case(standing.case.case_id, NOW)
        if decided is not None and decided.chosen is not None:
            board.give(decided)
            yield decided


@few
@given(boards())
def test_a_freed_agent_is_given_from_the_heads_what_a_full_scan_would_give(board: Board) -> None:
    for agent_id, agent in board.agents.items():
        # What one agent empties their hands for is no other's to empty them for.
        waiting = [one for one in board.cases.all(NOW) if not board._drained_elsewhere(one, agent)]
        scanned = decide(NOW, waiting, (agent,), ahead=board.ahead, policy=board.policy)
        from_heads = board.for_agent(agent_id, NOW)
        assert chosen(from_heads) == chosen(scanned)
        assert (from_heads.drains_for is None) == (scanned.drains_for is None)


@given(st.floats(0, 20), st.floats(0, 20), st.sampled_from([0.4, 1.0, 3.0]))
def test_what_became_overdue_is_seen_at_once(first: float, later: float, value: float) -> None:
    """The heap that overdue cases stand in may not even exist until an agent looks."""
    board = Board(DESK)
    board.put([AgentAtWork(1, {"billing": Skill(1.0)})])
    line = Line("billing", "chat")
    for number, (at, worth) in enumerate(((0.0, 1.0), (first, value), (later, 1.0)), start=1):
        board.join(WaitingCase(number, line, since=at, due=at + 1.5, value=worth), at)
    now = max(first, later)
    agent = board.agents[1]
    scanned = decide(now, board.cases.all(now), (agent,), ahead=board.ahead, policy=DESK)
    fresh = Board(DESK)
    fresh.put([agent])
    for number, (at, worth) in enumerate(((0.0, 1.0), (first, value), (later, 1.0)), start=1):
        fresh.join(WaitingCase(number, line, since=at, due=at + 1.5, value=worth), at)
    assert chosen(fresh.for_agent(1, now)) == chosen(scanned)


def test_two_agents_empty_their_hands_for_two_calls_of_one_line() -> None:
    board = Board(DESK)
    billing = {"billing": Skill(1.0)}
    board.put(AgentAtWork(number, billing, used=2, held=1, taken={"chat": 1}) for number in (1, 2))
    for number, since in ((1, 400.0), (2, 450.0)):
        board.join(WaitingCase(number, Line("billing", "call"), since=since, due=since + 0.5), since)
    drained_for = [board.for_agent(agent, NOW).drains_for for agent in (1, 2)]
    assert [standing.case.case_id for standing in drained_for if standing] == [1, 2]


@few
@given(boards())
def test_a_case_is_given_to_whom_a_full_scan_would_give_it(board: Board) -> None:
    everybody = list(board.agents.values())
    for standing in board.cases.all(NOW):
        from_heads = board.for_case(standing.case.case_id, NOW)
        assert from_heads is not None
        scanned = [
            decide(NOW, (standing,), (agent,), ahead=board.ahead, policy=board.policy) for agent in everybody
        ]
        best = decide(NOW, (standing,), everybody, ahead=board.ahead, policy=board.policy)
        if all(one.chosen is None for one in scanned):
            assert from_heads.chosen is None
        else:
            assert chosen(from_heads) == chosen(best)


@few
@given(boards())
def test_the_outlook_kept_up_is_the_one_counted_anew(board: Board) -> None:
    for decision in emptied(board):
        assert decision.chosen is not None
    anew = outlook(board.agents.values(), board.policy, live_expected={}, whole_expected={})
    assert {topic: n for topic, n in board.ahead.seats.items() if n} == {
        t: n for t, n in anew.seats.items() if n
    }
    assert {topic: n for topic, n in board.ahead.empty.items() if n} == {
        t: n for t, n in anew.empty.items() if n
    }
    assert {topic: s for topic, s in board.ahead.match.items() if s} == {
        t: s for t, s in anew.match.items() if s
    }


@few
@given(boards())
def test_capacity_is_never_exceeded_and_no_case_is_given_twice(board: Board) -> None:
    given_out = [decision.chosen.case_id for decision in emptied(board) if decision.chosen]
    assert len(given_out) == len(set(given_out))
    for agent in board.agents.values():
        assert agent.used <= agent.capacity
        assert all(agent.taken.get(channel, 0) <= limit for channel, limit in agent.limits.items())


@few
@given(boards())
def test_nobody_is_idle_while_matching_work_waits_but_for_the_stated_holds(board: Board) -> None:
    for _ in emptied(board):
        pass
    for standing in board.cases.all(NOW):
        for agent in board.agents.values():
            block = obstacle(standing, agent, ahead=board.ahead, policy=board.policy, now=NOW)
            assert block is not None
            if block.rule in HELD_BACK:
                # The hold is stated, and it ends: at the latest when the case is due.
                assert NOW < block.until <= standing.case.due


@few
@given(boards(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_on_the_board_plays_no_part(board: Board, dice: random.Random) -> None:
    waiting = board.cases.all(NOW)
    agents = list(board.agents.values())
    first = decide(NOW, waiting, agents, ahead=board.ahead, policy=board.policy)
    dice.shuffle(waiting)
    dice.shuffle(agents)
    again = decide(NOW, waiting, agents, ahead=board.ahead, policy=board.policy)
    assert chosen(first) == chosen(again)
    assert set(first.blocked) == set(again.blocked)


@few
@given(boards())
def test_the_terms_of_a_decision_sum_to_its_score(board: Board) -> None:
    for decision in emptied(board):
        assert decision.chosen is not None
        parts = pair_terms(decision.chosen, board.policy, NOW)
        assert isclose(sum(parts.values()), decision.chosen.score, rel_tol=1e-9, abs_tol=1e-9)


@given(waiting_cases(), policies, st.floats(0, 3000))
def test_phases_follow_each_other_and_the_score_never_falls(
    cases: list[WaitingCase], policy: Policy, after: float
) -> None:
    for case in cases:
        phases = standings(case, policy)
        assert phases[0].starts == case.since
        assert all(one.ends == other.starts for one, other in pairwise(phases))
        now, later = case.since + after, case.since + after + 1
        assert standing_at(case, policy, now).score(now) <= standing_at(case, policy, later).score(later)
        found = terms(standing_at(case, policy, now), policy, now)
        assert isclose(sum(found.values()), standing_at(case, policy, now).score(now), rel_tol=1e-9)


@given(waiting_cases(most=2), st.floats(0, 2000), st.floats(0, 2000))
def test_nobody_who_comes_after_the_stated_bound_passes(
    cases: list[WaitingCase], beyond: float, after: float
) -> None:
    assume(len(cases) == 2)
    early, other = cases
    other = replace(other, line=early.line)
    bound = last_to_pass(early, DESK, most_lead(DESK, early.line.channel))
    target = other.due - other.since
    late = replace(other, since=bound + beyond, due=bound + beyond + target)
    now = late.since + after
    assert standing_at(early, DESK, now).score(now) >= standing_at(late, DESK, now).score(now) - 1e-9


@given(waiting_cases(), st.sampled_from(TIERS))
def test_a_tier_is_never_worth_more_than_its_minutes(cases: list[WaitingCase], tier: str) -> None:
    for case in cases:
        lead = lead_minutes(replace(case, tier=tier, value=1e9), DESK)
        assert lead <= DESK.most_tier_minutes[tier]


@pytest.mark.parametrize("channel", CHANNEL_NAMES)
def test_twenty_times_the_worth_overtakes_by_its_minutes_and_no_more(channel: str) -> None:
    bronze = WaitingCase(1, Line("billing", channel), since=0.0, due=240.0, value=1.0)
    lead = lead_minutes(replace(bronze, value=20.0, tier="platinum"), DESK)
    for later, passes in ((lead - 0.01, True), (lead + 0.01, False)):
        platinum = replace(bronze, case_id=2, since=later, due=240.0 + later, value=20.0, tier="platinum")
        now = later + 1
        ahead = standing_at(platinum, DESK, now).score(now) > standing_at(bronze, DESK, now).score(now)
        assert ahead is passes


def chosen(decision: Decision) -> tuple[int, int] | None:
    return (decision.chosen.case_id, decision.chosen.agent.agent_id) if decision.chosen else None


def test_the_score_of_a_pair_is_what_decides() -> None:
    board = Board(DESK)
    case = WaitingCase(1, Line("billing", "chat"), since=NOW, due=NOW + 1)
    standing = standing_at(case, DESK, NOW)
    slow, fast = (AgentAtWork(n, {"billing": Skill(speed)}) for n, speed in ((1, 0.7), (2, 1.15)))
    board.put([slow, fast])
    decision = decide(NOW, (standing,), (slow, fast), ahead=board.ahead, policy=DESK)
    assert chosen(decision) == (1, 2)
    assert decision.runner_up is not None
    assert decision.runner_up.score == paired(standing, slow, DESK, NOW, board.ahead).score


def test_who_has_begun_is_preferred_only_while_hands_are_to_spare() -> None:
    case = standing_at(WaitingCase(1, Line("billing", "chat"), since=NOW, due=NOW + 1), DESK, NOW)
    begun = AgentAtWork(1, {"billing": Skill(1.0)}, used=2, held=1)
    for others, expected in ((3, 1), (4, 2)):
        board = Board(DESK)
        empty = AgentAtWork(2, {"billing": Skill(1.1)})
        full = [AgentAtWork(3 + n, {"sales": Skill(1.0)}, used=6, held=1) for n in range(others)]
        board.put([begun, empty, *full])
        assert board.ahead.idle == 1 / (2 + others)
        decision = decide(NOW, (case,), (begun, empty), ahead=board.ahead, policy=DESK)
        assert chosen(decision) == (1, expected)
        board.put([AgentAtWork(9, {"sales": Skill(1.0)}, available=False)])
        assert board.ahead.idle == 1 / (2 + others)
