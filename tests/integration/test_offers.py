"""Work reaches the right agent: offers made, answered and missed, on a real database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk.actions.cases.detail import case_shown
from desk.actions.routing.assignments import accept, assign, end_stint, keep_or_free
from desk.actions.routing.offers import (
    decline,
    lapse_due_offers,
    offer_all_waiting,
    offer_next,
    offer_work_to,
)
from desk.actions.routing.presence import change_presence, put_silent_offline, seen
from desk.actions.routing.withdrawals import withdraw_offer
from desk.model.agent import Agent, Capacity, Proficiency, Skill
from desk.model.assignment import Assignment, Offer, OfferState
from desk.model.case import Case, CaseChange, Priority
from desk.model.customer import Tier
from desk.model.errors import Conflict, Forbidden, Invalid, NotFound
from desk.model.events import AgentFreed, OfferEnded, PresenceChanged
from desk.model.message import Message, MessageKind
from desk.model.presence import Presence, PresenceState
from desk.model.queue import QueueSkill
from desk.model.routing_policy import RoutingPolicy, RoutingPolicyState
from desk.store.unit_of_work import Store, Work
from tests.people import STAGE, Cast, a_case, a_customer, an_agent, minutes


def comes(work: Work, agent: Agent, *, places: int = 3, at: datetime | None = None) -> None:
    """The agent is available, with so many places for mail."""
    moment, work.now = work.now, at or work.now
    change_presence(work, agent.id, PresenceState.AVAILABLE)
    work.session.merge(Capacity(agent_id=agent.id, channel="email", limit=places))
    work.session.flush()
    work.now = moment


def routing_told(work: Work, case: Case) -> dict[str, Any] | None:
    """What the case view says of the case's routing."""
    told: dict[str, Any] | None = case_shown(work, case.id)["routing"]
    return told


def asks_for(work: Work, cast: Cast, name: str, minimum: int, **levels: int) -> None:
    """Support asks for a skill; `levels` are by first name."""
    skill = Skill(name=name)
    work.session.add(skill)
    work.session.flush()
    work.session.add(QueueSkill(queue_id=cast.support.id, skill_id=skill.id, minimum=minimum))
    for first, level in levels.items():
        agent = work.session.scalars(select(Agent).where(Agent.name.like(f"{first.title()} %"))).one()
        work.session.add(Proficiency(agent_id=agent.id, skill_id=skill.id, level=level))
    work.session.flush()


