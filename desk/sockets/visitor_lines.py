"""The open lines of visitors in this process: whose each is, and how much comes from one address."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from desk.model.errors import TooMany
from desk.store.chat.chats import KnownVisitor, Standing

WORDS = 20
WORDS_SECONDS = 10
TYPING_SECONDS = 2


@dataclass
class VisitorLine:
    """One connected page of a visitor, and the chat it was in when it spoke or looked last.

    `has_sequence` is up to where the page has everything, as far as we can know, `told` how the chat stood
    when the page was told last, None until it has asked, and `told_read` how far the agent had read then.
    `suspect` is who may not be here any more, as the watch saw it last.
    """

    sid: str
    transport: str
    address: str
    visitor: KnownVisitor
    conversation_id: int | None = None
    case_id: int | None = None
    assignee_id: int | None = None
    has_sequence: int = 0
    told: Standing | None = None
    told_read: int = 0
    suspect: bool = False
    clock: Callable[[], float] = time.monotonic
    _words: deque[float] = field(default_factory=deque)
    _typed_at: float = float("-inf")

    def take_word(self) -> None:
        """Raises TooMany with the seconds to wait, for who says more than a person can."""
        now = self.clock()
        while self._words and now - self._words[0] >= WORDS_SECONDS:
            self._words.popleft()
        if len(self._words) >= WORDS:
            left = int(WORDS_SECONDS - (now - self._words[0])) + 1
            raise TooMany("That was a lot at once. Wait a moment, then it goes on.", left)
        self._words.append(now)

    def types_now(self) -> bool:
        """Whether this sign of typing is worth telling: not more than one in two seconds."""
        now = self.clock()
        if now - self._typed_at < TYPING_SECONDS:
            return False
        self._typed_at = now
        return True


@dataclass
class VisitorLines:
    """All lines of visitors by socket id; at most so many from one address."""

    most: int
    _lines: dict[str, VisitorLine] = field(default_factory=dict)
    _addresses: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def has_room(self, address: str) -> bool:
        return self._addresses[address] < self.most

    def add(self, line: VisitorLine) -> bool:
        """Whether the line was taken."""
        with self._lock:
            if not self.has_room(line.address):
                return False
            self._lines[line.sid] = line
            self._addresses[line.address] += 1
            return True

    def get(self, sid: str) -> VisitorLine | None:
        return self._lines.get(sid)

    def drop(self, sid: str) -> VisitorLine | None:
        with self._lock:
            line = self._lines.pop(sid, None)
            if line is not None:
                self._addresses[line.address] -= 1
                if not self._addresses[line.address]:
                    del self._addresses[line.address]
            return line

    def all(self) -> list[VisitorLine]:
        with self._lock:
            return list(self._lines.values())
