"""Whether somebody takes chats now, as waiting visitors are told: asked once a second, not once a word."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from desk.actions.chat.line import is_attended
from desk.store.unit_of_work import Work

FRESH_SECONDS = 1.0


@dataclass
class Reception:
    """One a process. In a rush hundreds wait for the same few agents, and each word of theirs asks this."""

    ask: Callable[[Work, int, int | None], bool] = is_attended
    clock: Callable[[], float] = time.monotonic
    _known: dict[tuple[int, int | None], tuple[float, bool]] = field(default_factory=dict)

    def attends(self, work: Work, channel_id: int, queue_id: int | None) -> bool:
        """Whether the channel is open and the queue staffed, as of a second ago at most."""
        line = channel_id, queue_id
        fresh_until, attended = self._known.get(line, (float("-inf"), False))
        now = self.clock()
        if now >= fresh_until:
            attended = self.ask(work, *line)
            self._known[line] = now + FRESH_SECONDS, attended
        return attended