def test_a_waiting_case_is_offered_to_the_most_proficient_and_the_reason_is_kept(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        eve = an_agent(work, "Eve Stone", teams=[cast.support_team])
        asks_for(work, cast, "returns", 2, ada=3, eve=5)
        comes(work, cast.ada)
        comes(work, eve, at=minutes(-12))
        case = a_case(work, cast.cleo, queue=cast.support)

        offer = offer_next(work, case.id)

        assert offer is not None and offer.agent_id == eve.id
        assert offer.reason["sentence"] == (
            "Eve Stone: returns 5 of 5, 0 of 3 places taken, free for 12 min; "
            "next would have been Ada Lovelace (returns 3)"
        )
        assert offer.expires_at == minutes(0) + timedelta(seconds=cast.support.offer_seconds)
        assert offer_next(work, case.id) is None


def test_nobody_absent_full_unskilled_or_outside_the_queue_is_offered_a_case(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        away = an_agent(work, "Abe Away", teams=[cast.support_team])
        full = an_agent(work, "Fay Full", teams=[cast.support_team])
        own_only = an_agent(work, "Olga Own", teams=[cast.support_team], assigned_only=True)
        asks_for(work, cast, "returns", 2, ada=1, abe=4, fay=4, olga=4, ben=5)
        for agent in (cast.ada, full, own_only, cast.ben):
            comes(work, agent, places=0 if agent is full else 3)
        change_presence(work, away.id, PresenceState.AWAY)
        case = a_case(work, cast.cleo, queue=cast.support)

        assert offer_next(work, case.id) is None
        told = routing_told(work, case)
        assert told is not None
        assert told["sentence"] == (
            "Still waiting: 2 agents have the skill; Abe Away is away, Fay Full is full (0 of 0)"
        )


def test_accepting_begins_the_stint_with_its_reason_history_and_line_in_the_thread(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        comes(work, cast.ada)
        case = a_case(work, cast.cleo, queue=cast.support)
        offer = offer_next(work, case.id)
        assert offer is not None

    with store.unit_of_work(cast.actor(cast.ada), now=minutes(0.2)) as work:
        taken = accept(work, offer.id)

        assert taken.assignee_id == cast.ada.id
        stint = work.session.scalars(select(Assignment)).one()
        assert (stint.offer_id, stint.reason) == (offer.id, offer.reason)
        line = work.session.scalars(select(Message).where(Message.kind == MessageKind.EVENT)).one()
        assert line.text == "Ada Lovelace took the case."
        change = work.session.scalars(select(CaseChange).where(CaseChange.what == "assignee")).one()
        assert change.why == offer.reason["sentence"]
        told = routing_told(work, taken)
        assert told is not None and told["sentence"] == offer.reason["sentence"]


def test_an_offer_is_answered_by_its_agent_and_only_once(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        comes(work, cast.ada)
        offer = offer_next(work, a_case(work, cast.cleo, queue=cast.support).id)
        assert offer is not None

    with store.unit_of_work(cast.actor(cast.ben)) as work, pytest.raises(NotFound):
        accept(work, offer.id)
    with store.unit_of_work(cast.actor(cast.otto)) as work, pytest.raises(Forbidden):
        accept(work, offer.id)
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        decline(work, offer.id)
    with store.unit_of_work(cast.actor(cast.ada)) as work, pytest.raises(Conflict, match="passed on this"):
        accept(work, offer.id)


def test_an_agent_whose_places_filled_up_meanwhile_cannot_accept(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        comes(work, cast.ada, places=1)
        offer = offer_next(work, a_case(work, cast.cleo, queue=cast.support).id)
        assert offer is not None
        assign(work, a_case(work, cast.cleo, "Another", queue=cast.support), cast.ada.id)

    with (
        store.unit_of_work(cast.actor(cast.ada)) as work,
        pytest.raises(Conflict, match="You have 1 of 1 cases already"),
    ):
        accept(work, offer.id)


def test_who_declines_is_passed_over_while_others_can_take_it(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        eve = an_agent(work, "Eve Stone", teams=[cast.support_team])
        comes(work, cast.ada, at=minutes(-5))
        comes(work, eve, places=1)
        case = a_case(work, cast.cleo, queue=cast.support)
        first = offer_next(work, case.id)
        assert first is not None and first.agent_id == cast.ada.id
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(0.1)) as work:
        decline(work, first.id)
    with store.unit_of_work(STAGE, now=minutes(0.2)) as work:
        second = offer_next(work, case.id)
        assert second is not None and second.agent_id == eve.id
        change_presence(work, eve.id, PresenceState.OFFLINE)
    with store.unit_of_work(STAGE, now=minutes(0.3)) as work:
        assert offer_next(work, case.id) is None
    with store.unit_of_work(STAGE, now=minutes(1)) as work:
        third = offer_next(work, case.id)
        assert third is not None and third.agent_id == cast.ada.id


def test_two_missed_offers_in_a_row_put_an_agent_away_and_tell_them(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        comes(work, cast.ada)
        for subject in ("One", "Two"):
            a_case(work, cast.cleo, subject, queue=cast.support)
        assert offer_all_waiting(work) == 2

    with store.unit_of_work(STAGE, now=minutes(2)) as work:
        assert lapse_due_offers(work) == 2
        presence = work.session.get(Presence, cast.ada.id)
        assert presence is not None and presence.state is PresenceState.AWAY
        assert PresenceChanged(agent_id=cast.ada.id, state="away", cause="missed_offers") in work.events
        assert [event.state for event in work.events if isinstance(event, OfferEnded)] == ["lapsed"] * 2


def test_who_answers_some_of_many_offers_in_time_is_at_the_desk(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        comes(work, cast.ada)
        for subject in ("One", "Two", "Three"):
            a_case(work, cast.cleo, subject, queue=cast.support)
        assert offer_all_waiting(work) == 3
        first = work.session.scalars(select(Offer)).first()
        assert first is not None
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(0.5)) as work:
        accept(work, first.id)

    with store.unit_of_work(STAGE, now=minutes(2)) as work:
        assert lapse_due_offers(work) == 2
        presence = work.session.get(Presence, cast.ada.id)
        assert presence is not None
        assert (presence.state, presence.missed_offers) == (PresenceState.AVAILABLE, 0)


def test_one_answer_between_two_misses_keeps_an_agent_available(store: Store, cast: Cast) -> None:
    for turn in (0, 30):
        with store.unit_of_work(STAGE, now=minutes(turn)) as work:
            comes(work, cast.ada)
            offer = offer_next(work, a_case(work, cast.cleo, queue=cast.support).id)
            assert offer is not None
        with store.unit_of_work(STAGE, now=minutes(turn + 2)) as work:
            assert lapse_due_offers(work) == 1
        with store.unit_of_work(STAGE, now=minutes(turn + 15)) as work:
            again = offer_next(work, offer.case_id)
            assert again is not None
        with store.unit_of_work(cast.actor(cast.ada), now=minutes(turn + 15)) as work:
            accept(work, again.id)

    with store.reading(STAGE) as work:
        presence = work.session.get(Presence, cast.ada.id)
        assert presence is not None and presence.state is PresenceState.AVAILABLE


def test_an_offer_of_a_case_that_waits_no_more_is_withdrawn_and_nobodys_miss(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        comes(work, cast.ada)
        case = a_case(work, cast.cleo, queue=cast.support)
        offer = offer_next(work, case.id)
        assert offer is not None
        case.resolve(work.now, "Solved")
    with store.unit_of_work(STAGE, now=minutes(5)) as work:
        assert lapse_due_offers(work) == 1
        ended = work.session.get(Offer, offer.id)
        presence = work.session.get(Presence, cast.ada.id)
        assert ended is not None and ended.state is OfferState.WITHDRAWN
        assert presence is not None and presence.missed_offers == 0


def test_the_line_is_ordered_by_waiting_tier_and_priority(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(60)) as work:
        gold = a_customer(work, "Gil Gold", "gil@example.org", tier=Tier.GOLD)
        late_gold = a_case(work, gold, "Gold, 19 later", queue=cast.support, at=minutes(19))
        later_gold = a_case(work, gold, "Gold, 21 later", queue=cast.support, at=minutes(21))
        plain = a_case(work, cast.cleo, "Bronze", queue=cast.support, at=minutes(0))
        urgent = a_case(work, cast.cleo, "Urgent", queue=cast.support, at=minutes(50))
        urgent.priority = Priority.URGENT
        work.session.flush()
        comes(work, cast.ada, places=4)

        assert offer_all_waiting(work) == 4
        offers = work.session.scalars(select(Offer).order_by(Offer.id)).all()
        assert [o.case_id for o in offers] == [urgent.id, late_gold.id, plain.id, later_gold.id]


def test_of_two_alike_the_one_who_knows_the_customer_is_asked_and_may_be_waited_for(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        eve = an_agent(work, "Eve Stone", teams=[cast.support_team])
        comes(work, cast.ada, at=minutes(-30))
        comes(work, eve)
        done = a_case(work, cast.cleo, "Before", queue=cast.support)
        assign(work, done, eve.id)
        done.resolve(work.now, "Solved")
        end_stint(work, done)
        offer = offer_next(work, a_case(work, cast.cleo, "Again", queue=cast.support).id)
        assert offer is not None and offer.agent_id == eve.id
        assert offer.reason["chosen"]["of_agent"]["knows"] > 0

        keep = {"channels": {"email": {"kept_minutes": 10, "units": 1}}, "value_by": "tier", "capacity": 64}
        work.session.add(RoutingPolicy(body=keep, created_at=work.now, state=RoutingPolicyState.ACTIVE))
        change_presence(work, eve.id, PresenceState.AWAY)
        waits = a_case(work, cast.cleo, "Once more", queue=cast.support)
        assert offer_next(work, waits.id) is None
        told = routing_told(work, waits)
        assert told is not None
        assert any(r.startswith("It is kept for the agent who knows the customer") for r in told["reasons"])
    with store.unit_of_work(STAGE, now=minutes(11)) as work:
        later = offer_next(work, waits.id)
        assert later is not None and later.agent_id == cast.ada.id


def test_an_agent_who_becomes_free_gets_the_next_case_and_no_more_than_their_places(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        comes(work, cast.ada, places=1)
        first, second = (a_case(work, cast.cleo, s, queue=cast.support) for s in ("One", "Two"))
        assign(work, first, cast.ada.id)
        assert offer_work_to(work, cast.ada.id) is None

    with store.unit_of_work(STAGE, now=minutes(9)) as work:
        done = work.session.get_one(Case, first.id)
        done.resolve(work.now, "Solved")
        end_stint(work, done)
        work.session.flush()
        assert AgentFreed(agent_id=cast.ada.id) in work.events
        offer = offer_work_to(work, cast.ada.id)
        assert offer is not None and offer.case_id == second.id


def test_going_away_gives_the_live_offers_back_and_keeps_the_cases(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        comes(work, cast.ada)
        mine = a_case(work, cast.cleo, "Mine", queue=cast.support)
        assign(work, mine, cast.ada.id)
        offer = offer_next(work, a_case(work, cast.cleo, queue=cast.support).id)
        assert offer is not None
        change_presence(work, cast.ada.id, PresenceState.AWAY)
        work.session.refresh(offer)
        assert offer.state is OfferState.WITHDRAWN
        assert mine.assignee_id == cast.ada.id


def test_an_agent_without_a_sign_for_ninety_seconds_is_offline(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        comes(work, cast.ada)
        comes(work, cast.ben)
    with store.unit_of_work(STAGE, now=minutes(1)) as work:
        seen(work, cast.ben.id)
    with store.unit_of_work(STAGE, now=minutes(1.6)) as work:
        assert put_silent_offline(work) == 1
        states = {p.agent_id: p.state for p in work.session.scalars(select(Presence))}
        assert states == {cast.ada.id: PresenceState.OFFLINE, cast.ben.id: PresenceState.AVAILABLE}


def test_taking_a_case_by_hand_withdraws_its_offer_and_an_auditor_is_given_none(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        comes(work, cast.ada)
        case = a_case(work, cast.cleo, queue=cast.support)
        offer = offer_next(work, case.id)
        assert offer is not None
        with pytest.raises(Invalid, match="Otto Hahn does not work on cases"):
            assign(work, case, cast.otto.id)
        assign(work, case, cast.sam.id)
        work.session.refresh(offer)
        assert offer.state is OfferState.WITHDRAWN


def test_a_reopened_case_stays_with_who_is_here_and_else_goes_back_in_line(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        comes(work, cast.ada)
        here, gone = (a_case(work, cast.cleo, s, queue=cast.support) for s in ("One", "Two"))
        for case, agent in ((here, cast.ada), (gone, cast.sam)):
            assign(work, case, agent.id)
            case.resolve(work.now, "Solved")
            end_stint(work, case)
            case.reopen(work.now)
            keep_or_free(work, case)
        assert (here.assignee_id, gone.assignee_id) == (cast.ada.id, None)


def test_an_offer_is_withdrawn_with_its_case(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        comes(work, cast.ada)
        case = a_case(work, cast.cleo, queue=cast.support)
        offer = offer_next(work, case.id)
        assert offer is not None
        told = routing_told(work, case)
        assert told is not None and told["sentence"] == "Offered to Ada Lovelace, who has 45 s to answer"
        withdraw_offer(work, case)
        work.session.refresh(offer)
        assert offer.state is OfferState.WITHDRAWN
