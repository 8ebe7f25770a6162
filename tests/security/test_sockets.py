"""The live line: for the signed-in alone, with the rights of now, and it stands what is thrown at it."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis

from desk.model.agent import Agent, TeamMember
from desk.model.change import Change
from desk.model.permission import Role
from desk.settings import Settings
from desk.store.people.sessions import end_sessions
from desk.store.push import CHANNEL, pusher
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case
from tests.security.browser import Browser
from tests.security.line import Line, handshake, served

AsAgent = Callable[[Agent], Browser]
Connect = Callable[[Agent], Line]


@pytest.fixture
def settings(redis_url: str) -> Settings:
    """On loopback, since a browser that we speak by hand names the host it connects to."""
    return Settings(redis_url=redis_url, public_url="http://127.0.0.1:8800", secret_key="a key for tests")


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    with served(app) as number:
        yield number


@pytest.fixture
def connect(port: int, as_agent: AsAgent) -> Iterator[Connect]:
    """An open line of an agent."""
    lines = []

    def opened(agent: Agent) -> Line:
        line = Line(port, cookie=as_agent(agent).cookie() or "")
        lines.append(line)
        assert line.connect(), line.refusal
        return line

    yield opened
    for line in lines:
        line.close()


@pytest.fixture
def cases(store: Store, cast: Cast) -> tuple[int, int]:
    """One case in Support, Ada's queue, and one in Billing, Ben's."""
    with store.unit_of_work(STAGE) as w:
        support = a_case(w, cast.cleo, queue=cast.support)
        billing = a_case(w, cast.cleo, queue=cast.billing)
        return support.id, billing.id


def test_an_agent_sees_who_looks_at_a_case_and_who_types(
    connect: Connect, cast: Cast, cases: tuple[int, int]
) -> None:
    ada, sam = connect(cast.ada), connect(cast.sam)
    ada.ask("viewing", {"case_id": cases[0]})
    wait_until_told(ada, {"Ada Lovelace": False})

    assert [p["name"] for p in sam.ask("viewing", {"case_id": cases[0]})["people"]] == [
        "Ada Lovelace",
        "Sam Beckett",
    ]
    wait_until_told(ada, {"Ada Lovelace": False, "Sam Beckett": False})
    assert sam.ask("typing", {"case_id": cases[0], "kind": "reply"})["ok"]
    wait_until_told(ada, {"Ada Lovelace": False, "Sam Beckett": True})
    sam.close()
    wait_until_told(ada, {"Ada Lovelace": False})


def wait_until_told(line: Line, typing: dict[str, bool]) -> None:
    """Until the line hears that these are in the case and who of them types; the watch tells it beside."""
    while {one["name"]: one["typing"] for one in line.hear("presence")["people"]} != typing:
        continue


def test_a_change_reaches_those_who_may_know_of_it_and_no_others(
    connect: Connect, cast: Cast, settings: Settings
) -> None:
    ada, ben = connect(cast.ada), connect(cast.ben)
    room = f"queue:{cast.support.id}"
    push = pusher(settings)
    push([Change((room, "overseers"), {"position": 1, "kind": "case_opened", "case_id": 7})])
    push([Change(("all",), {"position": 2, "kind": "setup_changed"})])

    assert ada.hear("change") == {"position": 1, "kind": "case_opened", "case_id": 7}
    assert ben.hear("change") == {"position": 2, "kind": "setup_changed"}


def test_a_socket_in_several_rooms_hears_a_change_once(
    connect: Connect, cast: Cast, settings: Settings
) -> None:
    ada = connect(cast.ada)
    rooms = (f"queue:{cast.support.id}", f"agent:{cast.ada.id}", "unqueued", "all")
    pusher(settings)([Change(rooms, {"position": 1}), Change(("all",), {"position": 2})])

    assert [ada.hear("change"), ada.hear("change")] == [{"position": 1}, {"position": 2}]


def test_a_case_of_another_queue_is_not_there(
    connect: Connect, cast: Cast, cases: tuple[int, int], settings: Settings
) -> None:
    ada = connect(cast.ada)
    hidden, missing = (ada.ask("viewing", {"case_id": number}) for number in (cases[1], 999_999))

    assert not hidden["ok"]
    assert hidden["error"].replace(str(cases[1]), "…") == missing["error"].replace("999999", "…")
    pusher(settings)([Change((f"case:{cases[1]}",), {"position": 1})])
    assert ada.hear("change", seconds=0.5) is None


def test_an_auditor_looks_and_does_not_type(connect: Connect, cast: Cast, cases: tuple[int, int]) -> None:
    otto = connect(cast.otto)

    assert otto.ask("viewing", {"case_id": cases[0]})["ok"]
    assert otto.ask("typing", {"case_id": cases[0], "kind": "reply"}) == {
        "ok": False,
        "error": "You may read cases, and not answer them.",
    }


@pytest.mark.parametrize("cookie", ["", "wrong", "x" * 5000])
def test_nobody_is_let_in_without_a_session(port: int, cookie: str) -> None:
    line = Line(port, cookie=cookie)

    assert not line.connect()
    assert line.refusal["message"] == "You are not signed in."
    line.close()


def test_the_default_namespace_is_closed(port: int, as_agent: AsAgent, cast: Cast) -> None:
    line = Line(port, cookie=as_agent(cast.ada).cookie() or "")
    line.ws.send("40")
    frames = [line.ws.receive(timeout=30) for _ in range(2)]

    assert frames[1].startswith("44")
    line.close()


@pytest.mark.parametrize(
    "origin",
    ["http://evil.test", "null", "http://127.0.0.1.evil.test", "https://127.0.0.1", "http://127.0.0.1:81"],
)
def test_a_page_of_another_site_cannot_open_a_line(
    port: int, as_agent: AsAgent, cast: Cast, origin: str
) -> None:
    cookie = f"desk={as_agent(cast.ada).cookie()}"

    assert handshake(port, {"Cookie": cookie, "Origin": origin}) == 400
    assert handshake(port, {"Cookie": cookie, "Origin": f"http://127.0.0.1:{port}"}) == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "evil.test"}, 401),
        ({"Host": "evil.test", "Origin": "http://evil.test"}, 400),
        ({"X-Forwarded-Host": "evil.test", "Origin": "http://evil.test"}, 400),
        ({"X-Forwarded-Proto": "https", "Origin": "https://127.0.0.1"}, 400),
    ],
)
def test_another_host_is_not_answered(port: int, headers: dict[str, str], status: int) -> None:
    assert handshake(port, headers) == status


def test_a_role_that_changes_closes_the_line_within_two_seconds(
    connect: Connect, cast: Cast, store: Store
) -> None:
    sam = connect(cast.sam)
    with store.unit_of_work(STAGE) as w:
        w.session.get_one(Agent, cast.sam.id).role = Role.AGENT

    assert sam.is_cut()


def test_a_team_that_is_left_closes_the_line_within_two_seconds(
    connect: Connect, cast: Cast, store: Store
) -> None:
    ada, ben = connect(cast.ada), connect(cast.ben)
    with store.unit_of_work(STAGE) as w:
        w.session.delete(w.session.get_one(TeamMember, (cast.support_team.id, cast.ada.id)))

    assert ada.is_cut()
    assert ben.ask("position", {})["ok"]


def test_an_ended_session_is_told_so_and_cut(connect: Connect, cast: Cast, store: Store) -> None:
    ada = connect(cast.ada)
    with store.unit_of_work(STAGE) as w:
        end_sessions(w.session, cast.ada.id, w.now)

    assert ada.hear("sign_out")["sentence"].startswith("You have been signed out")
    assert ada.is_cut()


@pytest.mark.parametrize(
    "said",
    [(), ([],), (None,), ("x",), ({"case_id": "7"},), ({"case_id": 1.5},), ({"case_id": True},),
     ({"case_id": 0},), ({"case_id": 2**63},), ({"case_id": 1, "role": "admin"},), ({}, {}),
     ({"case_id": [1]},)],
)  # fmt: skip
def test_the_wrong_types_get_an_answer(connect: Connect, cast: Cast, said: tuple[object, ...]) -> None:
    answer = connect(cast.ada).ask("viewing", *said)

    assert answer["ok"] is False
    assert answer["error"].endswith(".")


@pytest.mark.parametrize(
    "event", ["nothing", "connect", "disconnect", "trigger_event", "_take", "change", ""]
)
def test_an_event_we_do_not_know_changes_nothing(connect: Connect, cast: Cast, event: str) -> None:
    line = connect(cast.ada)
    line.ask("position", {})

    assert line.ask(event, {}) == {"ok": False, "error": "There is no such event."}
    assert line.ask("position", {}) == {"ok": True, "position": 0}


def test_a_frame_of_64_kilobytes_is_taken_and_a_larger_one_ends_the_line(
    connect: Connect, cast: Cast
) -> None:
    line, other = connect(cast.ada), connect(cast.ben)
    room = 64 * 1024 - len('42/desk,1["nothing", ""]')
    assert line.ask("nothing", "x" * room)["ok"] is False

    line.ask("nothing", "x" * (room + 1))
    assert line.is_cut()
    assert other.ask("position", {})["ok"]


@pytest.mark.usefixtures("in_one_moment")
def test_a_flood_is_told_so_and_cut_and_others_do_not_notice(connect: Connect, cast: Cast) -> None:
    line, other = connect(cast.ada), connect(cast.ben)
    for _ in range(200):
        line.send('42/desk,["position",{}]')

    assert line.hear("refused")["sentence"] == "That was more than 20 messages in a second."
    assert line.is_cut()
    assert other.ask("position", {})["ok"]


@pytest.mark.parametrize(
    "frame",
    [b"bytes", '451-/desk,["viewing",{"_placeholder":true,"num":0}]', "42/desk," + "[" * 30_000, "4", "9", "",
     "42/desk,not json", '42/desk,{"a":1}', "42/desk,[]", "42/desk,[1]", "4" * 500, "42/nothing,[]",
     "43/desk,1[]"],
)  # fmt: skip
def test_a_broken_frame_harms_nobody_else(connect: Connect, cast: Cast, frame: str | bytes) -> None:
    line, other = connect(cast.ada), connect(cast.ben)
    line.send(frame)
    line.ask("position", {}, seconds=5)

    assert other.ask("position", {})["ok"]


def test_a_pickle_on_the_bus_is_not_run(
    connect: Connect, cast: Cast, redis_url: str, settings: Settings, tmp_path: Path
) -> None:
    trap = tmp_path / "sprung"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (trap,)  # type: ignore[return-value]

    ada = connect(cast.ada)
    with Redis.from_url(redis_url) as redis:
        redis.publish(CHANNEL, pickle.dumps(Trap()))
        for junk in (b"\x80\x04not even a pickle", b"[1, {}, null]", b'[{"method":'):
            redis.publish(CHANNEL, junk)
    pusher(settings)([Change(("all",), {"position": 1})])

    assert ada.hear("change") == {"position": 1}
    assert not trap.exists()
