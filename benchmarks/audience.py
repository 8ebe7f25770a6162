"""Very many who only listen: raw lines in one epoll loop, which costs the machine as little as can be.

A greenlet a line costs more than what is measured. Here a frame is counted and thrown away.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis import Redis

OUTSTANDING = 4
OPEN_SECONDS = 20
DELIVERY_SECONDS = 30
_PING, _PONG, _CHANGE = b"2", b"3", b"42"
_HEADS = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
)


@dataclass(frozen=True)
class Hall:
    """Where an audience sits: a server, its namespace, and each listener's auth and cookie.

    What is told to all is `word`: said as an event on a line of its own, or, with `redis_url`,
    published on `channel`, as the relay tells every web process.
    """

    port: int
    namespace: str
    listeners: list[tuple[dict[str, Any] | None, str]]
    word: str
    redis_url: str = ""
    channel: str = ""


@dataclass(frozen=True)
class Delivered:
    """How many words came to how many in these seconds, and how long each took to the last of them."""

    deliveries: int
    seconds: float
    took: list[float]


class Audience:
    """The listeners of one server."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._poll = select.epoll()
        self._lines: dict[int, _Heard] = {}
        self._tell: Callable[[], object] = lambda: None

    def open(self) -> int:
        """Every line of the hall; how many are open."""
        for auth, cookie in self._hall.listeners:
            line = _Heard(_let_in(self._hall, auth, cookie))
            self._lines[line.socket.fileno()] = line
            self._poll.register(line.socket, select.EPOLLIN)
        return len(self._lines)

    def broadcast(self, seconds: float) -> Delivered:
        """Tell all as fast as all have heard, four words ahead at most."""
        until = time.perf_counter() + seconds
        return self._told(lambda _told: 0 if time.perf_counter() < until else None, OUTSTANDING)

    def paced(self, seconds: float, rate: float) -> Delivered:
        """So many words a second, whatever becomes of them."""
        words, begun = int(seconds * rate), time.perf_counter()
        return self._told(lambda told: begun + told / rate if told < words else None, words)

    def _told(self, due: Callable[[int], float | None], ahead: int) -> Delivered:
        """`due` says when the next word may be told after so many; None when there is none."""
        # Anew for each turn: nobody answers the pings of whoever speaks.
        self._tell = self._teller()
        everyone, heard, begun = len(self._lines), 0, time.perf_counter()
        said: deque[float] = deque()
        told, last = 0, begun
        took: list[float] = []
        while True:
            now = time.perf_counter()
            next_at = due(told)
            if next_at is None and not said:
                return Delivered(heard, last - begun, took)
            if next_at is not None and next_at <= now and told - len(took) < ahead:
                self._tell()
                said.append(now)
                told += 1
                continue
            if said and now - said[0] > DELIVERY_SECONDS:
                raise TimeoutError(f"{heard} of {told * everyone} were heard.")
            for number, _ in self._poll.poll(0.005):
                heard += self._lines[number].take()
            last = time.perf_counter()
            while said and heard >= (len(took) + 1) * everyone:
                took.append(last - said.popleft())

    def _teller(self) -> Callable[[], object]:
        hall = self._hall
        if hall.redis_url:
            redis = Redis.from_url(hall.redis_url)
            return lambda: redis.publish(hall.channel, hall.word)
        speaker = _let_in(hall, {"pair": "nobody"}, "")
        speaker.setblocking(True)
        return lambda: speaker.sendall(_frame(hall.word.encode()))


class _Heard:
    """One line: counts what comes, and answers pings so that it stays open."""

    def __init__(self, line: socket.socket) -> None:
        self.socket = line
        self._rest = b""

    def take(self) -> int:
        """Read what is there; how many words that were."""
        data = self._rest + self.socket.recv(65536)
        place, words, size = 0, 0, len(data)
        while size - place >= 2:
            length, begin = data[place + 1], place + 2
            if length == 126:
                if size - place < 4:
                    break
                length, begin = struct.unpack_from(">H", data, begin)[0], place + 4
            if size < begin + length:
                break
            if data[begin : begin + 2] == _CHANGE:
                words += 1
            elif data[begin : begin + length] == _PING:
                self.socket.sendall(_frame(_PONG))
            place = begin + length
        self._rest = data[place:]
        return words


def _let_in(hall: Hall, auth: dict[str, Any] | None, cookie: str) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", hall.port), timeout=OPEN_SECONDS)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    own = [f"Host: 127.0.0.1:{hall.port}", f"Origin: http://127.0.0.1:{hall.port}"]
    heads = [*_HEADS, *own, *([f"Cookie: {cookie}"] if cookie else [])]
    line.sendall("\r\n".join([*heads, "", ""]).encode())
    _wait_for(line, b"\r\n\r\n")
    entry = f"40{hall.namespace}," + ("" if auth is None else json.dumps(auth))
    line.sendall(_frame(entry.encode()))
    _wait_for(line, f"40{hall.namespace},".encode())
    return line


def _wait_for(line: socket.socket, sign: bytes) -> None:
    answer = b""
    while sign not in answer:
        more = line.recv(65536)
        if not more:
            raise ConnectionError(f"Nobody was let in: {answer[-200:]!r}")
        answer += more


def _frame(body: bytes) -> bytes:
    """A text frame with a mask of zeros (RFC 6455, 5.3)."""
    if len(body) < 126:
        return struct.pack(">BB", 0x81, 0x80 | len(body)) + b"\0\0\0\0" + body
    return struct.pack(">BBH", 0x81, 0x80 | 126, len(body)) + b"\0\0\0\0" + body
