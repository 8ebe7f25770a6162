"""Live work: places, wrap-up, who left and who fell silent, going on by mail, handing on, the floor."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select, text, update

from desk.actions.cases.deeds import resolve_case
from desk.actions.cases.merges import merge_cases
from desk.actions.cases.splits import split_case
from desk.actions.chat.by_time import end_silent, finish_wrap_up, mail_unread, note_left
from desk.actions.chat.deeds import done_with_chat, end_chat_by_agent, transfer_case
from desk.actions.chat.visiting import Said, leave_address, read_to, speak
from desk.actions.messages.reply import Reply, send_reply, whisper
from desk.actions.messages.reply_by_chat import put_into_chat
from desk.actions.messages.ways import ways_of
from desk.actions.routing.assignments import assign
from desk.actions.routing.floor import the_floor
from desk.actions.routing.staffing import able_agents
from desk.jobs.clock import look_after_chats
from desk.model.agent import Agent
from desk.model.case import Case, CaseStatus
from desk.model.channel import Channel
from desk.model.chat import Chat, ChatState, EndedBy
from desk.model.errors import Conflict, Invalid
from desk.model.inbound import ChannelKind
from desk.model.message import Message, MessageKind
from desk.model.queue import Queue
from desk.model.transit import Outbox
from desk.sockets.visitor import VISITOR
from desk.store.chat.chats import chat_of_case, note_visitors_seen, seen_after
from desk.store.people.viewers import Viewers
from desk.store.routing.rules import triage_setup
from desk.store.unit_of_work import Store
from tests.chat import Guest, a_guest
from tests.people import STAGE, Cast
from tests.security.browser import Browser


@pytest.fixture
def case_id(store: Store, cast: Cast, cleo: Guest) -> int:
    """Cleo has asked, and Ada has the case."""
    with store.unit_of_work(VISITOR) as w:
        speak(w, cleo.known, Said("c1", "Where is my tea?"))
    with store.unit_of_work(STAGE) as w:
        case = w.session.scalars(select(Case).with_for_update()).one()
        assign(w, case, cast.ada.id)
        return case.id


def answer(store: Store, cast: Cast, case_id: int, text: str = "It left on Monday.") -> None:
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        send_reply(w, case_id, Reply(text=text, client_id=text))


def chat_of(store: Store) -> Chat:
    with store.reading(STAGE) as w:
        return w.session.scalars(select(Chat)).one()


def gone_for(store: Store, minutes: float) -> None:
    """All of it happened so long ago."""
    past = timedelta(minutes=minutes)
    with store.unit_of_work(STAGE) as w:
        w.session.execute(
            update(Chat).values(
                visitor_seen_at=Chat.visitor_seen_at - past,
                last_visitor_at=Chat.last_visitor_at - past,
                last_agent_at=Chat.last_agent_at - past,
                wrap_up_until=Chat.wrap_up_until - past,
            )
        )


def test_only_a_colleague_holds_an_answer_back_while_the_customer_types(
    store: Store, cast: Cast, cleo: Guest, case_id: int
) -> None:
    def say(text: str) -> None:
        with store.unit_of_work(cast.actor(cast.ada)) as w:
            send_reply(w, case_id, Reply(text=text, client_id=text, last_seen_position=1))

    with store.unit_of_work(VISITOR) as w:
        speak(w, cleo.known, Said("c2", "It should have come on Monday."))
    say("I am looking.")

    with store.unit_of_work(cast.actor(cast.sam)) as w:
        send_reply(w, case_id, Reply(text="It left on Monday.", client_id="s1"))
    with pytest.raises(Conflict, match="while you wrote"):
        say("It leaves tomorrow.")


def places_taken(store: Store, agent: Agent) -> int:
    with store.reading(STAGE) as w:
        [one] = [c for c in the_floor(w).candidates if c.agent_id == agent.id]
        return one.taken[ChannelKind.CHAT]


def test_a_chat_holds_a_place_until_it_is_wrapped_up(store: Store, cast: Cast, case_id: int) -> None:
    answer(store, cast, case_id)
    assert places_taken(store, cast.ada) == 1, "answered, and still live"

    with store.unit_of_work(cast.actor(cast.ada)) as w:
        end_chat_by_agent(w, case_id)
    assert places_taken(store, cast.ada) == 1, "to be wrapped up"

    with store.unit_of_work(cast.actor(cast.ada)) as w:
        done_with_chat(w, case_id)
    assert places_taken(store, cast.ada) == 0


def test_the_time_to_wrap_up_ends_by_itself_also_for_a_resolved_case(
    store: Store, cast: Cast, case_id: int
) -> None:
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        resolve_case(w, case_id)
    assert (chat_of(store).ended_by, places_taken(store, cast.ada)) == (EndedBy.AGENT, 1)

    gone_for(store, 1)
    assert look_after_chats(store) == 1
    assert (chat_of(store).wrap_up_until, places_taken(store, cast.ada)) == (None, 0)


def test_a_visitor_without_a_sign_has_left_and_returns_by_writing(
    store: Store, cast: Cast, case_id: int, cleo: Guest
) -> None:
    assert look_after_chats(store) == 0
    gone_for(store, 2)
    assert look_after_chats(store) == 1
    assert chat_of(store).state is ChatState.LEFT

    with store.unit_of_work(VISITOR) as w:
        speak(w, cleo.known, Said("c2", "Here again"))
    assert chat_of(store).state is ChatState.LIVE


def test_a_silent_chat_rests_with_a_word_and_goes_on_by_writing(
    store: Store, cast: Cast, case_id: int, cleo: Guest
) -> None:
    answer(store, cast, case_id)
    gone_for(store, 9)
    look_after_chats(store)

    chat = chat_of(store)
    assert (chat.state, chat.ended_by, chat.last_sequence) == (ChatState.ENDED, EndedBy.SILENCE, 3)
    with store.unit_of_work(VISITOR) as w:
        assert speak(w, cleo.known, Said("c2", "Sorry, the door")).sequence == 4
    assert chat_of(store).state is ChatState.LIVE


def test_what_the_desk_itself_says_in_a_chat_is_no_visitor_s_word(
    store: Store, cast: Cast, case_id: int, as_agent: Callable[[Agent], Browser]
) -> None:
    answer(store, cast, case_id)
    gone_for(store, 9)
    look_after_chats(store)
    thread = as_agent(cast.ada).api("GET", f"/cases/{case_id}").json["messages"]
    assert [one["author"]["name"] for one in thread if one["sequence"] == 3] == [""]


def test_our_silence_ends_no_chat(store: Store, cast: Cast, case_id: int) -> None:
    gone_for(store, 60)
    look_after_chats(store)
    assert chat_of(store).state is ChatState.LEFT


def test_what_a_visitor_who_left_has_not_read_goes_by_mail_once(
    store: Store, cast: Cast, case_id: int, cleo: Guest
) -> None:
    with store.unit_of_work(VISITOR) as w:
        leave_address(w, cleo.known, chat_of(store).conversation_id, "cleo@example.org")
    answer(store, cast, case_id, "It left on Monday.")
    with store.unit_of_work(VISITOR) as w:
        read_to(w, cleo.known.id, chat_of(store).conversation_id, 2)
    answer(store, cast, case_id, "It comes tomorrow.")
    gone_for(store, 4)
    for _ in range(3):
        look_after_chats(store)

    with store.reading(STAGE) as w:
        [letter] = w.session.scalars(select(Outbox)).all()
        mail = w.session.get_one(Message, letter.message_id)
        case = w.session.get_one(Case, case_id)
        assert list(letter.recipients) == ["cleo@example.org"]
        assert "Ada Lovelace: It comes tomorrow." in mail.text
        assert "Monday" not in mail.text, "it was read"
        assert "tea" not in mail.text, "the visitor's own words go to no claimed address"
        assert (mail.sequence, mail.channel_id, case.status) == (None, cast.mail.id, CaseStatus.WAITING)
        assert mail.author_name == "", "it comes from the desk, and not from a clock"


def test_without_an_address_nothing_is_mailed(store: Store, cast: Cast, case_id: int) -> None:
    answer(store, cast, case_id)
    gone_for(store, 4)
    look_after_chats(store)
    with store.reading(STAGE) as w:
        assert w.session.scalars(select(Outbox)).all() == []


def test_the_composer_says_whether_the_visitor_is_here(store: Store, cast: Cast, case_id: int) -> None:
    def first() -> tuple[str, str | None]:
        with store.reading(STAGE) as w:
            way = next(one for one in ways_of(w, w.session.get_one(Case, case_id)) if one.kind == "chat")
            return way.reason, way.obstacle

    assert first() == ("The visitor is on the page now.", None)
    gone_for(store, 12)
    assert first()[0].startswith("The visitor left 12 minutes ago and gave no email address")
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        end_chat_by_agent(w, case_id)
    assert first()[1] is not None


def test_who_stays_on_the_page_after_the_end_has_not_left(
    store: Store, cast: Cast, cleo: Guest, case_id: int
) -> None:
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        end_chat_by_agent(w, case_id)
    gone_for(store, 12)
    with store.unit_of_work(STAGE) as w:
        note_visitors_seen(w.session, [cleo.known.id], w.now)

    answer(store, cast, case_id, "One more thing.")
    assert chat_of(store).state is ChatState.LIVE


def test_a_chat_that_another_has_followed_is_not_answered_where_nobody_would_see_it(
    store: Store, cast: Cast, cleo: Guest, case_id: int
) -> None:
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        end_chat_by_agent(w, case_id)
        resolve_case(w, case_id, "Answered")
    with store.unit_of_work(STAGE) as w:
        w.session.get_one(Case, case_id).status = CaseStatus.CLOSED
    with store.unit_of_work(VISITOR) as w:
        speak(w, cleo.known, Said("c2", "Another question."))
    with store.reading(STAGE) as w:
        assert len(w.session.scalars(select(Chat)).all()) == 2

    with pytest.raises(Invalid, match="begun another chat"):
        answer(store, cast, case_id)


def test_an_answer_that_is_just_being_given_counts_on_into_the_chat_that_follows(
    store: Store, cast: Cast, cleo: Guest, case_id: int
) -> None:
    """The visitor's page asks for what it misses by one number through all its chats: none is given twice."""
    with store.unit_of_work(STAGE) as w:
        w.session.get_one(Case, case_id).status = CaseStatus.CLOSED

    def another_question() -> None:
        with store.unit_of_work(VISITOR) as w:
            speak(w, cleo.known, Said("c2", "Another question."))

    with ThreadPoolExecutor(1) as visitor:
        with store.unit_of_work(cast.actor(cast.ada)) as w:
            chat = chat_of_case(w.session, case_id, lock=True)
            assert chat is not None
            put_into_chat(w, w.session.get_one(Case, case_id), chat, "Goodbye.", "a1")
            spoken = visitor.submit(another_question)
            assert somebody_waits(store)
        spoken.result(60)
    with store.reading(STAGE) as w:
        counted = select(Message.text).where(Message.sequence.is_not(None)).order_by(Message.sequence)
        assert w.session.scalars(counted).all() == ["Where is my tea?", "Goodbye.", "Another question."]
        assert w.session.scalars(select(Chat.last_sequence).order_by(Chat.conversation_id)).all() == [2, 3]


