"""Many live lines in one thread: Engine.IO 4 and Socket.IO 5 over raw sockets, each read by a greenlet."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from typing import Any

import gevent
from gevent import socket
from gevent.event import AsyncResult, Event

OPEN_SECONDS = 20
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class Cut(Exception):
    """The line is not there, or not any more."""


class OpenLine:
    """One page's line into one namespace. `hear(event, said)` is called for what comes unasked.

    Raises Cut from the constructor when nobody lets us in; `refusal` is what was said then.
    """

    def __init__(
        self,
        port: int,
        namespace: str,
        auth: dict[str, Any] | None = None,
        *,
        hear: Callable[[str, Any], None] = lambda _event, _said: None,
        headers: tuple[str, ...] = (),
    ) -> None:
        self.namespace = namespace
        self.refusal: Any = None
        self.is_cut = Event()
        self._hear = hear
        self._asked = 0
        self._waiting: dict[int, AsyncResult] = {}
        self._let_in: AsyncResult = AsyncResult()
        self._rest = b""
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=OPEN_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._upgrade(port, headers)
            self._send(f"40{namespace}," + ("" if auth is None else json.dumps(auth)))
        except OSError as error:
            raise Cut(str(error)) from None
        self._reader = gevent.spawn(self._read)
        try:
            if not self._let_in.get(timeout=OPEN_SECONDS):
                raise Cut(str(self.refusal))
        except gevent.Timeout:
            raise Cut("nobody answers") from None
        finally:
            if not self._let_in.ready() or not self._let_in.value:
                self.close()

    def ask(self, event: str, said: Any, seconds: float) -> Any:
        """Say something and return the answer; None when there is none in time, or the line is cut."""
        if self.is_cut.is_set():
            return None
        self._asked += 1
        number, answer = self._asked, AsyncResult()
        self._waiting[number] = answer
        try:
            self._send(f"42{self.namespace},{number}{json.dumps([event, said])}")
            return answer.get(timeout=seconds)
        except (OSError, gevent.Timeout):
            return None
        finally:
            self._waiting.pop(number, None)

    def close(self) -> None:
        """Cut the line as a closed laptop does, without a word."""
        self._end()

    def _upgrade(self, port: int, headers: tuple[str, ...]) -> None:
        asked = (
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Origin: http://127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
            *headers,
        )
        self._socket.sendall("\r\n".join((*asked, "", "")).encode())
        while b"\r\n\r\n" not in self._rest:
            self._rest += self._more()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self._socket.close()
            raise Cut(head.split(b"\r\n", 1)[0].decode())

    def _read(self) -> None:
        try:
            self._socket.settimeout(None)
            while True:
                code, body = self._frame()
                if code == _CLOSE:
                    break
                if code == _PING:
                    self._send_frame(_PONG, body)
                elif code == _TEXT:
                    self._take(body.decode())
        except OSError:
            pass
        finally:
            self._end()

    def _take(self, frame: str) -> None:
        if frame == "2":
            self._send("3")
        elif frame.startswith(f"42{self.namespace},"):
            event, *said = json.loads(frame.partition(",")[2])
            self._hear(event, said[0] if said else None)
        elif frame.startswith(f"43{self.namespace},"):
            number, bracket, rest = frame.partition(",")[2].partition("[")
            answer = self._waiting.get(int(number))
            if answer is not None:
                answer.set(json.loads(bracket + rest)[0])
        elif frame.startswith(f"40{self.namespace}"):
            self._let_in.set(True)
        elif frame.startswith(f"44{self.namespace}"):
            self.refusal = json.loads(frame.partition(",")[2] or "null")
            self._let_in.set(False)
        elif frame in ("1", f"41{self.namespace},"):
            raise OSError("the server ends the line")

    def _frame(self) -> tuple[int, bytes]:
        """One frame of the server's, which never masks and never splits (RFC 6455, 5.2)."""
        first, second = self._exactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", self._exactly(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self._exactly(8))
        return first & 0x0F, self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        while len(self._rest) < count:
            self._rest += self._more()
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def _more(self) -> bytes:
        more: bytes = self._socket.recv(65536)
        if not more:
            raise OSError("the other side is gone")
        return more

    def _send(self, text: str) -> None:
        self._send_frame(_TEXT, text.encode())

    def _send_frame(self, code: int, body: bytes) -> None:
        # A mask of zeros is a mask (RFC 6455, 5.3), and costs the one who loads nothing.
        if len(body) < 126:
            head = struct.pack(">BB", 0x80 | code, 0x80 | len(body))
        elif len(body) < 65536:
            head = struct.pack(">BBH", 0x80 | code, 0x80 | 126, len(body))
        else:
            head = struct.pack(">BBQ", 0x80 | code, 0x80 | 127, len(body))
        self._socket.sendall(head + b"\0\0\0\0" + body)

    def _end(self) -> None:
        self.is_cut.set()
        if not self._let_in.ready():
            self._let_in.set(False)
        for answer in list(self._waiting.values()):
            answer.set(None)
        self._socket.close()


def client_id() -> str:
    """A number that a page gives to what it says, so that saying it again is no second message."""
    return os.urandom(12).hex()
