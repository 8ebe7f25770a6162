"""The screens of visitors: what the widget does with its line, for many at once in one thread.

As `web/src/widget/line.ts`: what was said waits until it is acknowledged, one after the other; after
silence it is said again with the same client id; after a cut the page comes back by itself, says
hello from the last sequence up to which it has everything, and asks again whenever it hears news.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import gevent

from tests.servers.lines import Cut, OpenLine, client_id

ANSWER_SECONDS = 8
SILENCE_SECONDS = 0.3
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 8
MOST_PENDING = 4


@dataclass(frozen=True)
class Guest:
    """A visitor and the token that their browser holds."""

    visitor_id: int
    site: str
    token: str


@dataclass
class Screen:
    """One visitor's page: the log it shows, and what it still has to say."""

    port: int
    guest: Guest
    log: dict[int, dict[str, Any]] = field(default_factory=dict)
    pending: list[tuple[str, str]] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    is_open: bool = False
    _line: OpenLine | None = None
    _sending: bool = False

    def keep_open(self) -> None:
        """Connect, and come back after every cut, waiting longer each time in vain; never returns."""
        wait = FIRST_WAIT_SECONDS
        while True:
            try:
                self._line = self._connect()
                wait = FIRST_WAIT_SECONDS
                gevent.spawn(self._begin)
                self._line.is_cut.wait()
            except Cut:
                pass
            self.is_open = False
            gevent.sleep(wait * random.uniform(0.5, 1.5))
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)

    def say(self, text: str) -> None:
        """Whatever becomes of the line, it is said in this order."""
        number = client_id()
        self.said[number] = text
        self.pending.append((number, text))
        self._flush()

    def cut(self) -> None:
        """The visitor walks through a tunnel."""
        if self._line is not None:
            self._line.close()

    def shown(self) -> list[tuple[int, str]]:
        return [(sequence, self.log[sequence]["text"]) for sequence in sorted(self.log)]

    def _connect(self) -> OpenLine:
        auth = {"site": self.guest.site, "token": self.guest.token}
        return OpenLine(self.port, "/visitor", auth, hear=self._hear)

    def _begin(self) -> None:
        self._catch_up("hello")
        self._flush()

    def _hear(self, event: str, said: Any) -> None:
        if (event == "news" and said["sequence"] > self._whole()) or event == "chat":
            gevent.spawn(self._catch_up, "since")

    def _catch_up(self, event: str) -> None:
        line = self._line
        while line is self._line:
            answer = self._ask(event, {"after": self._whole()})
            if answer.get("ok"):
                self._take(answer["messages"])
                if not answer["more"]:
                    self.is_open = self._is_connected()
                    return
            elif not self._asks_again(answer):
                return

    def _flush(self) -> None:
        if self._sending:
            return
        self._sending = True
        try:
            while self.pending and self._send(*self.pending[0]):
                pass
        finally:
            self._sending = False

    def _send(self, number: str, text: str) -> bool:
        """Whether there is any sense in sending the next."""
        answer = self._ask("say", {"client_id": number, "text": text})
        if answer.get("ok"):
            self._take([answer["message"]])
        elif answer.get("error") and not answer.get("again"):
            self.refused.append(answer["error"])
            self.pending = [one for one in self.pending if one[0] != number]
        else:
            return self._asks_again(answer)
        return True

    def _asks_again(self, answer: dict[str, Any]) -> bool:
        """After silence on an open line, or when told so; a line that is cut comes back by itself."""
        if answer.get("error") and not answer.get("again"):
            return False
        gevent.sleep(answer.get("again", SILENCE_SECONDS))
        return self._is_connected()

    def _is_connected(self) -> bool:
        return self._line is not None and not self._line.is_cut.is_set()

    def _take(self, messages: list[dict[str, Any]]) -> None:
        self.log |= {message["sequence"]: message for message in messages}
        arrived = {message["client_id"] for message in messages}
        self.pending = [one for one in self.pending if one[0] not in arrived]

    def _whole(self) -> int:
        last = 0
        while last + 1 in self.log:
            last += 1
        return last

    def _ask(self, event: str, said: dict[str, Any]) -> dict[str, Any]:
        line = self._line
        answer = None if line is None else line.ask(event, said, ANSWER_SECONDS)
        return answer if isinstance(answer, dict) else {}


class Screens:
    """All screens, in a thread of their own. Each says `words` things, and more until it is enough."""

    def __init__(
        self, port: int, guests: Sequence[Guest], *, words: int, pause: tuple[float, float], seed: int
    ) -> None:
        self.all = [Screen(port, guest) for guest in guests]
        self.enough = threading.Event()
        self._words = words
        self._pause = pause
        self._dice = random.Random(seed)
        self._over = threading.Event()
        self._talking = len(self.all)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def are_calm(self) -> bool:
        """Everybody has said what they had to say, every word was acknowledged, every line is open."""
        return self._talking == 0 and all(screen.is_open and not screen.pending for screen in self.all)

    def _run(self) -> None:
        deeds = [gevent.spawn(screen.keep_open) for screen in self.all]
        deeds += [gevent.spawn(self._talk, number, screen) for number, screen in enumerate(self.all)]
        while not self._over.is_set():
            gevent.sleep(0.1)
        for screen in self.all:
            screen.cut()
        gevent.killall(deeds)

    def _talk(self, number: int, screen: Screen) -> None:
        gevent.sleep(self._dice.uniform(0, self._pause[1]))
        word = 0
        while word < self._words or not self.enough.is_set():
            # The writer does not wait for the line, but nobody talks on and on to a page that sends nothing.
            if len(screen.pending) < MOST_PENDING:
                gevent.spawn(screen.say, f"Visitor {number}, word {word}")
                word += 1
            if self._dice.random() < 0.05:
                screen.cut()
            until = time.monotonic() + self._dice.uniform(*self._pause)
            while time.monotonic() < until and not (self.enough.is_set() and word >= self._words):
                gevent.sleep(0.2)
        self._talking -= 1
