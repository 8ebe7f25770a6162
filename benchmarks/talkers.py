"""Those who talk and those who listen: the load of a chat, in a process of its own.

Pairs of two lines: one says, the other hears. What comes back is counted before it is timed.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import gevent
from gevent import socket
from gevent.pool import Pool

from tests.servers.lines import Cut, OpenLine, client_id

ANSWER_SECONDS = 30
AT_ONCE = 50
TEXT = "Where is my parcel? It should have been here on Monday, and I am leaving tomorrow. "


@dataclass(frozen=True)
class Side:
    """How one server is spoken to. Talkers show `auths`, listeners `headers` or `auths` of their own.

    `heard` and `pair` name the event that the other side hears, and the field that says of which pair.
    Where that event carries no text, `fetch` is the path by which a paced listener gets it.
    """

    port: int
    talk_in: str
    listen_in: str
    auths: list[dict[str, Any]]
    listeners: list[tuple[dict[str, Any] | None, str]]
    pairs: list[int]
    heard: str
    pair: str
    fetch: str = ""
    fetches_as: str = ""


@dataclass
class Told:
    """One run: what was said, acknowledged and heard, and the seconds that each took."""

    said: int = 0
    failed: list[str] = field(default_factory=list)
    seconds: float = 0
    acked: list[float] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)


class Talkers:
    """The pairs of one server."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._talkers: list[OpenLine] = []
        self._listeners: list[OpenLine] = []
        self._idle: list[OpenLine] = []
        self._said_at: dict[int, deque[float]] = {pair: deque() for pair in side.pairs}
        self._place = dict.fromkeys(side.pairs, 0)
        self._told = Told()
        self._turn = count()
        self._fetches = False

    def open(self) -> int:
        """Every line of every pair; how many are open. Talkers say hello, as pages do before their first
        word: without it, that word is taken the long way, of a page whose chat nobody knows.
        """
        self._listeners = _opened(self._listen, self._side.listeners)
        self._talkers = _opened(self._enter, self._side.auths)
        Pool(AT_ONCE).map(lambda line: line.ask("hello", {"after": 0}, ANSWER_SECONDS), self._talkers)
        return len(self._listeners) + len(self._talkers)

    def idle(self, auths: list[dict[str, Any]]) -> int:
        """More lines, on which nothing is said; how many are open."""
        self._idle += _opened(self._enter, auths)
        return len(self._idle)

    def still_open(self) -> int:
        """How many of the idle lines nobody has cut."""
        return sum(not line.is_cut.is_set() for line in self._idle)

    def closed_loop(self, seconds: float, window: int) -> Told:
        """As much as can be said while `window` words are on their way; then what is still to be heard."""
        told, begun = self._begin()
        until = begun + seconds

        def go_on() -> None:
            while time.perf_counter() < until:
                self._say(next(self._turn) % len(self._talkers))

        gevent.joinall([gevent.spawn(go_on) for _ in range(window)])
        return self._finished(told, begun)

    def paced(self, seconds: float, rate: float) -> Told:
        """So many words a second, whatever becomes of them."""
        told, begun = self._begin()
        self._fetches, saying = bool(self._side.fetch), []
        for number in range(int(seconds * rate)):
            gevent.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            saying.append(gevent.spawn(self._say, next(self._turn) % len(self._talkers)))
        gevent.joinall(saying)
        finished = self._finished(told, begun)
        self._fetches = False
        return finished

    def cut(self) -> None:
        """Every line is gone."""
        for line in (*self._talkers, *self._listeners, *self._idle):
            line.close()
        self._talkers, self._listeners, self._idle = [], [], []

    def come_back(self, auths: list[dict[str, Any]]) -> tuple[float, list[int]]:
        """All connect at once and ask for everything; the seconds until the last has it, and how much."""
        begun, has = time.perf_counter(), []

        def back(auth: dict[str, Any]) -> OpenLine:
            line = self._patiently(auth)
            answer = line.ask("hello", {"after": 0}, ANSWER_SECONDS) or {}
            has.append(len(answer.get("messages", ())) if answer.get("ok") else -1)
            return line

        pool = Pool(len(auths))
        self._idle += pool.map(back, auths)
        return time.perf_counter() - begun, has

    def _patiently(self, auth: dict[str, Any]) -> OpenLine:
        while True:
            try:
                return self._enter(auth)
            except Cut:
                gevent.sleep(0.2)

    def _enter(self, auth: dict[str, Any]) -> OpenLine:
        return OpenLine(self._side.port, self._side.talk_in, auth)

    def _listen(self, shown: tuple[dict[str, Any] | None, str]) -> OpenLine:
        auth, cookie = shown
        headers = (f"Cookie: {cookie}",) if cookie else ()
        return OpenLine(self._side.port, self._side.listen_in, auth, hear=self._hear, headers=headers)

    def _hear(self, event: str, said: Any) -> None:
        """Of one pair, words are heard in the order in which they were said; a push may come twice."""
        if event != self._side.heard or said.get(self._side.pair) not in self._said_at:
            return
        pair = said[self._side.pair]
        place = said.get("message_position")
        if place is not None:
            if said.get("kind") != "message_added" or place <= self._place[pair]:
                return
            self._place[pair] = place
        if self._said_at[pair]:
            begun = self._said_at[pair].popleft()
            self._told.heard.append(time.perf_counter() - begun)
            if self._fetches:
                gevent.spawn(self._fetch, self._told, pair, place - 1, begun)

    def _fetch(self, told: Told, pair: int, after: int, begun: float) -> None:
        """The screen gets the text of which it has heard."""
        path = self._side.fetch.format(pair=pair, after=after)
        asked = f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: {self._side.fetches_as}\r\n\r\n"
        line = socket.create_connection(("127.0.0.1", self._side.port), timeout=ANSWER_SECONDS)
        try:
            line.sendall(asked.encode())
            content = b"".join(iter(lambda: line.recv(65536), b""))
        finally:
            line.close()
        if TEXT.strip().encode() in content:
            told.seen.append(time.perf_counter() - begun)

    def _say(self, number: int) -> None:
        pair = self._side.pairs[number]
        said: dict[str, Any] = {"client_id": client_id(), "text": TEXT}
        if self._side.talk_in == "/pairs":
            said["pair"] = pair
        begun = time.perf_counter()
        self._said_at[pair].append(begun)
        self._told.said += 1
        answer = self._talkers[number].ask("say", said, ANSWER_SECONDS)
        while answer and answer.get("again") and not answer["ok"]:
            # Nobody may say more than a person can; the page waits as it is told, and says it again.
            gevent.sleep(answer["again"])
            answer = self._talkers[number].ask("say", said, ANSWER_SECONDS)
        if answer and answer.get("ok"):
            self._told.acked.append(time.perf_counter() - begun)
        else:
            silence = "the line was cut" if self._talkers[number].is_cut.is_set() else "no answer"
            self._told.failed.append(answer["error"] if answer else silence)
            gevent.sleep(1)

    def _begin(self) -> tuple[Told, float]:
        self._told = Told()
        return self._told, time.perf_counter()

    def _finished(self, told: Told, begun: float) -> Told:
        told.seconds = time.perf_counter() - begun
        with gevent.Timeout(20, False):
            while len(told.heard) < len(told.acked) or (self._fetches and len(told.seen) < len(told.acked)):
                gevent.sleep(0.02)
        return told


