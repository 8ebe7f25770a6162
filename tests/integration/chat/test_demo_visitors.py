"""The demo's visitors at the real web process: a visit becomes a case, is answered, and can be stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from random import Random

import pytest
from sqlalchemy import select

from desk.actions.messages.reply import Reply, send_reply
from desk.actions.routing.assignments import assign
from desk.actions.routing.presence import change_presence
from desk.demo.chatting import AT_ONCE, ChatTraffic
from desk.demo.seed import _set_up
from desk.demo.visiting import Pace
from desk.jobs.probe import web_answers
from desk.model.agent import Agent
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.chat import Chat, Visitor
from desk.model.inbound import ChannelKind
from desk.model.message import Message, MessageKind
from desk.model.permission import Actor, Role
from desk.model.presence import PresenceState
from desk.store.unit_of_work import Store
from tests.people import STAGE
from tests.servers.household import Household

QUICK = Pace(
    look_around=(0, 0.1),
    letter=(0, 0.001),
    between_lines=(0, 0.1),
    read=(0.1, 0.2),
    patience=(60, 60),
    linger=(0.1, 0.2),
)


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    """The demo's shop, with a web process of its own and somebody at the desk."""
    made = Household(tmp_path_factory.mktemp("shop"), ("web",))
    try:
        _set_up(made.store, made.settings)
        made.start()
        assert within(120, lambda: web_answers(made.settings))
        yield made
    finally:
        made.close()


@pytest.fixture
def traffic(household: Household) -> Iterator[ChatTraffic]:
    made = ChatTraffic(household.settings, household.store, dice=Random(5), pace=QUICK)
    made.start()
    yield made
    made.stop()


def within(seconds: float, happens: Callable[[], object]) -> bool:
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def said(store: Store) -> list[Message]:
    """What visitors have said, oldest first."""
    with store.reading(STAGE) as work:
        wanted = (Channel.kind == ChannelKind.CHAT, Message.kind == MessageKind.INBOUND)
        rows = select(Message).join(Channel, Channel.id == Message.channel_id).where(*wanted)
        return list(work.session.scalars(rows.order_by(Message.id)))


def here(store: Store, state: PresenceState) -> list[Agent]:
    """All agents of the shop, now in this state."""
    with store.unit_of_work(STAGE) as work:
        agents = list(work.session.scalars(select(Agent).where(Agent.role == Role.AGENT)))
        for agent in agents:
            change_presence(work, agent.id, state)
        return agents


def test_a_visit_becomes_a_case_and_an_answer_is_answered(household: Household, traffic: ChatTraffic) -> None:
    store = household.store
    freja, *_ = here(store, PresenceState.AVAILABLE)
    before = len(said(store))
    traffic.come()
    assert within(120, lambda: len(said(store)) > before)
    with store.reading(STAGE) as work:
        case = work.session.get_one(Case, said(store)[before].case_id)
        chat = work.session.scalars(
            select(Chat).where(Chat.conversation_id == said(store)[before].conversation_id)
        ).one()
        visitor = work.session.get_one(Visitor, chat.visitor_id)
    assert case.subject and chat.page and chat.page.startswith(household.settings.public_url)
    assert visitor.external_id is None or visitor.email

    asked = said_in_all(store)
    with store.unit_of_work(Actor(name=freja.name, agent_id=freja.id, role=Role.AGENT)) as work:
        assign(work, work.session.get_one(Case, case.id, with_for_update=True), freja.id)
        send_reply(work, case.id, Reply(text="I have a look for you.", client_id="look"))

    assert within(120, lambda: len(said(store)) > asked)
    assert {one.case_id for one in said(store)[before:]} == {case.id}


def test_once_it_is_switched_off_nobody_says_more(household: Household, traffic: ChatTraffic) -> None:
    here(household.store, PresenceState.AVAILABLE)
    before = len(said(household.store))
    traffic.come()
    assert within(120, lambda: len(said(household.store)) > before)

    counted = traffic.turn(is_on=False, has_patience=lambda: True)

    assert within(120, lambda: traffic.present == 0)
    rest = said_in_all(household.store)
    time.sleep(1)
    counted += traffic.turn(is_on=False, has_patience=lambda: True)
    assert 0 <= rest - before - counted <= 1, "a word on its way may be kept without being acknowledged"
    assert len(said(household.store)) == rest


def test_only_a_handful_is_there_at_once(household: Household, traffic: ChatTraffic) -> None:
    here(household.store, PresenceState.AVAILABLE)
    for _ in range(20):
        traffic._next = 0
        traffic.turn(is_on=True, has_patience=lambda: True)
    assert traffic.present <= AT_ONCE


def said_in_all(store: Store) -> int:
    """How much was said, once the visitor waits for an answer."""
    count = -1
    while count != (count := len(said(store))):
        time.sleep(1)
    return count
