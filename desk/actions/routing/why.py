"""Why a case is with this agent, or why it still waits: what the case view shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from desk.actions.routing.floor import Floor, floor_from
from desk.routing.decision import Blocked
from desk.routing.eligibility import Waiting
from desk.routing.explain import (
    helped_by,
    left_out,
    place_parts,
    span,
    to_be_taken,
    who_can_pass,
    why_waiting,
)
from desk.routing.floor import InLine, due_of, holds_of, minute
from desk.routing.overflow import overflows
from desk.routing.policy import Order
from desk.routing.standing import Standing
from desk.store.cases.view import SeenCase
from desk.store.routing.queues import rows_in


def routing_shown(
    case: SeenCase,
    *,
    assignment: Mapping[str, Any] | None,
    offer: Mapping[str, Any] | None,
    floor: Mapping[str, Any] | None,
    whole_floor: Callable[[], Floor],
    now: datetime,
) -> dict[str, Any] | None:
    """`{at, sentence, reasons}`, or None where there is nothing to say.

    Of an assigned case the decision as it was made (`assignment` has `at` and `reason`); of an
    offered one the decision and how long the offer stands (`offer`, with `expires_at` and
    `agent_name`); of a waiting one what keeps everybody now (`floor`, a column of `floor_of_case`).
    `whole_floor` is asked only when somebody is free and a rule may keep the case from them.
    """
    if case.assignee_id is not None:
        return _told(assignment["at"], assignment["reason"]) if assignment else None
    if offer:
        return _offered(offer, now)
    return _waiting(case, floor_from(rows_in(floor)), whole_floor, now) if floor else None


def _offered(offer: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    left = max(datetime.fromisoformat(offer["expires_at"]) - now, timedelta(0))
    told = _told(offer["at"], offer["reason"], first=[offer["reason"].get("sentence", "")])
    return told | {"sentence": f"Offered to {offer['agent_name']}, who has {span(left)} to answer"}


def _waiting(case: SeenCase, floor: Floor, whole_floor: Callable[[], Floor], now: datetime) -> dict[str, Any]:
    waiting = floor.waiting(case.id, case.queue_id, case.channel)
    if case.queue_id in floor.pulled:
        return _to_be_taken(case, floor, waiting, now)
    refused_at = floor.refused.get(case.id, {})
    standing, holds = _standing(case, floor, now)
    free = left_out(floor.candidates, waiting, refused_at=refused_at, policy=floor.policy, now=now)
    if len(free) < len(floor.candidates) and standing.held:
        floor = whole_floor()
        standing, holds = _standing(case, floor, now)
    sentence, reasons = why_waiting(
        floor.candidates,
        waiting,
        refused_at=refused_at,
        policy=floor.policy,
        now=now,
        holds=holds,
        queue_name=floor.queue_of,
    )
    return {
        "at": case.waiting_since or case.last_at,
        "sentence": sentence,
        "reasons": [
            *_left(case, floor),
            *_helped(case, floor, now),
            *reasons,
            *_place(standing, floor, now),
        ],
    }


def _left(case: SeenCase, floor: Floor) -> list[str]:
    """That nobody is there for an answer."""
    if _left_at(case, floor) is None:
        return []
    if floor.policy.order is not Order.VALUE_DUE_DATE:
        return ["The visitor has left"]
    return ["The visitor has left: until they are back it is due later, by as long as a mail may take"]


def _left_at(case: SeenCase, floor: Floor) -> datetime | None:
    left_at = floor.worths[case.id]["left_at"]
    return datetime.fromisoformat(left_at) if left_at else None


def _helped(case: SeenCase, floor: Floor, now: datetime) -> list[str]:
    """Who else may take the case, and from when on."""
    overflow = floor.overflow(now).get(case.queue_id)
    if overflow is None:
        return []
    waiting = floor.waiting(case.id, case.queue_id, case.channel)
    over = overflows(overflow, waiting, case.waiting_since or case.last_at, floor.candidates, now)
    return [helped_by(overflow, over, floor.names[case.queue_id], now)]


def _to_be_taken(case: SeenCase, floor: Floor, waiting: Waiting, now: datetime) -> dict[str, Any]:
    standing, _ = _standing(case, floor, now)
    return {
        "at": case.waiting_since or case.last_at,
        "sentence": to_be_taken(floor.candidates, waiting, floor.names[case.queue_id]),
        "reasons": _place(standing, floor, now),
    }


def _place(standing: Standing, floor: Floor, now: datetime) -> list[str]:
    return [
        *place_parts(standing, floor.policy, minute(now)),
        who_can_pass(standing, floor.policy, minute(now)),
    ]


def _standing(case: SeenCase, floor: Floor, now: datetime) -> tuple[Standing, Sequence[Blocked]]:
    """Where the case stands, and every rule that keeps an agent who is free from it."""
    worth = floor.worths[case.id]
    inline = InLine(
        floor.waiting(case.id, case.queue_id, case.channel),
        since=case.waiting_since or case.last_at,
        due=due_of(case.due_at, _left_at(case, floor), floor.policy),
        tier=worth["tier"],
        priority=case.priority,
        worth=worth["worth"],
        knows=worth["knows"],
    )
    board = floor.board([inline], floor.candidates, now)
    decision = holds_of(board, case.id, board.agents, now)
    standing = board.cases.standing(case.id, minute(now))
    assert decision is not None and standing is not None
    return standing, decision.blocked


def _told(at: Any, reason: Mapping[str, Any], *, first: Sequence[str] = ()) -> dict[str, Any]:
    reasons = [*first, *reason.get("reasons", [])]
    return {"at": at, "sentence": reason.get("sentence", ""), "reasons": reasons}
