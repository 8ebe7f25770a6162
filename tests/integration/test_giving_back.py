"""Whoever leaves a customer waiting gives the case back; nobody loses one they work on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from desk.actions.clocks.calendars import add_calendar
from desk.actions.routing.assignments import assign
from desk.actions.routing.giving_back import GONE, give_back
from desk.actions.routing.offers import offer_next
from desk.actions.routing.presence import change_presence
from desk.jobs.clock import give_back_the_unanswered
from desk.model.agent import Capacity
from desk.model.assignment import Offer
from desk.model.case import Case
from desk.model.errors import Conflict
from desk.model.inbound import ChannelKind
from desk.model.message import Message, MessageKind
from desk.model.presence import PresenceState
from desk.model.queue import Queue
from desk.store.routing.unanswered import unanswered
from desk.store.unit_of_work import Store, Work
from tests.people import STAGE, Cast, a_case, an_agent, minutes


def given(work: Work, cast: Cast, *, allows: int = 30, channel: ChannelKind = ChannelKind.EMAIL) -> Case:
    """Ada has a case of a customer who waits; her queue allows so many minutes."""
    work.session.get_one(Queue, cast.support.id).give_back_minutes = allows
    work.session.merge(Capacity(agent_id=cast.ada.id, channel=channel, limit=5))
    change_presence(work, cast.ada.id, PresenceState.AVAILABLE)
    case = a_case(work, cast.cleo, queue=cast.support)
    case.channel = channel
    case.waiting_since = work.now
    assign(work, case, cast.ada.id)
    work.session.flush()
    return case


def due(store: Store, at: float) -> list[int]:
    with store.reading(STAGE) as work:
        return list(unanswered(work.session, minutes(at), gone_for=GONE, limit=10))


def test_an_unanswered_case_goes_back_and_both_are_told(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        case = given(work, cast)
    assert (due(store, 29), due(store, 30)) == ([], [case.id])

    with store.unit_of_work(STAGE, now=minutes(30)) as work:
        give_back(work, case.id)
    with store.reading(STAGE) as work:
        assert work.session.get_one(Case, case.id).assignee_id is None
        note = work.session.scalars(select(Message).where(Message.kind == MessageKind.NOTE)).one()
    assert note.text == "No answer within 30 min of working time. The case is in line for somebody else."
    assert note.mentions == [cast.ada.id]
    assert due(store, 60) == []


def test_it_is_offered_to_somebody_else_first(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        case = given(work, cast)
        eve = an_agent(work, "Eve Stone", teams=[cast.support_team])
        work.session.merge(Capacity(agent_id=eve.id, channel="email", limit=5))
        change_presence(work, eve.id, PresenceState.AVAILABLE)
    with store.unit_of_work(STAGE, now=minutes(30)) as work:
        give_back(work, case.id)
        offer = offer_next(work, case.id)
        assert offer is not None and offer.agent_id == eve.id
        assert "Ada Lovelace passed on it" in " ".join(offer.reason["reasons"])


def test_whoever_answered_keeps_the_case(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        case = given(work, cast)
    with store.unit_of_work(STAGE, now=minutes(29)) as work:
        work.session.get_one(Case, case.id).waiting_since = None
    assert due(store, 300) == []
    with store.unit_of_work(STAGE, now=minutes(300)) as work, pytest.raises(Conflict):
        give_back(work, case.id)


def test_a_later_word_of_the_customer_begins_the_time_anew(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        case = given(work, cast)
    with store.unit_of_work(STAGE, now=minutes(20)) as work:
        work.session.get_one(Case, case.id).waiting_since = minutes(20)
    assert (due(store, 49), due(store, 50)) == ([], [case.id])


def test_a_queue_that_allows_all_time_takes_nothing_back(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        case = given(work, cast, allows=0)
    assert due(store, 60 * 24 * 30) == []
    with store.unit_of_work(STAGE, now=minutes(60 * 24 * 30)) as work, pytest.raises(Conflict):
        give_back(work, case.id)


def test_a_night_is_nobodys_delay(store: Store, cast: Cast) -> None:
    """The shop works 09:00 to 17:00; half an hour from 16:45 on ends at 09:15."""
    week = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(0)) as work:
        add_calendar(work, {"name": "Shop", "days": week})
    with store.unit_of_work(STAGE, now=minutes(60 * 7 + 45)) as work:
        case = given(work, cast)
    for later in (60 * 8 + 15, 60 * 24 + 14):
        with store.unit_of_work(STAGE, now=minutes(later)) as work, pytest.raises(Conflict, match="time"):
            give_back(work, case.id)
    with store.unit_of_work(STAGE, now=minutes(60 * 24 + 15)) as work:
        give_back(work, case.id)


def test_a_chat_goes_back_when_its_agent_has_left_and_no_sooner(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        case = given(work, cast, allows=0, channel=ChannelKind.CHAT)
    with store.unit_of_work(STAGE, now=minutes(5)) as work:
        change_presence(work, cast.ada.id, PresenceState.OFFLINE)
    assert (due(store, 6.9), due(store, 7)) == ([], [case.id])
    with store.unit_of_work(STAGE, now=minutes(6)) as work, pytest.raises(Conflict):
        give_back(work, case.id)
    with store.unit_of_work(STAGE, now=minutes(7)) as work:
        give_back(work, case.id)
        assert work.session.scalars(select(Offer)).all() == []


def test_the_clock_sees_to_it(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        work.now -= timedelta(hours=1)
        given(work, cast)
        later = given(work, cast)
        later.waiting_since = None
    assert give_back_the_unanswered(store) == 1
    assert give_back_the_unanswered(store) == 0
