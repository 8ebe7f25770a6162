"""The watch over the lines of visitors: who may not be here any more goes, who is here is noted, and
what a lost push did not tell is told."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from desk.model.change import VISITORS
from desk.model.permission import system
from desk.sockets.rounds import LONG_AGO, Step, go_round_until
from desk.sockets.visitor_lines import VisitorLine, VisitorLines
from desk.store.chat.chats import VisitorHere, note_visitors_seen, visitors_here
from desk.store.unit_of_work import Store

BEAT_SECONDS = 1.5
SEEN_EVERY = timedelta(seconds=15)
AT_ONCE = 50
_WATCH = system("watch")
_BYE = "This chat was closed. Reload the page to begin a new one."


@dataclass
class VisitorWatch:
    """One a process; one statement for fifty lines, and they take their turns all through the round."""

    server: Any  # python-socketio carries no types
    store: Store
    lines: VisitorLines
    stopped: threading.Event = field(default_factory=threading.Event)
    _seen_at: datetime = LONG_AGO

    def run(self) -> None:
        """Go round until stopped."""
        go_round_until(self.stopped, self._steps, watch="visitors", server=self.server, seconds=BEAT_SECONDS)

    def _steps(self) -> list[Step]:
        """The round over all lines there are now, so many at a time."""
        lines, now = self.lines.all(), datetime.now(UTC)
        notes = now - self._seen_at >= SEEN_EVERY
        if notes:
            self._seen_at = now
        portions = (lines[first : first + AT_ONCE] for first in range(0, len(lines), AT_ONCE))
        return [partial(self._look_at, portion, notes) for portion in portions]

    def _look_at(self, lines: list[VisitorLine], notes: bool, now: datetime) -> None:
        ids = sorted({line.visitor.id for line in lines})
        with self.store.asking(_WATCH, now=now) as w:
            here = visitors_here(w.session, ids)
        for line in lines:
            found = here.get(line.visitor.id)
            if found is None or found.secret_hash != line.visitor.secret_hash:
                self._part(line)
            else:
                line.suspect = False
                self._tell_what_pushes_lost(line, found)
        if notes:
            with self.store.at_once(_WATCH, now=now) as w:
                note_visitors_seen(w.session, ids, now)

    def _part(self, line: VisitorLine) -> None:
        """Who may not be here in two rounds running goes: being identified changes a token meanwhile."""
        if line.suspect:
            self._tell(line, "bye", {"sentence": _BYE})
            self.server.disconnect(line.sid, namespace=VISITORS)
        line.suspect = True

    def _tell_what_pushes_lost(self, line: VisitorLine, found: VisitorHere) -> None:
        """A push goes through Redis and may get lost there; what is due to a page, the database knows."""
        if found.sequence > line.has_sequence:
            self._tell(line, "news", {"sequence": found.sequence})
        if found.standing is None or line.told is None:
            return
        if found.standing != line.told:
            self._tell(line, "chat", {})
        if found.read > line.told_read:
            line.told_read = found.read
            self._tell(line, "read", {"sequence": found.read})

    def _tell(self, line: VisitorLine, event: str, told: dict[str, Any]) -> None:
        self.server.emit(event, told, room=line.sid, namespace=VISITORS, ignore_queue=True)
