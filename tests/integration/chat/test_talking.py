"""A visitor talks with us: every word is ours before it is answered, once, and in one order for both."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select

from desk.actions.messages.reply import Reply, add_note, send_reply
from desk.actions.routing.assignments import assign
from desk.model.agent import Agent
from desk.model.case import Case, CaseStatus
from desk.model.chat import Chat, ChatState
from desk.model.help_session import HelpDoor, HelpSession
from desk.model.message import DeliveryState, Message
from desk.store.chat.chats import get_visitor
from desk.store.people.sessions import hash_of
from desk.store.unit_of_work import Store
from tests.chat import Guest, VisitorLine, texts
from tests.people import STAGE, Cast
from tests.statements import statements

Open = Callable[[], VisitorLine]


def the_case(store: Store) -> Case:
    with store.reading(STAGE) as w:
        return w.session.scalars(select(Case)).one()


def taken(store: Store, case_id: int, agent: Agent) -> None:
    with store.unit_of_work(STAGE) as w:
        assign(w, w.session.get_one(Case, case_id, with_for_update=True), agent.id)


def answer(store: Store, cast: Cast, case_id: int, text: str) -> None:
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        send_reply(w, case_id, Reply(text=text, client_id=f"a-{text}"))


def test_the_first_word_opens_a_case_in_the_queue_of_the_channel(
    line: Open, cleo: Guest, store: Store, cast: Cast
) -> None:
    page = line()
    assert page.enter(cleo), page.refusal
    assert page.ask("hello", {"after": 0}) == {
        "ok": True, "chat": None, "messages": [], "more": False, "sequence": 0,
    }  # fmt: skip

    said = page.say("Where is my tea?", "c1", fields={"name": "Cleo", "email": "cleo@example.org"})

    assert said["ok"], said
    assert said["message"] | {"at": ""} == {
        "sequence": 1, "client_id": "c1", "from": "you", "name": "Cleo", "text": "Where is my tea?",
        "at": "", "files": [], "article": None,
    }  # fmt: skip
    assert said["chat"]["state"] == "waiting"
    case = the_case(store)
    assert (case.queue_id, case.subject, case.status) == (cast.support.id, "Where is my tea?", "open")
    assert case.customer_id != cast.cleo.id, "a typed address joins nobody"


def test_the_same_client_id_again_is_the_same_message(line: Open, cleo: Guest, store: Store) -> None:
    page = line()
    page.enter(cleo)
    first = page.say("Hello", "c1")
    further = page.say("Are you there?", "c2")

    assert page.say("Hello", "c1") == first | {"again": True, "chat": further["chat"]}
    assert page.say("Are you there?", "c2")["message"] == further["message"]
    with store.reading(STAGE) as w:
        assert w.session.scalar(select(func.count()).select_from(Message)) == 2


def test_both_sides_see_one_order_and_a_reload_brings_all_back(
    line: Open, cleo: Guest, store: Store, cast: Cast
) -> None:
    page = line()
    page.enter(cleo)
    page.say("Where is my tea?")
    case_id = the_case(store).id
    taken(store, case_id, cast.ada)
    answer(store, cast, case_id, "I am looking.")
    assert page.say("Thank you")["chat"] | {"read": 0} == {
        "state": "live", "agent": {"name": "Ada Lovelace"}, "place": None, "wait": None, "read": 0, "seen": 0,
        "email": None, "score": None, "ended_by": None, "leave_message": False,
    }  # fmt: skip
    answer(store, cast, case_id, "It left on Monday.")
    page.close()

    again = line()
    again.enter(cleo)
    told = again.ask("hello", {"after": 0})

    assert texts(told) == [
        (1, "Where is my tea?"), (2, "I am looking."), (3, "Thank you"), (4, "It left on Monday."),
    ]  # fmt: skip
    assert [one["from"] for one in told["messages"]] == ["you", "agent", "you", "agent"]
    assert texts(again.ask("since", {"after": 3})) == [(4, "It left on Monday.")]


def test_an_answer_waits_for_no_word_of_the_visitor_that_waits_for_the_case(
    line: Open, cleo: Guest, store: Store, cast: Cast
) -> None:
    page = line()
    page.enter(cleo)
    page.say("Where is my tea?")
    case = the_case(store)
    taken(store, case.id, cast.ada)

    # As a word does that comes in by the long way, and waits for the case once the answer holds it.
    with store.unit_of_work(STAGE) as word:
        get_visitor(word.session, cleo.known, lock=True)
        answer(store, cast, case.id, "It left on Monday.")

    assert texts(page.ask("since", {"after": 1})) == [(2, "It left on Monday.")]


def test_a_visitor_hears_that_there_is_news_and_never_what_it_is(
    line: Open, cleo: Guest, store: Store, cast: Cast, relay: Callable[[], int]
) -> None:
    page = line()
    page.enter(cleo)
    page.say("Where is my tea?")
    case_id = the_case(store).id
    taken(store, case_id, cast.ada)
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        add_note(w, case_id, "A difficult one.", "n1")
    answer(store, cast, case_id, "It left on Monday.")
    relay()

    assert page.hear("news") == {"sequence": 1}
    assert page.hear("news") == {"sequence": 2}
    assert {name for name, _ in page.heard} <= {"chat"}
    assert all(said == {} for _, said in page.heard)
    assert "difficult" not in str(page.ask("since", {"after": 0}))


def test_a_long_chat_comes_in_pages_of_a_hundred(line: Open, cleo: Guest, store: Store, cast: Cast) -> None:
    page = line()
    page.enter(cleo)
    page.say("0")
    case_id = the_case(store).id
    for number in range(1, 121):
        answer(store, cast, case_id, str(number))

    first = page.ask("hello", {"after": 0})
    second = page.ask("since", {"after": first["messages"][-1]["sequence"]})

    assert (len(first["messages"]), first["more"], first["sequence"]) == (100, True, 121)
    assert (len(second["messages"]), second["more"]) == (21, False)


def test_reading_marks_our_answers_as_read(line: Open, cleo: Guest, store: Store, cast: Cast) -> None:
    page = line()
    page.enter(cleo)
    page.say("Where is my tea?")
    answer(store, cast, the_case(store).id, "It left on Monday.")

    assert page.ask("read", {"sequence": 99}) == {"ok": True, "read": 2}
    with store.reading(STAGE) as w:
        assert (
            w.session.scalars(select(Message.state).where(Message.sequence == 2)).one() is DeliveryState.READ
        )


def test_a_resolved_chat_goes_on_by_just_writing(line: Open, cleo: Guest, store: Store, cast: Cast) -> None:
    page = line()
    page.enter(cleo)
    page.say("Where is my tea?")
    answer(store, cast, the_case(store).id, "It left on Monday.")
    assert page.ask("end")["chat"]["ended_by"] == "visitor"

    assert page.say("One more thing")["chat"]["state"] == "live"
    with store.reading(STAGE) as w:
        chat = w.session.scalars(select(Chat)).one()
        assert (chat.state, chat.last_sequence, chat.ended_by) == (ChatState.LIVE, 3, None)
        assert w.session.scalars(select(Case.status)).one() is CaseStatus.OPEN


def test_a_chat_that_follows_a_closed_case_goes_on_counting(
    line: Open, cleo: Guest, store: Store, cast: Cast
) -> None:
    page = line()
    page.enter(cleo)
    page.say("Where is my tea?")
    first = the_case(store).id
    with store.unit_of_work(STAGE) as w:
        case = w.session.get_one(Case, first)
        case.resolve(w.now, "Solved")
        case.close(w.now)

    assert page.say("And my cups?")["message"]["sequence"] == 2
    assert texts(page.ask("hello", {"after": 0})) == [(1, "Where is my tea?"), (2, "And my cups?")]
    with store.reading(STAGE) as w:
        assert w.session.scalars(select(Case.follows_id).order_by(Case.id)).all() == [None, first]


def test_a_further_word_of_a_live_chat_costs_two_statements(
    line: Open, cleo: Guest, store: Store, cast: Cast
) -> None:
    page = line()
    page.enter(cleo)
    page.say("Where is my tea?")
    taken(store, the_case(store).id, cast.ada)

    with statements(store.engine) as asked:
        page.say("It was green")

    said = [one for one in asked.seen if "visitors" in one or "journal" in one]
    assert len(said) == 2, asked.seen


def test_who_was_suggested_articles_and_writes_is_a_contact(line: Open, cleo: Guest, store: Store) -> None:
    reader = "a mark of the page it was"
    with store.unit_of_work(STAGE) as w:
        session = HelpSession(
            key=hash_of(reader), door=HelpDoor.WIDGET, withheld=True, percent=10, began_at=w.now, articles=[]
        )
        w.session.add(session)
    page = line()
    page.enter(cleo)
    page.say("Where is my tea?", "c1", reader=reader)
    with store.reading(STAGE) as w:
        assert w.session.scalars(select(HelpSession.contacted_at)).one() is not None