def somebody_waits(store: Store) -> bool:
    """Whether a statement comes to wait for a row that another holds."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with store.reading(STAGE) as w:
            if w.session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return True
        time.sleep(0.05)
    return False


def test_a_queue_that_is_switched_off_has_nobody_for_a_chat(
    store: Store, cast: Cast, channel: Channel
) -> None:
    with store.unit_of_work(STAGE) as w:
        w.session.get_one(Agent, cast.ben.id).disabled_at = w.now
        assert able_agents(w, w.session.get_one(Channel, channel.id)) == 1
    with store.unit_of_work(STAGE) as w:
        w.session.get_one(Queue, cast.support.id).active = False
    with store.reading(STAGE) as w:
        assert triage_setup(w.line).default_queue_id == cast.billing.id
        assert able_agents(w, w.session.get_one(Channel, channel.id)) == 0


def test_a_chat_is_handed_on_with_a_note(store: Store, cast: Cast, case_id: int) -> None:
    answer(store, cast, case_id)
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        transfer_case(
            w, case_id, queue_id=cast.billing.id, agent_id=None, note="She was billed twice.", client_id="t1"
        )

    with store.reading(STAGE) as w:
        case = w.session.get_one(Case, case_id)
        assert (case.queue_id, case.assignee_id, case.status) == (cast.billing.id, None, CaseStatus.OPEN)
        notes = w.session.scalars(select(Message).where(Message.kind == MessageKind.NOTE)).all()
        assert [(one.text, one.visible_to_customer, one.sequence) for one in notes] == [
            ("She was billed twice.", False, None)
        ]
    assert chat_of(store).state is ChatState.WAITING

    with store.unit_of_work(cast.actor(cast.ben)) as w:
        transfer_case(w, case_id, queue_id=None, agent_id=cast.ben.id, note="", client_id="")
    assert chat_of(store).state is ChatState.LIVE
    with store.unit_of_work(cast.actor(cast.sam)) as w, pytest.raises(Invalid):
        transfer_case(w, case_id, queue_id=1, agent_id=1, note="", client_id="")


def test_a_whisper_is_for_the_agent_alone(store: Store, cast: Cast, case_id: int) -> None:
    with store.unit_of_work(cast.actor(cast.sam)) as w:
        note = whisper(w, case_id, "Offer her the refund.", "w1")

    assert (note.whisper, note.mentions, note.visible_to_customer) == (True, [cast.ada.id], False)


def test_the_floor_is_for_supervisors(
    store: Store, cast: Cast, case_id: int, as_agent: Callable[[Agent], Browser]
) -> None:
    told = as_agent(cast.sam).api("GET", "/floor").json

    support = next(row for row in told["queues"] if row["name"] == "Support")
    assert {name: support[name] for name in ("waiting", "chats_waiting", "chats_live")} == {
        "waiting": 0, "chats_waiting": 0, "chats_live": 1,
    }  # fmt: skip
    ada = next(row for row in told["agents"] if row["name"] == "Ada Lovelace")
    assert ada["load"]["chat"] == {"taken": 1, "limit": 2}
    assert [one["id"] for one in ada["cases"]] == [case_id]
    assert as_agent(cast.ada).api("GET", "/floor").status_code == 403
    assert as_agent(cast.otto).api("GET", "/floor").status_code == 200


def test_the_case_shows_its_chat_and_the_agent_s_doors(
    store: Store, cast: Cast, case_id: int, as_agent: Callable[[Agent], Browser]
) -> None:
    ada = as_agent(cast.ada)
    along = as_agent(cast.sam).api("PUT", f"/cases/{case_id}/chat/read", {"sequence": 9})
    assert along.json == {"read": 0}, "who reads along is not seen"
    assert ada.api("PUT", f"/cases/{case_id}/chat/read", {"sequence": 9}).json == {"read": 1}
    shown = ada.api("GET", f"/cases/{case_id}").json

    assert shown["chat"]["state"] == "live"
    assert shown["chat"]["visitor"]["here"] is True
    assert [one["sequence"] for one in shown["messages"] if one["kind"] == "inbound"] == [1]
    assert "Where is my tea?" in ada.api("GET", f"/cases/{case_id}/transcript").text
    assert ada.api("DELETE", f"/cases/{case_id}/chat").json["chat"]["ended_by"] == "agent"
    assert ada.api("DELETE", f"/cases/{case_id}/chat/wrap-up").json["chat"]["wrap_up_until"] is None
    assert as_agent(cast.ben).api("DELETE", f"/cases/{case_id}/chat").status_code == 404


def test_a_deed_that_came_too_late_changes_nothing(store: Store, cast: Cast, case_id: int) -> None:
    for deed in (note_left, end_silent, mail_unread, finish_wrap_up):
        with store.unit_of_work(STAGE) as w, pytest.raises(Conflict):
            deed(w, chat_of(store).conversation_id)


def test_what_was_said_in_a_chat_stays_in_one_case(store: Store, cast: Cast, case_id: int) -> None:
    answer(store, cast, case_id)
    with store.unit_of_work(cast.actor(cast.ada)) as w, pytest.raises(Invalid, match="stays together"):
        said = w.session.scalars(select(Message.id).where(Message.sequence == 2)).one()
        split_case(w, case_id, [said], "Another matter")


def test_two_cases_with_chats_that_become_one_keep_their_order(
    store: Store, cast: Cast, case_id: int, channel: Channel
) -> None:
    other = a_guest(store, channel)
    with store.unit_of_work(VISITOR) as w:
        speak(w, other.known, Said("c1", "The other phone"))
        merged = w.session.scalars(select(Case.id).where(Case.id != case_id)).one()
    with store.unit_of_work(cast.actor(cast.sam)) as w:
        merge_cases(w, merged, into=case_id)
    with store.unit_of_work(VISITOR) as w:
        assert speak(w, other.known, Said("c2", "Still me")).sequence == 2
        assert [row.sequence for row in seen_after(w.session, other.known.id, 0)[0]] == [1, 2]
        assert w.session.scalars(select(Message.case_id).where(Message.sequence == 2)).one() == case_id


def test_whoever_opens_the_case_sees_the_visitor_typing(
    store: Store, cast: Cast, case_id: int, as_agent: Callable[[Agent], Browser], redis_url: str
) -> None:
    ada = as_agent(cast.ada)
    Viewers(Redis.from_url(redis_url)).note_visitor(case_id)
    assert ada.api("GET", f"/cases/{case_id}").json["chat"]["visitor"]["typing"] is True
