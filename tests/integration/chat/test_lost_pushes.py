"""A push may get lost on its way; the page hears of what was said all the same."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from desk.actions.chat.deeds import end_chat_by_agent, read_chat
from desk.actions.messages.reply import Reply, send_reply
from desk.actions.routing.assignments import assign
from desk.model.case import Case
from desk.store.unit_of_work import Store
from tests.chat import Guest, VisitorLine, texts
from tests.people import STAGE, Cast

Open = Callable[[], VisitorLine]


def with_ada(line: Open, cleo: Guest, store: Store, cast: Cast) -> tuple[VisitorLine, int]:
    """A page whose chat Ada has just taken, and the number of the case."""
    page = line()
    page.enter(cleo)
    page.ask("hello", {"after": 0})
    page.say("Where is my tea?")
    with store.unit_of_work(STAGE) as w:
        case = w.session.scalars(select(Case).with_for_update()).one()
        assign(w, case, cast.ada.id)
        return page, case.id


def test_an_answer_whose_push_was_lost_is_told_by_the_watch(
    line: Open, cleo: Guest, store: Store, cast: Cast
) -> None:
    page, other = line(), line()
    for one in (page, other):
        one.enter(cleo)
        one.ask("hello", {"after": 0})
    page.say("Where is my tea?")
    with store.reading(STAGE) as w:
        case_id = w.session.scalars(select(Case.id)).one()
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        send_reply(w, case_id, Reply(text="It left on Monday.", client_id="a1"))

    # Nobody relays here: nothing is ever pushed.
    for one, has in ((page, 1), (other, 0)):
        assert one.hear("news") == {"sequence": 2}
        assert texts(one.ask("since", {"after": has}))[-1] == (2, "It left on Monday.")


def test_where_a_chat_stands_is_told_by_the_watch_when_its_push_was_lost(
    line: Open, cleo: Guest, store: Store, cast: Cast
) -> None:
    page, case_id = with_ada(line, cleo, store, cast)

    # Nobody relays here: nothing is ever pushed.
    assert page.hear("chat") == {}
    assert page.ask("since", {"after": 1})["chat"]["agent"] == {"name": "Ada Lovelace"}
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        end_chat_by_agent(w, case_id)
    assert page.hear("chat") == {}
    assert page.ask("since", {"after": 1})["chat"]["ended_by"] == "agent"
    assert page.hear("chat", seconds=3.5) is None


def test_what_the_agent_has_read_is_told_by_the_watch_once(
    line: Open, cleo: Guest, store: Store, cast: Cast
) -> None:
    page, case_id = with_ada(line, cleo, store, cast)
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        read_chat(w, case_id, 1)

    # Nobody sends the hint here.
    assert page.hear("read") == {"sequence": 1}
    assert page.hear("read", seconds=3.5) is None


def test_a_page_that_has_all_is_told_nothing(line: Open, cleo: Guest) -> None:
    page = line()
    page.enter(cleo)
    page.ask("hello", {"after": 0})
    page.say("Where is my tea?")
    page.say("Are you there?")

    assert page.hear("news", seconds=3.5) is None
    assert page.hear("chat", seconds=0.1) is None
