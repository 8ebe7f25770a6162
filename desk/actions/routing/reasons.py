"""A decision as it is kept beside what came of it: in words, and in the numbers that lead to it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desk.actions.routing.floor import Floor
from desk.model.inbound import ChannelKind
from desk.routing.decision import Decision
from desk.routing.eligibility import Waiting
from desk.routing.explain import helped_by, left_out, what_moved
from desk.routing.floor import moment
from desk.routing.overflow import overflows
from desk.routing.reason import stored

MOST_TOLD = 8
"""So many agents who were left out are named with a decision; everybody is on the floor's page."""


def waiting_of(decision: Decision, floor: Floor) -> Waiting:
    """The case that was decided on, with what its queue asks."""
    assert decision.chosen is not None
    case = decision.chosen.standing.case
    queue_id = int(case.line.topic) if case.line.topic else None
    return floor.waiting(case.case_id, queue_id, ChannelKind(case.line.channel))


def offered_because(decision: Decision, floor: Floor, sentence: str, now: datetime) -> dict[str, Any]:
    """Why this agent is asked: what moved the case, and who was left out."""
    waiting = waiting_of(decision, floor)
    others = left_out(
        floor.candidates,
        waiting,
        refused_at=floor.refused.get(waiting.case_id, {}),
        policy=floor.policy,
        now=now,
    )
    helped = _helped(decision, floor, waiting, now)
    return _kept(decision, floor, sentence, [*helped, *what_moved(decision), *others[:MOST_TOLD]])


def taken_because(decision: Decision, floor: Floor, sentence: str) -> dict[str, Any]:
    """Why this case is next for whoever asked: what moved it. Nobody else was asked."""
    return _kept(decision, floor, sentence, what_moved(decision))


def _helped(decision: Decision, floor: Floor, waiting: Waiting, now: datetime) -> list[str]:
    """Why somebody of another queue is asked."""
    assert decision.chosen is not None
    case = decision.chosen.standing.case
    if case.line.topic in decision.chosen.agent.skills:
        return []
    overflow = floor.overflow(now)[waiting.queue_id]
    over = overflows(overflow, waiting, moment(case.since), floor.candidates, now)
    return [helped_by(overflow, over, floor.names[waiting.queue_id], now)]


def _kept(decision: Decision, floor: Floor, sentence: str, reasons: list[str]) -> dict[str, Any]:
    return {
        "sentence": sentence,
        "reasons": reasons,
        "version": floor.in_force.version,
        **stored(decision),
    }
