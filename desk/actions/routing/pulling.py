"""The next case: an agent takes the first of what waits in the queues that are pulled from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row

from desk.actions.routing.assignments import assign
from desk.actions.routing.floor import Floor, policy_in_force, the_floor
from desk.actions.routing.reasons import taken_because, waiting_of
from desk.model.case import Case, CaseStatus
from desk.model.errors import Conflict, NotFound
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission
from desk.routing.decision import Decision
from desk.routing.eligibility import Waiting
from desk.routing.explain import why_nothing, why_pulled
from desk.routing.floor import take_in_turn
from desk.store.routing.pulling import queues_pulled_by
from desk.store.routing.queues import first_waiting, hold_agents
from desk.store.unit_of_work import Work

PASSED_OVER = 20
"""So many cases of a line may be for others, or be taken at this moment, before one that can be had."""

BUSY = "What waits is being worked on by others at this moment. Try again."


def queues_to_pull(work: Work) -> list[dict[str, Any]]:
    """The queues that the actor takes from: `id`, `name`, `waiting`, `at_hand` and its `limit`, if any."""
    work.require(Permission.WORK_CASES)
    return [
        {
            "id": row.id,
            "name": row.name,
            "waiting": row.waiting,
            "at_hand": row.at_hand,
            "limit": row.most or None,
        }
        for row in queues_pulled_by(work.session, work.actor.agent_id or 0)
    ]


def pull_next(work: Work, queue_id: int | None = None) -> Case:
    """The actor takes the next case of their pull queues, or of this one, and has it now.

    Which one is next is what the live decision says. Two who ask at once never get the same: each holds their
    own places, and a case that another is taking is passed by. Raises NotFound for a queue that the
    actor does not pull from, and Conflict, in words, where nothing is to be had.
    """
    work.require(Permission.WORK_CASES)
    agent_id = work.actor.agent_id or 0
    hold_agents(work.session, [agent_id])
    queues = _asked(queues_pulled_by(work.session, agent_id), queue_id)
    below = [queue for queue in queues if not _is_full(queue)]
    if not below:
        raise Conflict(" ".join(_limit_reached(queue) for queue in queues))
    floor, decisions = _in_turn(work, agent_id, [queue.id for queue in below])
    passed, decision = False, next(decisions)
    while decision.chosen is not None:
        case = _hold(work, waiting_of(decision, floor))
        if case is not None:
            assign(work, case, agent_id, reason=_reason(work, decision, floor))
            return case
        passed, decision = True, next(decisions)
    raise Conflict(BUSY if passed else _nothing(decision, below, queues))


def _asked(queues: Sequence[Row[Any]], queue_id: int | None) -> Sequence[Row[Any]]:
    if queue_id is not None:
        queues = [queue for queue in queues if queue.id == queue_id]
        if not queues:
            raise NotFound(f"You take no next case from a queue {queue_id}.")
    if not queues:
        raise Conflict("You work no queue to take from: work is offered to you while you are available.")
    return queues


def _is_full(queue: Row[Any]) -> bool:
    return bool(0 < queue.most <= queue.at_hand)


def _limit_reached(queue: Row[Any]) -> str:
    return (
        f"You have {queue.at_hand} of {queue.most} from {queue.name} at hand. Finish one, and take the next."
    )


def _in_turn(work: Work, agent_id: int, queue_ids: Sequence[int]) -> tuple[Floor, Iterator[Decision]]:
    """What the agent would be given of these queues, the best first, and the floor it was decided on."""
    rows = first_waiting(
        work.session,
        [(queue_id, channel) for queue_id in queue_ids for channel in ChannelKind],
        scale=policy_in_force(work).scale,
        now=work.now,
        most=PASSED_OVER,
    )
    floor = the_floor(work, case_ids=[row.id for row in rows])
    board = floor.board([floor.in_line(row) for row in rows], floor.candidates, work.now)
    return floor, take_in_turn(board, agent_id, work.now)


def _hold(work: Work, waiting: Waiting) -> Case | None:
    """The case, held; None when another holds it, or it waits no more.

    It is not waited for: whoever holds a case may be waiting for this agent's places.
    """
    free = {"key_share": True, "skip_locked": True}
    case = work.session.get(Case, waiting.case_id, with_for_update=free, populate_existing=True)
    if case is None or case.assignee_id is not None or case.merged_into_id is not None:
        return None
    return case if case.status is CaseStatus.OPEN and case.queue_id == waiting.queue_id else None


def _nothing(decision: Decision, below: Sequence[Row[Any]], queues: Sequence[Row[Any]]) -> str:
    where = " or ".join(queue.name for queue in below)
    why = why_nothing(decision.blocked)
    full = [_limit_reached(queue) for queue in queues if _is_full(queue)]
    if not why:
        return " ".join([f"Nothing waits in {where}.", *full])
    return " ".join([f"Nothing waits in {where} that you can take now: {', '.join(why)}.", *full])


def _reason(work: Work, decision: Decision, floor: Floor) -> dict[str, Any]:
    waiting = waiting_of(decision, floor)
    names = {candidate.agent_id: candidate for candidate in floor.candidates}
    sentence = why_pulled(decision, names, waiting, floor.names[waiting.queue_id], work.now)
    return taken_because(decision, floor, sentence)
