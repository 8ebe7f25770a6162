"""Real processes, killed while a chat goes on: every word of both sides once, and in one order."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import select

from desk.actions.messages.reply import Reply, send_reply
from desk.model.case import Case
from desk.store.unit_of_work import Store
from tests.chat import Guest, VisitorLine
from tests.people import Cast
from tests.servers.ports import free_port

WORDS = 20
Started = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def door() -> int:
    return free_port()


@pytest.fixture
def start(database_url: str, redis_url: str, door: int, tmp_path: Path) -> Iterator[Started]:
    """A process of the desk, on the database of the test."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DESK_")} | {
        "DESK_DATABASE_URL": database_url,
        "DESK_REDIS_URL": redis_url,
        "DESK_HOME": str(tmp_path),
        "DESK_SECRET_KEY": "a key for tests",
        "DESK_PORT": str(door),
        "DESK_PUBLIC_URL": f"http://127.0.0.1:{door}",
    }
    running: list[subprocess.Popen[bytes]] = []

    def started(name: str) -> subprocess.Popen[bytes]:
        # A session of its own, so that the workers of the web process end with it.
        process = subprocess.Popen(
            [sys.executable, "-m", "desk", name],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield started
    for process in running:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """At once, with all its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Page:
    """What a page does: it keeps what was not answered, connects anew, and says it again."""

    def __init__(self, port: int, guest: Guest) -> None:
        self.port, self.guest = port, guest
        self.line: VisitorLine | None = None

    def say(self, number: int) -> None:
        for _ in range(400):
            told = self._try(number)
            if told and told["ok"]:
                return
            time.sleep(0.05)
        raise AssertionError(f"word {number} was never taken")

    def connected(self) -> VisitorLine:
        while self.line is None:
            if not answers(self.port):
                time.sleep(0.05)
                continue
            line = VisitorLine(self.port)
            if line.enter(self.guest):
                self.line = line
            else:
                line.ws.sock.close()
        return self.line

    def _try(self, number: int) -> dict[str, object] | None:
        line = self.connected()
        told: dict[str, object] | None = line.say(f"word {number}", f"c{number}")
        if told is None:
            line.ws.sock.close()
            self.line = None
        return told


def answers(port: int) -> bool:
    """Whether somebody listens; a failed connection of the client would stay open."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_every_word_once_and_in_order_whatever_is_killed(
    start: Started, door: int, cleo: Guest, store: Store, cast: Cast, redis_url: str
) -> None:
    web, relay, redis = start("web"), start("relay"), Redis.from_url(redis_url)
    page = Page(door, cleo)
    expected: list[str] = []
    for number in range(WORDS):
        if number in (5, 12):
            kill(web)
            web = start("web")
        if number == 8:
            kill(relay)
        if number in (3, 14):
            redis.flushall()
        page.say(number)
        expected.append(f"word {number}")
        if number % 4 == 0:
            answer(store, cast, f"answer {number}")
            expected.append(f"answer {number}")
    start("relay")

    line = page.connected()
    told = line.ask("hello", {"after": 0})
    assert [one["text"] for one in told["messages"]] == expected
    assert [one["sequence"] for one in told["messages"]] == list(range(1, len(expected) + 1))
    heard, until = 0, time.monotonic() + 120
    while heard < len(expected) and time.monotonic() < until:
        heard = max(heard, (line.hear("news", 5) or {"sequence": 0})["sequence"])
    assert heard == len(expected), "what was not told while the relay was away is told when it is back"
    line.close()


def answer(store: Store, cast: Cast, text: str) -> None:
    with store.unit_of_work(cast.actor(cast.ada)) as w:
        case_id = w.session.scalars(select(Case.id)).one()
        send_reply(w, case_id, Reply(text=text, client_id=text))
