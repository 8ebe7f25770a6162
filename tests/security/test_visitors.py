"""Whose chat it is: by token and signature alone, asked at every event, and never by a number or a cookie."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from sqlalchemy import func, select, update

from desk.actions.messages.reply import Reply, add_note, send_reply
from desk.actions.setup.channels import change_channel, rotate_identity_secret
from desk.model.agent import Agent
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.chat import Visitor
from desk.model.customer import Address, AddressKind, Customer
from desk.model.message import Message
from desk.settings import Settings
from desk.sockets import visitor_lines
from desk.store.unit_of_work import Store
from desk.store.vault import Vault
from tests.chat import Guest, VisitorLine, a_chat_channel, a_guest, texts
from tests.people import STAGE, Cast
from tests.security.browser import Browser
from tests.security.line import Line, served

Open = Callable[[], VisitorLine]
AsAgent = Callable[[Agent], Browser]


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(
        redis_url=redis_url,
        public_url="http://127.0.0.1:8800",
        secret_key="a key for tests",
        chat_lines_per_address=5,
    )


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    with served(app) as number:
        yield number


@pytest.fixture
def channel(store: Store, cast: Cast) -> Channel:
    return a_chat_channel(store, cast)


@pytest.fixture
def secret(store: Store, channel: Channel) -> str:
    with store.unit_of_work(STAGE) as w:
        return rotate_identity_secret(w, channel.id, Vault("a key for tests"))


@pytest.fixture
def cleo(store: Store, channel: Channel) -> Guest:
    return a_guest(store, channel)


@pytest.fixture
def line(port: int) -> Iterator[Open]:
    lines: list[VisitorLine] = []

    def opened() -> VisitorLine:
        lines.append(VisitorLine(port))
        return lines[-1]

    yield opened
    for one in lines:
        one.close()


def signed(secret: str, *, algorithm: str = "HS256", **said: Any) -> str:
    hour = datetime.now(UTC) + timedelta(hours=1)
    return jwt.encode({"sub": "customer-7", "exp": hour, **said}, secret, algorithm=algorithm)


def in_(**span: float) -> datetime:
    return datetime.now(UTC) + timedelta(**span)


def forged(secret: str) -> dict[str, str]:
    return {
        "another key": signed("x" * 43),
        "no signature": signed("", algorithm="none"),
        "another algorithm": signed(secret * 2, algorithm="HS512"),
        "expired": signed(secret, exp=in_(minutes=-2)),
        "too long": signed(secret, exp=in_(hours=25)),
        "not yet": signed(secret, nbf=in_(hours=1)),
        "no end": jwt.encode({"sub": "customer-7"}, secret, algorithm="HS256"),
        "nobody": jwt.encode({"exp": in_(hours=1)}, secret, algorithm="HS256"),
        "blank": signed(secret, sub=" "),
        "cut": signed(secret)[:-4],
        "no token": "nothing",
        "an end that is no number": jwt.encode({"sub": "7", "exp": "NaN"}, secret, algorithm="HS256"),
    }


def test_a_forged_identity_is_refused_and_nothing_is_learned(
    line: Open, cleo: Guest, secret: str, store: Store
) -> None:
    page = line()
    page.enter(cleo)
    for how, token in forged(secret).items():
        told = page.ask("identify", {"token": token})
        assert told["ok"] is False, how
        assert told["error"].endswith("."), how

    with store.reading(STAGE) as w:
        visitor = w.session.get_one(Visitor, cleo.known.id)
        assert (visitor.external_id, visitor.email, visitor.customer_id) == (None, None, None)
        externals = select(func.count()).where(Address.kind == AddressKind.EXTERNAL)
        assert w.session.scalar(externals) == 0


def test_a_signed_identity_joins_the_shop_s_customer_and_replaces_the_token(
    line: Open, cleo: Guest, secret: str, store: Store
) -> None:
    page, again = line(), line()
    page.enter(cleo)
    page.say("Where is my tea?")
    told = page.ask("identify", {"token": signed(secret, email="cleo@shop.example", name="Cleo P")})

    assert told["ok"], told
    assert not again.enter(cleo), "the token of before is worth nothing"
    again = line()
    assert again.connect({"site": cleo.site, "token": told["token"]})
    assert texts(again.ask("hello", {"after": 0})) == [(1, "Where is my tea?")]
    with store.reading(STAGE) as w:
        case = w.session.scalars(select(Case)).one()
        rows = w.session.execute(
            select(Address.kind, Address.value).where(
                Address.customer_id == case.customer_id, Address.verified_at.is_not(None)
            )
        )
        assert {(row.kind.value, row.value) for row in rows} == {
            ("visitor", cleo.known.public), ("external", "customer-7"), ("email", "cleo@shop.example"),
        }  # fmt: skip


def test_the_same_person_in_another_browser_is_one_customer(
    line: Open, cleo: Guest, channel: Channel, secret: str, store: Store
) -> None:
    phone = a_guest(store, channel)
    for guest in (cleo, phone):
        page = line()
        page.enter(guest)
        page.say("Hello")
        assert page.ask("identify", {"token": signed(secret)})["ok"]

    with store.reading(STAGE) as w:
        assert len(set(w.session.scalars(select(Case.customer_id)))) == 1


def test_a_signed_address_that_is_somebody_else_s_moves_nothing(
    line: Open, cleo: Guest, secret: str, store: Store, cast: Cast
) -> None:
    page = line()
    page.enter(cleo)
    assert page.ask("identify", {"token": signed(secret, email="cleo@example.org")})["ok"]
    with store.reading(STAGE) as w:
        owner = w.session.scalars(
            select(Address.customer_id).where(Address.value == "cleo@example.org")
        ).one()
        assert owner == cast.cleo.id
        assert w.session.get_one(Customer, owner).merged_into_id is None


def test_another_person_in_the_same_browser_is_another_visitor(line: Open, cleo: Guest, secret: str) -> None:
    page = line()
    page.enter(cleo)
    page.ask("identify", {"token": signed(secret)})
    page.say("Where is my tea?")
    told = page.ask("identify", {"token": signed(secret, sub="customer-8")})

    assert told["chat"] is None
    assert page.ask("hello", {"after": 0})["messages"] == []


def test_a_line_whose_token_was_replaced_is_nobody_s_at_once(line: Open, cleo: Guest, secret: str) -> None:
    thief, page = line(), line()
    thief.enter(cleo)
    page.enter(cleo)
    page.say("Hello")
    page.ask("identify", {"token": signed(secret)})

    assert thief.ask("hello", {"after": 0})["ok"] is False
    assert thief.say("I am Cleo")["ok"] is False
    assert thief.is_cut()


@pytest.mark.parametrize("what", ["revoked", "switched off"])
def test_rights_that_end_close_the_line_and_refuse_each_event(
    line: Open, cleo: Guest, store: Store, channel: Channel, what: str
) -> None:
    page = line()
    page.enter(cleo)
    page.say("Hello")
    with store.unit_of_work(STAGE) as w:
        if what == "revoked":
            w.session.execute(update(Visitor).values(revoked_at=w.now))
        else:
            change_channel(w, channel.id, {"enabled": False}, Vault("a key for tests"))

    for event, said in (("say", {"client_id": "c9", "text": "x"}), ("hello", {"after": 0}), ("end", {})):
        assert (page.ask(event, said) or {"ok": False})["ok"] is False
    assert page.hear("bye") is not None or page.is_cut()
    assert not line().enter(cleo)
    with store.reading(STAGE) as w:
        assert w.session.scalar(select(func.count()).select_from(Message)) == 1


def test_nobody_reaches_another_visitor_s_chat(
    line: Open, cleo: Guest, channel: Channel, store: Store, cast: Cast
) -> None:
    page, other = line(), line()
    page.enter(cleo)
    page.say("My card is 4711", "c1")
    mallory = a_guest(store, channel)
    with store.reading(STAGE) as w:
        conversation_id = w.session.scalars(select(Message.conversation_id)).one()
    assert other.enter(mallory, conversation=conversation_id, after=0)

    for said in ({"after": 0}, {"after": 0, "conversation": conversation_id}):
        assert "4711" not in str(other.ask("hello", said))
    for event in ("end", "read", "score"):
        told = other.ask(event, {"read": {"sequence": 1}, "score": {"score": 1}}.get(event, {}))
        assert told["ok"] is False
    assert other.say("Hello", "c1")["message"]["text"] == "Hello", "client ids are each visitor's own"
    with store.reading(STAGE) as w:
        assert w.session.scalar(select(func.count()).select_from(Case)) == 2
    assert other.heard == []


def test_a_token_opens_its_own_site_alone(line: Open, cleo: Guest, store: Store, cast: Cast) -> None:
    a_chat_channel(store, cast, "another-shop")
    assert not line().connect({"site": "another-shop", "token": cleo.token})
    auth: object
    for auth in (None, {}, {"site": cleo.site}, {"site": cleo.site, "token": ""}, "text", [1], {"token": {}}):
        page = line()
        assert not page.connect(auth), auth
        assert page.refusal["message"].endswith((".", "it.")), page.refusal
        page.close()


def test_notes_and_events_reach_no_visitor(line: Open, cleo: Guest, store: Store, cast: Cast) -> None:
    page = line()
    page.enter(cleo)
    page.say("Where is my tea?")
    with store.reading(STAGE) as w:
        case_id = w.session.scalars(select(Case.id)).one()
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        add_note(w, case_id, "canary-note", "n1")
        send_reply(w, case_id, Reply(text="On its way.", client_id="a1"))
        add_note(w, case_id, "canary-second", "n2")

    told = page.ask("hello", {"after": 0})
    assert texts(told) == [(1, "Where is my tea?"), (2, "On its way.")]
    assert "canary" not in str((told, page.heard))
    assert "position" not in str(told)


def test_an_agent_s_cookie_opens_no_chat_and_a_visitor_s_token_no_desk(
    port: int, cleo: Guest, as_agent: AsAgent, cast: Cast
) -> None:
    cookie = as_agent(cast.ida).cookie() or ""
    page = VisitorLine(port, cookie=cookie)
    assert not page.connect({"site": cleo.site, "token": "x" * 43})
    page.close()
    desk = Line(port)
    assert not desk.connect({"site": cleo.site, "token": cleo.token})
    desk.close()


def test_too_many_lines_of_one_address_are_refused_in_words_and_others_stay(
    line: Open, cleo: Guest, port: int
) -> None:
    first = line()
    assert first.enter(cleo)
    refused = []
    for _ in range(12):
        page = line()
        if not page.enter(cleo):
            refused.append(page)
    assert len(refused) == 8
    assert "Too many chats" in refused[0].refusal["message"]
    assert refused[-1].is_cut(), "who was refused keeps no line open"
    assert first.say("Still here")["ok"]
    first.close()
    ends = time.monotonic() + 30
    while not line().enter(cleo):
        assert time.monotonic() < ends, "a place that was left can be taken"


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"client_id": "c1", "text": "x" * 5001}, "5,000"),
        ({"client_id": "c1", "text": "  "}, "nothing in it"),
        ({"client_id": "c1", "text": "a\0b"}, "cannot be kept"),
        ({"client_id": "c1", "text": "\ud800"}, "text"),
        ({"client_id": "c 1", "text": "x"}, "client_id"),
        ({"text": "x"}, "client_id"),
        ({"client_id": "c1", "text": ["x"]}, "text"),
        ({"client_id": "c1", "text": "x", "conversation": 1}, "conversation"),
        ({"client_id": "c1", "text": "x", "fields": {"role": "admin"}}, "fields"),
        ({"client_id": "c1", "text": "x", "files": ["no-such-file"]}, "not there"),
    ],
)
def test_what_cannot_be_said_is_refused_in_words(
    line: Open, cleo: Guest, store: Store, said: dict[str, Any], word: str
) -> None:
    page = line()
    page.enter(cleo)
    told = page.ask("say", said)
    assert told["ok"] is False
    assert word in told["error"]
    with store.reading(STAGE) as w:
        assert w.session.scalar(select(func.count()).select_from(Message)) == 0


def test_who_says_more_than_a_person_can_is_told_when_to_go_on(
    line: Open, cleo: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A busy machine may take longer over them than they are counted for.
    monkeypatch.setattr(visitor_lines, "WORDS_SECONDS", 3600)
    page = line()
    page.enter(cleo)
    told = []
    for number in range(22):
        told.append(page.say(str(number)))
        time.sleep(0.05)
    assert [one["ok"] for one in told] == [True] * 20 + [False] * 2
    assert told[-1]["again"] >= 1


@pytest.mark.usefixtures("in_one_moment")
def test_a_flood_costs_its_own_line_alone(line: Open, cleo: Guest, store: Store, channel: Channel) -> None:
    flooder, calm = line(), line()
    flooder.enter(cleo)
    calm.enter(a_guest(store, channel))
    for _ in range(60):
        flooder.send('42/visitor,["typing",{}]')

    assert flooder.hear("refused") == {"sentence": "That was more than 20 messages in a second."}
    assert flooder.is_cut()
    assert calm.say("Unharmed")["ok"]


def test_a_frame_of_200_kb_costs_its_own_line_alone(
    line: Open, cleo: Guest, store: Store, channel: Channel
) -> None:
    page, calm = line(), line()
    page.enter(cleo)
    calm.enter(a_guest(store, channel))
    page.send('42/visitor,["say",{"client_id":"c1","text":"' + "x" * 200_000 + '"}]')

    assert page.is_cut()
    assert calm.say("Unharmed")["ok"]


def test_words_that_look_like_code_are_words(line: Open, cleo: Guest) -> None:
    page = line()
    page.enter(cleo)
    words = "<img src=x onerror=alert(1)> [tea](javascript:alert(1)) {{7*7}}"
    assert page.say(words)["message"]["text"] == words


@pytest.mark.parametrize("event", ["connect", "disconnect", "trigger_event", "__init__", "news", "join"])
def test_a_page_has_the_events_of_the_table_and_no_others(line: Open, cleo: Guest, event: str) -> None:
    page = line()
    page.enter(cleo)
    assert page.ask(event, {}) == {"ok": False, "error": "There is no such event."}
