"""A browser's live line, spoken by hand: Engine.IO 4 and Socket.IO 5 over a websocket."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any, ClassVar

from flask import Flask
from simple_websocket import Client, ConnectionClosed
from werkzeug.serving import WSGIRequestHandler, make_server

PATIENCE = 12.0
"""How many seconds a line waits; the server ends another that answers no ping for thirty."""


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        return


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """The application on a port of loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(timeout=60)
        server.server_close()


def handshake(port: int, headers: dict[str, str]) -> int:
    """Ask for a line by polling, with these headers; the status of the answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/socket.io/?EIO=4&transport=polling", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


@dataclass
class Line:
    """One line. What arrives unasked is kept in `heard`."""

    namespace: ClassVar[str] = "/desk"

    port: int
    cookie: str = ""
    heard: list[tuple[str, Any]] = field(default_factory=list)
    refusal: Any = None
    _asked: int = 0

    def __post_init__(self) -> None:
        # This client leaves the port out of Host, and so must the origin.
        headers = {"Cookie": f"desk={self.cookie}", "Origin": "http://127.0.0.1"}
        url = f"ws://127.0.0.1:{self.port}/socket.io/?EIO=4&transport=websocket"
        self.ws = Client(url, headers=headers)

    def connect(self, auth: Any = None) -> bool:
        """Enter the namespace, showing `auth`; whether we were let in."""
        self.ws.send(f"40{self.namespace}," + ("" if auth is None else json.dumps(auth)))
        while (frame := self._frame(PATIENCE)) is not None:
            if frame.startswith(f"40{self.namespace}"):
                return True
            if frame.startswith(f"44{self.namespace}"):
                self.refusal = json.loads(frame.partition(",")[2])
                return False
        return False

    def ask(self, event: str, *said: Any, seconds: float = PATIENCE) -> Any:
        """Say something and return the answer; None when the line was cut instead."""
        self._asked += 1
        self.send(f"42{self.namespace},{self._asked}{json.dumps([event, *said])}")
        until = time.monotonic() + seconds
        while time.monotonic() < until and (frame := self._frame(seconds)) is not None:
            if frame.startswith(f"43{self.namespace},{self._asked}["):
                return json.loads(frame[frame.index("[") :])[0]
        return None

    def send(self, frame: str | bytes) -> None:
        try:
            self.ws.send(frame)
        except ConnectionClosed:
            return

    def hear(self, event: str, seconds: float = PATIENCE) -> Any:
        """The next `event` the server sends, heard already or yet to come; None when none comes."""
        until = time.monotonic() + seconds
        while True:
            for number, (name, said) in enumerate(self.heard):
                if name == event:
                    del self.heard[number]
                    return said
            if time.monotonic() >= until or self._frame(until - time.monotonic()) is None:
                return None

    def is_cut(self, seconds: float = PATIENCE) -> bool:
        """Whether the server ends the line within `seconds`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._frame(0.1) in ("1", f"41{self.namespace},"):
                return True
            if not self.ws.connected:
                return True
        return False

    def close(self) -> None:
        if self.ws.connected:
            self.ws.close()

    def _frame(self, seconds: float) -> str | None:
        try:
            frame = self.ws.receive(timeout=max(0.01, seconds))
        except ConnectionClosed:
            return None
        if frame == "2":
            self.send("3")
        if isinstance(frame, str) and frame.startswith(f"42{self.namespace},"):
            name, said = json.loads(frame.partition(",")[2])
            self.heard.append((name, said))
        return frame if isinstance(frame, str) else None
