"""Our websocket beside the protocol library that browsers' makers test against: wsproto as the client."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import simple_websocket
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Pong,
    Request,
    TextMessage,
)
from wsproto.extensions import PerMessageDeflate

from desk.sockets.websocket import Websocket, frame_of

HANDSHAKE = {
    "HTTP_HOST": "desk.example",
    "HTTP_UPGRADE": "websocket",
    "HTTP_CONNECTION": "Upgrade",
    "HTTP_SEC_WEBSOCKET_VERSION": "13",
    "HTTP_SEC_WEBSOCKET_KEY": "MDEyMzQ1Njc4OWFiY2RlZg==",
    "HTTP_SEC_WEBSOCKET_EXTENSIONS": "permessage-deflate",
}


class Browser:
    """The other end of a pair of sockets."""

    def __init__(self) -> None:
        self.socket, self.theirs = socket.socketpair()
        self.socket.settimeout(20)
        self._line = WSConnection(ConnectionType.CLIENT)
        asked = self._line.send(Request(host="desk.example", target="/", extensions=[PerMessageDeflate()]))
        key = next(row for row in asked.split(b"\r\n") if row.lower().startswith(b"sec-websocket-key"))
        self.environ = HANDSHAKE | {
            "HTTP_SEC_WEBSOCKET_KEY": key.split(b": ")[1].decode(),
            "gunicorn.socket": self.theirs,
        }

    def say(self, event: Event) -> None:
        self.socket.sendall(self._line.send(event))

    def hears(self) -> list[Event]:
        """What came with the next whole message; no events once the other side has hung up."""
        while True:
            events = list(self._line.events())
            if events:
                return events
            data = self.socket.recv(65536)
            if not data:
                return []
            self._line.receive_data(data)


@pytest.fixture
def browser() -> Iterator[Browser]:
    one = Browser()
    yield one
    one.socket.close()
    one.theirs.close()


@pytest.fixture
def line(browser: Browser) -> Websocket:
    made = Websocket(browser.environ, most_bytes=1000)
    [accepted] = browser.hears()
    assert isinstance(accepted, AcceptConnection)
    assert accepted.extensions == []
    return made


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 300_000])
def test_a_text_of_any_length_arrives_as_it_was(browser: Browser, line: Websocket, length: int) -> None:
    text = ("é" + "x" * length)[:length]
    sending = threading.Thread(target=line.send, args=(text,))
    sending.start()
    heard = ""
    while True:
        for event in browser.hears():
            assert isinstance(event, TextMessage)
            heard += event.data
            if event.message_finished:
                sending.join()
                assert heard == text
                return


def test_bytes_stay_bytes_beside_the_same_text(browser: Browser, line: Websocket) -> None:
    line.send("same")
    line.send(b"same")
    events: list[Event] = []
    while len(events) < 2:
        events += browser.hears()
    assert [
        (type(event), event.data) for event in events if isinstance(event, TextMessage | BytesMessage)
    ] == [
        (TextMessage, "same"),
        (BytesMessage, b"same"),
    ]


def test_what_is_said_to_many_is_made_once() -> None:
    assert frame_of("x") == b"\x81\x01x"
    assert frame_of(b"x") == b"\x82\x01x"


def test_what_browsers_say_is_heard_in_order_and_pings_are_answered(
    browser: Browser, line: Websocket
) -> None:
    browser.say(TextMessage("first"))
    browser.say(Ping(b"there?"))
    browser.say(TextMessage("second"))
    assert [line.receive(), line.receive()] == ["first", "second"]
    assert browser.hears() == [Pong(b"there?")]


def test_a_message_beyond_the_limit_ends_the_line_with_its_code(browser: Browser, line: Websocket) -> None:
    browser.say(TextMessage("x" * 1001))
    with pytest.raises(simple_websocket.ConnectionClosed):
        line.receive()
    [closed] = browser.hears()
    assert isinstance(closed, CloseConnection) and closed.code == 1009
    with pytest.raises(simple_websocket.ConnectionClosed):
        line.send("too late")


def test_a_browser_that_breaks_off_or_breaks_the_rules_is_gone(browser: Browser, line: Websocket) -> None:
    browser.socket.sendall(b"\xff\xff\xff\xff")
    with pytest.raises(simple_websocket.ConnectionClosed):
        line.receive()


def test_closing_says_so_and_wakes_who_waits(browser: Browser, line: Websocket) -> None:
    ended = threading.Event()

    def wait() -> None:
        with pytest.raises(simple_websocket.ConnectionClosed):
            line.receive()
        ended.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    line.close()
    waiting.join(60)
    assert ended.is_set()
    [closed] = browser.hears()
    assert isinstance(closed, CloseConnection)
