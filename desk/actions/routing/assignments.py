"""Assignments: an agent's stint on a case, from taking it to its end."""

from __future__ import annotations

from typing import Any

from desk.actions.cases.history import add_event, note_change
from desk.actions.chat.moves import agent_gone, agent_joined
from desk.actions.routing.floor import the_floor
from desk.actions.routing.offers import ended_sentence, own_offer
from desk.actions.routing.withdrawals import record_ends, withdraw_offer
from desk.model.agent import Agent
from desk.model.assignment import Assignment, OfferState
from desk.model.case import Case, CaseStatus
from desk.model.errors import Conflict, Invalid
from desk.model.events import AgentFreed
from desk.model.permission import ROLES, Permission
from desk.model.presence import PresenceState
from desk.routing.eligibility import Candidate
from desk.store.routing.assignments import end_offers, find_stint
from desk.store.routing.presence import find_presence, forget_missed, note_idle
from desk.store.routing.queues import hold_agents
from desk.store.unit_of_work import Work


def accept(work: Work, offer_id: int) -> Case:
    """The agent takes the case they are offered: first come, and only while they have a place.

    Raises NotFound for an offer to somebody else, Conflict when the offer has ended, the case is
    taken, or the agent's places filled up meanwhile.
    """
    offer = own_offer(work, offer_id)
    case = work.session.get_one(Case, offer.case_id, with_for_update=True, populate_existing=True)
    hold_agents(work.session, [offer.agent_id])
    _check_still_waiting(work, case)
    _check_place(_candidate(work, offer.agent_id), case)
    ended = end_offers(work.session, [offer.id], OfferState.ACCEPTED, work.now)
    if not ended:
        raise Conflict(ended_sentence(offer), {"state": offer.state})
    record_ends(work, ended, OfferState.ACCEPTED)
    forget_missed(work.session, offer.agent_id)
    assign(work, case, offer.agent_id, reason=offer.reason, offer_id=offer.id)
    return case


def assign(
    work: Work,
    case: Case,
    agent_id: int | None,
    *,
    reason: dict[str, Any] | None = None,
    offer_id: int | None = None,
) -> None:
    """Give the case to an agent, or to nobody. The caller holds the case.

    Somebody who decides by hand may go beyond an agent's places; routing never does. `reason`
    says why, as `{"sentence", "reasons"}`; by hand it is made here. Raises Invalid for an agent
    who cannot work on cases.
    """
    if agent_id == case.assignee_id:
        return
    before = _name_of(work, case.assignee_id)
    agent = _worker(work, agent_id) if agent_id is not None else None
    withdraw_offer(work, case)
    end_stint(work, case)
    old_assignee_id, case.assignee_id = case.assignee_id, agent_id
    sentence = _sentence(work, agent, before)
    if agent is not None:
        _begin_stint(work, case, agent, reason or {"sentence": sentence, "reasons": []}, offer_id)
        agent_joined(work, case)
    else:
        agent_gone(work, case)
    add_event(work, case, sentence)
    note_change(
        work,
        case,
        "assignee",
        sentence,
        before=old_assignee_id,
        after=agent_id,
        why=reason["sentence"] if reason else None,
        old_assignee_id=old_assignee_id,
    )


def end_stint(work: Work, case: Case) -> None:
    """The agent's work on the case is over, for now or for good; they are free for other work.

    `assignee_id` stays as it is: a resolved case still shows who solved it.
    """
    stint = find_stint(work.session, case.id)
    if stint is None:
        return
    stint.ended_at = work.now
    work.session.flush()
    note_idle(work.session, stint.agent_id, work.now)
    work.record(AgentFreed(agent_id=stint.agent_id))


def keep_or_free(work: Work, case: Case) -> None:
    """A case that was resolved is open again: whoever had it goes on, if they are here.

    Otherwise it goes back to its queue, so that no customer waits for somebody who went home.
    The caller holds the case.
    """
    if case.assignee_id is None or find_stint(work.session, case.id) is not None:
        return
    agent = work.session.get_one(Agent, case.assignee_id)
    if not _can_work(agent) or not _is_here(work, agent):
        assign(work, case, None)
        return
    _begin_stint(work, case, agent, {"sentence": f"{agent.name} had this case before", "reasons": []}, None)


def _begin_stint(
    work: Work, case: Case, agent: Agent, reason: dict[str, Any], offer_id: int | None
) -> Assignment:
    hold_agents(work.session, [agent.id])
    stint = Assignment(
        case_id=case.id, agent_id=agent.id, assigned_at=work.now, reason=reason, offer_id=offer_id
    )
    work.session.add(stint)
    work.session.flush()
    note_idle(work.session, agent.id, work.now)
    return stint


def _check_still_waiting(work: Work, case: Case) -> None:
    if case.assignee_id is not None:
        raise Conflict(f"{_name_of(work, case.assignee_id)} has this case already.")
    if case.status is not CaseStatus.OPEN or case.merged_into_id is not None:
        raise Conflict("This case is not waiting for anybody any more.")


def _check_place(candidate: Candidate | None, case: Case) -> None:
    """The offer itself holds one of the agent's places; they may not hold more than all of them."""
    if candidate is None:
        raise Conflict("You do not work on cases at the moment.")
    taken, limit = candidate.taken.get(case.channel, 0), candidate.limits.get(case.channel, 0)
    if taken > limit:
        raise Conflict(f"You have {taken - 1} of {limit} cases already. Finish one, and take the next.")


def _candidate(work: Work, agent_id: int) -> Candidate | None:
    return next(iter(the_floor(work, agent_id=agent_id).candidates), None)


def _worker(work: Work, agent_id: int) -> Agent:
    agent = work.session.get(Agent, agent_id)
    if agent is None:
        raise Invalid(f"There is no agent {agent_id}.", "agent_id")
    if not _can_work(agent):
        raise Invalid(f"{agent.name} does not work on cases.", "agent_id")
    return agent


def _can_work(agent: Agent) -> bool:
    return agent.is_active and Permission.WORK_CASES in ROLES[agent.role]


def _is_here(work: Work, agent: Agent) -> bool:
    presence = find_presence(work.session, agent.id)
    return presence is not None and presence.state is not PresenceState.OFFLINE


def _name_of(work: Work, agent_id: int | None) -> str | None:
    return work.session.get_one(Agent, agent_id).name if agent_id is not None else None


def _sentence(work: Work, agent: Agent | None, before: str | None) -> str:
    who = work.actor.name if not work.actor.is_system else "The desk"
    if agent is None:
        return f"{who} put the case back in line; {before} had it."
    if agent.id == work.actor.agent_id:
        return f"{who} took the case." if before is None else f"{who} took the case from {before}."
    return f"{who} gave the case to {agent.name}."
