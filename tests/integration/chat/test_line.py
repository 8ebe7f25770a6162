"""The place of a waiting visitor is the one routing takes, and a wait is said with evidence alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from desk.actions.cases.detail import case_detail
from desk.actions.chat.by_time import note_left
from desk.actions.chat.visiting import Said, speak
from desk.actions.routing.assignments import assign
from desk.actions.routing.presence import set_presence
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.chat import Chat
from desk.model.conversation import Conversation
from desk.model.customer import Customer, Tier
from desk.model.presence import PresenceState
from desk.model.queue import Queue
from desk.sockets.reception import FRESH_SECONDS
from desk.sockets.visitor import VISITOR
from desk.store.unit_of_work import Store
from tests.chat import Guest, VisitorLine, a_guest
from tests.people import STAGE, Cast

Open = Callable[[], VisitorLine]


def waiting(store: Store, channel: Channel, cast: Cast) -> Guest:
    guest = a_guest(store, channel)
    with store.unit_of_work(VISITOR) as w:
        speak(w, guest.known, Said("c1", "Hello"))
    return guest


def test_nobody_there_means_leave_a_message(line: Open, cleo: Guest) -> None:
    page = line()
    page.enter(cleo)
    chat = page.say("Hello")["chat"]
    assert (chat["leave_message"], chat["place"], chat["wait"]) == (True, None, None)


def test_who_is_there_for_another_queue_is_nobody_until_that_one_helps_out(
    line: Open, store: Store, channel: Channel, cast: Cast, cleo: Guest
) -> None:
    with store.unit_of_work(cast.actor(cast.ben)) as w:
        set_presence(w, PresenceState.AVAILABLE)
    page = line()
    page.enter(cleo)
    assert page.say("Hello")["chat"]["leave_message"]

    with store.unit_of_work(STAGE) as w:
        w.session.get_one(Queue, cast.support.id).overflow_queue_id = cast.billing.id
    time.sleep(FRESH_SECONDS)
    chat = page.ask("since", {"after": 1})["chat"]
    assert (chat["leave_message"], chat["place"]) == (False, 1)


def test_the_place_is_the_one_that_routing_takes(
    line: Open, store: Store, channel: Channel, cast: Cast
) -> None:
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        set_presence(w, PresenceState.AVAILABLE)
    guests = [waiting(store, channel, cast) for _ in range(3)]

    def places() -> list[int]:
        found = []
        for guest in guests:
            page = line()
            page.enter(guest)
            found.append(page.ask("hello", {"after": 0})["chat"]["place"])
        return found

    assert places() == [1, 2, 3]
    with store.unit_of_work(STAGE) as w:
        last = w.session.scalars(select(Case.customer_id).order_by(Case.id.desc()).limit(1)).one()
        w.session.get_one(Customer, last).tier = Tier.PLATINUM
    assert places() == [2, 3, 1]


@pytest.mark.parametrize("promised", [None, timedelta(hours=8)], ids=["now", "tomorrow"])
def test_who_is_there_comes_before_who_has_left_until_they_are_back(
    line: Open, store: Store, channel: Channel, cast: Cast, promised: timedelta | None
) -> None:
    first, second = (waiting(store, channel, cast) for _ in range(2))
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        if promised:
            w.session.execute(update(Case).values(due_at=w.now + promised))
        chats = w.session.execute(select(Chat, Case.id).join_from(Chat, Conversation).join(Case)).all()
        (left, left_case), (_, there) = sorted(chats, key=lambda row: row[0].conversation_id)
        left.visitor_seen_at -= timedelta(minutes=2)
        w.session.flush()
        note_left(w, left.conversation_id)
    page, other = line(), line()
    page.enter(second)

    # Nobody is here yet, so that nothing is offered.
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        shown = case_detail(w, left_case)["case"]["routing"]["reasons"]
        assert any("visitor has left" in reason for reason in shown)
        set_presence(w, PresenceState.AVAILABLE)
        assert not any("has left" in one for one in case_detail(w, there)["case"]["routing"]["reasons"])
    assert page.ask("hello", {"after": 0})["chat"]["place"] == 1

    other.enter(first)
    assert other.ask("hello", {"after": 0})["chat"]["place"] == 1
    assert page.ask("since", {"after": 0})["chat"]["place"] == 2


def test_a_wait_is_said_once_five_were_taken_within_the_hour(
    line: Open, store: Store, channel: Channel, cast: Cast
) -> None:
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        set_presence(w, PresenceState.AVAILABLE)

    def wait_after(count: int) -> dict[str, int] | None:
        for _ in range(count):
            waiting(store, channel, cast)
        with store.unit_of_work(STAGE) as w:
            for case in w.session.scalars(select(Case).where(Case.assignee_id.is_(None)).with_for_update()):
                assign(w, case, cast.ada.id)
            for number, chat in enumerate(w.session.scalars(select(Chat))):
                chat.joined_at = w.now - timedelta(seconds=40 * number)
                chat.begun_at = chat.joined_at - timedelta(seconds=50)
        page = line()
        page.enter(waiting(store, channel, cast))
        told: dict[str, int] | None = page.ask("hello", {"after": 0})["chat"]["wait"]
        return told

    assert wait_after(4) is None
    told = wait_after(5)
    assert told is not None
    assert 0 <= told["seconds_low"] < told["seconds_high"] <= 90