def _opened(enter: Callable[[Any], OpenLine], shown: list[Any]) -> list[OpenLine]:
    return list(Pool(AT_ONCE).map(enter, shown))


class Load:
    """The process of those who load, spoken to by a pipe."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def __getattr__(self, deed: str) -> Callable[..., Any]:
        def call(*said: Any) -> Any:
            self._pipe.send((deed, said))
            answer = self._pipe.recv()
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


@contextmanager
def load(make: Callable[[Any], Any], place: Any) -> Iterator[Load]:
    """`make(place)` in a process of its own, whose deeds are called by name; gone with the block."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(make, place, theirs), daemon=True)
    process.start()
    try:
        yield Load(ours)
    finally:
        process.kill()
        process.join()


def _serve(make: Callable[[Any], Any], place: Any, pipe: Connection) -> None:
    made = make(place)
    # The lines must answer the server's pings while nobody asks for anything.
    wait = gevent.get_hub().threadpool.apply
    while True:
        deed, said = wait(pipe.recv)
        try:
            pipe.send(getattr(made, deed)(*said))
        except Exception as error:
            pipe.send(RuntimeError(f"{deed}: {error!r}"))


def answers(port: int, seconds: float = 90) -> None:
    """Wait until the server lives. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            line = HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/health/live")
            if line.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            line.close()
        time.sleep(0.1)
    raise TimeoutError(f"Nobody answers on port {port}.")
