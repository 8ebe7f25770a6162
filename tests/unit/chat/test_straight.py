"""What leaves straight for the socket, under the engine itself: whole, in order, and nobody waits."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import engineio
import gevent
import pytest
from engineio.packet import MESSAGE, PING, Packet
from engineio.socket import Socket
from gevent import socket

from desk.sockets.websocket import MOST_WAITING, WebsocketOfEngine

HANDSHAKE = {
    "HTTP_HOST": "desk.example",
    "HTTP_UPGRADE": "websocket",
    "HTTP_CONNECTION": "Upgrade",
    "HTTP_SEC_WEBSOCKET_VERSION": "13",
    "HTTP_SEC_WEBSOCKET_KEY": "MDEyMzQ1Njc4OWFiY2RlZg==",
}
LONG = "x" * 60_000
SECONDS = 20


class Page:
    """A page's end of a line whose other end the engine serves in a greenlet."""

    def __init__(self) -> None:
        self.socket, served = socket.socketpair()
        for end in (self.socket, served):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.engine = Socket(engineio.Server(async_mode="gevent"), "one")
        handler = self.engine._websocket_handler
        self.websocket = WebsocketOfEngine(handler, self.engine.server, most_bytes=1000, straight=True)
        self.serving = gevent.spawn(self._serve, self.websocket, HANDSHAKE | {"gunicorn.socket": served})
        self._came = b""
        while b"\r\n\r\n" not in self._came:
            self._came += self.socket.recv(4096)
        self._came = self._came.partition(b"\r\n\r\n")[2]
        gevent.sleep(0)

    def told(self, text: str) -> None:
        self.engine.send(Packet(MESSAGE, text))

    def hears(self) -> str:
        """The next message, without the mark of its kind."""
        head = self._exactly(2)
        length = head[1]
        if length == 126:
            (length,) = struct.unpack("!H", self._exactly(2))
        return self._exactly(length).decode(errors="replace")

    def _exactly(self, length: int) -> bytes:
        with gevent.Timeout(SECONDS):
            while len(self._came) < length:
                data = self.socket.recv(65_536)
                if not data:
                    raise EOFError
                self._came += data
        taken, self._came = self._came[:length], self._came[length:]
        return taken

    @staticmethod
    def _serve(websocket: WebsocketOfEngine, environ: dict[str, Any]) -> None:
        # As gunicorn takes it: nothing is left to answer.
        with suppress(StopIteration), environ["gunicorn.socket"]:
            websocket(environ, None)


@pytest.fixture
def page() -> Iterator[Page]:
    one = Page()
    yield one
    one.socket.close()
    one.serving.join(SECONDS)
    assert one.serving.ready()
    assert "send" not in vars(one.engine)


def test_a_word_has_left_before_anybody_else_had_a_turn(page: Page) -> None:
    others: list[str] = []
    gevent.spawn(others.append, "a turn")
    page.told("now")
    assert page.engine.queue.empty()
    assert others == []
    assert page.hears() == "4now"


def test_a_page_that_reads_slowly_hears_all_in_order_and_holds_nobody_up(page: Page) -> None:
    said = [f"{number}:{LONG if number % 3 == 0 else ''}" for number in range(60)]
    others: list[str] = []
    gevent.spawn(others.append, "a turn")
    for text in said:
        page.told(text)
    assert others == [], "who tells a slow page must not wait for it"
    heard = []
    for number in range(60):
        heard.append(page.hears())
        if number == 30:
            page.told("late")
    assert heard == [f"4{text}" for text in said]
    assert page.hears() == "4late"


def test_a_page_that_never_reads_is_cut_off(page: Page) -> None:
    for _ in range(MOST_WAITING + 20):
        page.told(LONG)
    page.serving.join(SECONDS)
    assert page.serving.ready()


def test_a_page_that_is_gone_holds_nothing(page: Page) -> None:
    page.socket.close()
    page.told("to nobody")
    page.serving.join(SECONDS)
    assert page.serving.ready()


def test_a_ping_wakes_the_engine_s_writer_which_else_takes_the_line_for_dead(page: Page) -> None:
    page.engine.send(Packet(PING))
    assert not page.engine.queue.empty()
    assert page.hears() == "2"


def test_who_does_not_answer_pings_is_cut_off_even_amid_a_word(page: Page) -> None:
    for _ in range(20):
        page.told(LONG)
    gevent.sleep(0)
    page.engine.last_ping = 1.0
    page.told("are you there?")
    page.serving.join(SECONDS)
    assert page.serving.ready()


def test_nothing_follows_a_close(page: Page) -> None:
    page.websocket.close()
    page.told("too late")
    assert page.hears().startswith("\x03")
    with pytest.raises(EOFError):
        page.hears()
