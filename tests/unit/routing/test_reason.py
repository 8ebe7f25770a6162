"""A stored reason is small, and its numbers lead to the same score again."""

from __future__ import annotations

import json
from math import e, isclose

from hypothesis import HealthCheck, given, settings

from desk.routing.at_work import AgentAtWork, Outlook, Skill
from desk.routing.board import Board
from desk.routing.decision import decide
from desk.routing.known_policies import DESK
from desk.routing.reason import ahead_of_runner_up, recomputed, stored
from desk.routing.standing import Line, WaitingCase, standing_at
from tests.unit.routing.boards import NOW, boards


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(boards())
def test_a_stored_reason_recomputes_to_the_same_score(board: Board) -> None:
    agents = list(board.agents.values())
    decision = decide(NOW, board.cases.all(NOW), agents, ahead=board.ahead, policy=board.policy)
    text = json.dumps(stored(decision))
    kept = json.loads(text)
    for name in ("chosen", "runner_up"):
        if name in kept:
            figures = kept["chosen"] | kept[name]
            assert isclose(recomputed(figures), figures["score"], rel_tol=1e-9, abs_tol=1e-9)
    assert ("chosen" in kept) is (decision.chosen is not None)
    assert sum(kept["counts"].values()) == len(decision.blocked)


def test_why_one_came_before_another_is_said_in_minutes() -> None:
    agent = AgentAtWork(1, {"billing": Skill(1.0)})
    early = WaitingCase(1, Line("billing", "email"), since=0.0, due=240.0, value=1.0)
    worthy = WaitingCase(2, Line("billing", "email"), since=12.0, due=252.0, value=e)
    decision = decide(
        20.0, [standing_at(one, DESK, 20.0) for one in (early, worthy)], [agent], ahead=Outlook(), policy=DESK
    )
    assert decision.chosen is not None
    assert decision.chosen.case_id == 2
    minutes = ahead_of_runner_up(decision)
    assert {name: round(value, 6) for name, value in minutes.items()} == {"value": 45.0, "due": -12.0}


def test_a_stored_reason_stays_under_a_kilobyte() -> None:
    agents = [AgentAtWork(n, {"billing": Skill(1.0)}, used=6, held=3) for n in range(1, 41)]
    agents += [AgentAtWork(n, {"billing": Skill(1.0)}) for n in (41, 42)]
    case = WaitingCase(123_456, Line("billing", "chat"), since=1e7, due=1e7 + 1.5, value=1.37)
    decision = decide(1e7 + 1, [standing_at(case, DESK, 1e7 + 1)], agents, ahead=Outlook(), policy=DESK)
    assert len(json.dumps(stored(decision))) < 1024
