"""Offers: work shown to one agent for a short time, made, declined and lapsed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Select, select

from desk.actions.routing.floor import Floor, policy_in_force, the_floor
from desk.actions.routing.presence import step_away
from desk.actions.routing.reasons import offered_because, waiting_of
from desk.actions.routing.withdrawals import record_ends, withdraw_offers
from desk.model.assignment import Offer, OfferState
from desk.model.case import Case
from desk.model.errors import Conflict, NotFound
from desk.model.events import OfferMade
from desk.model.permission import Permission
from desk.model.presence import PresenceState
from desk.routing.decision import Decision
from desk.routing.eligibility import Candidate
from desk.routing.explain import why_chosen
from desk.routing.floor import hand_out, hand_to
from desk.store.cases.lists import row_shown, rows_of
from desk.store.routing.assignments import agents_silent_over, due_offers, end_offers, live_offers_of
from desk.store.routing.presence import count_missed, forget_missed
from desk.store.routing.queues import hold_agents, hold_waiting, names_of_queues
from desk.store.unit_of_work import Work

MOST_MISSED = 2
"""An agent who misses so many offers in a row is not at the desk, and is set to away. Who answered another
while the offer stood is at the desk: that one is not counted."""

OFFER_SECONDS = 45
"""How long an offer stands for a case that waits in no queue."""

BATCH = 200

PASSED_OVER = 20
"""So many cases of a line may be held back by a rule before one that is not."""


def offer_next(work: Work, case_id: int) -> Offer | None:
    """Offer this case to the best agent for it; None while it waits for nobody or nobody can take it.

    Safe to run twice: nothing happens while an offer is live.
    """
    made = _offer(work, the_floor(work, available_only=True), case_id=case_id, most=1)
    return made[0] if made else None


def offer_work_to(work: Work, agent_id: int) -> Offer | None:
    """Work for an agent who became free, as far as their places go; returns the first offer.

    They take from the heads of the lines they serve: whoever else is free has been asked before.
    """
    free = the_floor(work, agent_id=agent_id, available_only=True)
    made = _offer(work, free, most=BATCH, agent_id=agent_id)
    return made[0] if made else None


def offer_all_waiting(work: Work, limit: int = BATCH) -> int:
    """Offer what waits, first in line first, at most `limit` cases; returns how many offers were made.

    The sweep, and the answer to every sign that there may be work for somebody. Several may run
    at once: each leaves out the cases that another one holds.
    """
    return len(_offer(work, the_floor(work, available_only=True), most=limit))


def decline(work: Work, offer_id: int) -> None:
    """The agent passes: somebody else is asked, and this agent not for a while.

    Raises NotFound for an offer to somebody else, Conflict when it has ended.
    """
    offer = own_offer(work, offer_id)
    if not end_offers(work.session, [offer.id], OfferState.DECLINED, work.now):
        raise Conflict(ended_sentence(offer), {"state": offer.state})
    forget_missed(work.session, offer.agent_id)
    record_ends(work, [offer], OfferState.DECLINED)


def lapse_due_offers(work: Work, limit: int = BATCH) -> int:
    """End the offers whose time is over; returns how many ended.

    An agent who misses MOST_MISSED in a row is set to away and told. An offer whose case
    waits no longer is withdrawn, and is nobody's miss.
    """
    due = due_offers(work.session, work.now, limit)
    if not due:
        return 0
    hold_agents(work.session, [row.agent_id for row in due])
    missed = [row.id for row in due if row.waits]
    lapsed = end_offers(work.session, missed, OfferState.LAPSED, work.now)
    record_ends(work, lapsed, OfferState.LAPSED)
    withdrawn = withdraw_offers(work, [row.id for row in due if not row.waits])
    missed_by = agents_silent_over(work.session, [offer.id for offer in lapsed])
    gone = count_missed(work.session, missed_by, most=MOST_MISSED)
    for agent_id in gone:
        step_away(work, agent_id)
    return len(lapsed) + withdrawn


def offers_shown(work: Work) -> list[dict[str, Any]]:
    """The actor's standing offers, each with the case as a list row: those first whose customer waits on the
    line, then the first to end.
    """
    offers = live_offers_of(work.session, work.actor.agent_id or 0)
    wanted = select(Case.id).where(Case.id.in_([offer.case_id for offer in offers]))
    # Whoever is offered a case sees its row, be it of a queue in which they only help out.
    seer = replace(work.actor, queue_ids=work.actor.queue_ids | _queues_of(work, wanted))
    rows = {row.id: row_shown(row) for row in work.session.execute(rows_of(seer, wanted))}
    queues = names_of_queues(work.session)
    rules = policy_in_force(work).policy
    found = [(offer, rows[offer.case_id]) for offer in offers if offer.case_id in rows]
    found.sort(key=lambda one: (not rules.rule(one[1]["channel"]).live, one[0].expires_at))
    return [
        {
            "id": offer.id,
            "case": row,
            "customer_name": row["name"],
            "tier": row["tier"],
            "queue": queues.get(row["queue_id"], ""),
            "waiting_since": row["waiting_since"],
            "expires_at": offer.expires_at,
            "now": work.now,
            "sentence": offer.reason["sentence"],
        }
        for offer, row in found
    ]


def _queues_of(work: Work, case_ids: Select[int]) -> frozenset[int]:
    of = select(Case.queue_id).where(Case.id.in_(case_ids), Case.queue_id.is_not(None))
    return frozenset(queue_id for queue_id in work.session.scalars(of) if queue_id is not None)


def own_offer(work: Work, offer_id: int) -> Offer:
    """The offer, if it is to this actor. Raises NotFound."""
    work.require(Permission.WORK_CASES)
    offer = work.session.get(Offer, offer_id, populate_existing=True)
    if offer is None or offer.agent_id != work.actor.agent_id:
        raise NotFound(f"There is no offer {offer_id} to you.")
    return offer


def ended_sentence(offer: Offer) -> str:
    """Why an offer cannot be answered any more."""
    ends = {
        OfferState.LAPSED: "The time for this offer is over; somebody else has been asked.",
        OfferState.WITHDRAWN: "This offer was withdrawn: the case is not waiting any more.",
        OfferState.DECLINED: "You have passed on this offer already.",
        OfferState.ACCEPTED: "You have accepted this offer already.",
    }
    return ends.get(offer.state, "This offer has just ended.")


def _offer(
    work: Work, floor: Floor, *, most: int, case_id: int | None = None, agent_id: int | None = None
) -> list[Offer]:
    """Hold the agents and the cases; look again at what is true now; decide; write it down.

    One case asked for is held before the agents, as everywhere. Of many, those that others hold are
    left out and never waited for: so they are read once the agents are held, and as others left them.
    """
    lines = floor.open_lines()
    if not lines:
        return []
    mine = [candidate.agent_id for candidate in floor.candidates]
    if case_id is None:
        hold_agents(work.session, mine)
    rows = hold_waiting(
        work.session,
        lines,
        scale=floor.in_force.scale,
        now=work.now,
        most=min(most, _places(floor.candidates) + PASSED_OVER),
        case_id=case_id,
    )
    if not rows:
        return []
    if case_id is not None:
        hold_agents(work.session, mine)
    held = the_floor(work, case_ids=[row.id for row in rows])
    cases = [held.in_line(row) for row in rows if row.id not in held.offered]
    decisions: Iterable[Decision]
    if agent_id is None:
        decisions = hand_out(held.board(cases, _held_only(held.candidates, mine), work.now), work.now)
    else:
        decisions = hand_to(held.board(cases, held.candidates, work.now), agent_id, work.now)
    return _write(work, list(islice(decisions, most)), held)


def _places(candidates: Collection[Candidate]) -> int:
    return sum(candidate.free_places(channel) for candidate in candidates for channel in candidate.limits)


def _held_only(seen: Collection[Candidate], held: Collection[int]) -> list[Candidate]:
    """Everybody, but for available agents whose places we do not hold: another may be filling them."""
    return [c for c in seen if c.agent_id in held or c.state is not PresenceState.AVAILABLE]


def _write(work: Work, decisions: Collection[Decision], floor: Floor) -> list[Offer]:
    """The offers that were decided on, kept at once and told one by one."""
    offers = [_offer_of(work, decision, floor) for decision in decisions]
    work.session.add_all(offers)
    work.session.flush()
    for decision, offer in zip(decisions, offers, strict=True):
        work.record(
            OfferMade(
                case_id=offer.case_id,
                queue_id=waiting_of(decision, floor).queue_id,
                offer_id=offer.id,
                agent_id=offer.agent_id,
            )
        )
    return offers


def _offer_of(work: Work, decision: Decision, floor: Floor) -> Offer:
    assert decision.chosen is not None
    waiting = waiting_of(decision, floor)
    names = {candidate.agent_id: candidate for candidate in floor.candidates}
    seconds = floor.offer_seconds.get(waiting.queue_id, OFFER_SECONDS)
    return Offer(
        case_id=waiting.case_id,
        agent_id=decision.chosen.agent.agent_id,
        offered_at=work.now,
        expires_at=work.now + timedelta(seconds=seconds),
        reason=offered_because(decision, floor, why_chosen(decision, names, waiting, work.now), work.now),
    )
