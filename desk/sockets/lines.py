"""The open lines of this process: whose each is, what it looks at, and how much it has said."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from desk.store.people.sessions import Caller

FRAMES_PER_SECOND = 20
LINES_PER_AGENT = 30


@dataclass
class Line:
    """One connected browser; `let_in_with` are the rights it had then."""

    sid: str
    transport: str
    secret_hash: str = field(repr=False)
    caller: Caller
    case_id: int | None = None
    typed_at: datetime | None = None
    checked_at: datetime | None = None
    let_in_with: tuple[str, bool, frozenset[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.let_in_with = (self.caller.role.value, self.caller.assigned_only, self.caller.queue_ids)


@dataclass
class Lines:
    """All lines by socket id. Handlers of several threads read and write it."""

    _lines: dict[str, Line] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, line: Line) -> bool:
        """Whether the line was taken: an agent has only so many."""
        with self._lock:
            of_agent = sum(
                1 for open_ in self._lines.values() if open_.caller.agent_id == line.caller.agent_id
            )
            if of_agent >= LINES_PER_AGENT:
                return False
            self._lines[line.sid] = line
            return True

    def get(self, sid: str) -> Line | None:
        return self._lines.get(sid)

    def drop(self, sid: str) -> Line | None:
        with self._lock:
            return self._lines.pop(sid, None)

    def all(self) -> list[Line]:
        with self._lock:
            return list(self._lines.values())

    def others_look(self, line: Line) -> bool:
        """Whether the same agent looks at the same case through another line of this process."""
        return any(
            other.sid != line.sid
            and other.case_id == line.case_id
            and other.caller.agent_id == line.caller.agent_id
            for other in self.all()
        )


@dataclass
class Flood:
    """Counts the frames of each transport, sound or not, over the last second."""

    most: int = FRAMES_PER_SECOND
    clock: Callable[[], float] = time.monotonic
    _frames: dict[str, deque[float]] = field(default_factory=dict)

    def takes(self, transport: str) -> bool:
        """Whether one more frame of this transport is within what we take."""
        now = self.clock()
        frames = self._frames.setdefault(transport, deque())
        while frames and now - frames[0] >= 1:
            frames.popleft()
        frames.append(now)
        return len(frames) <= self.most

    def forget(self, transport: str) -> None:
        self._frames.pop(transport, None)
