"""The watch over the lines of visitors: who may not be here any more goes, who is here is noted, and
what a lost push did not tell is told."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from desk.model.change import VISITORS
from desk.model.permission import system
from desk.sockets.rounds import LONG_AGO, go_round_until
from desk.sockets.visitor_lines import VisitorLine, VisitorLines
from desk.store.chats import Standing, good_tokens, latest_standings, note_visitors_seen
from desk.store.unit_of_work import Store

BEAT_SECONDS = 1.5
SEEN_EVERY = timedelta(seconds=15)
_WATCH = system("watch")
_BYE = "This chat was closed. Reload the page to begin a new one."


@dataclass
class VisitorWatch:
    """One a process; a few statements a round, however many lines are open."""

    server: Any  # python-socketio carries no types
    store: Store
    lines: VisitorLines
    stopped: threading.Event = field(default_factory=threading.Event)
    _seen_at: datetime = LONG_AGO
    _bad: frozenset[str] = frozenset()

    def run(self) -> None:
        """Go round until stopped."""
        go_round_until(self.stopped, self.go_round, server=self.server, seconds=BEAT_SECONDS)

    def go_round(self, now: datetime) -> None:
        """One round at `now`."""
        lines = self.lines.all()
        if not lines:
            return
        ids = sorted({line.visitor.id for line in lines})
        with self.store.reading(_WATCH) as w:
            good, latest = good_tokens(w.session, ids), latest_standings(w.session, ids)
        self._part(lines, good)
        self._tell_what_pushes_lost(lines, latest)
        if now - self._seen_at >= SEEN_EVERY:
            self._seen_at = now
            with self.store.unit_of_work(_WATCH, now=now) as w:
                note_visitors_seen(w.session, ids, now)

    def _part(self, lines: list[VisitorLine], good: set[tuple[int, str]]) -> None:
        """Who was bad in two rounds running goes: being identified changes a token between two statements."""
        bad = frozenset(line.sid for line in lines if (line.visitor.id, line.visitor.secret_hash) not in good)
        for sid in bad & self._bad:
            self.server.emit("bye", {"sentence": _BYE}, room=sid, namespace=VISITORS)
            self.server.disconnect(sid, namespace=VISITORS)
        self._bad = bad

    def _tell_what_pushes_lost(
        self, lines: list[VisitorLine], latest: dict[int, tuple[int, Standing]]
    ) -> None:
        """A push goes through Redis and may get lost there; what is due to a page, the database knows."""
        for line in lines:
            sequence, standing = latest.get(line.visitor.id, (0, None))
            if sequence > line.has_sequence:
                self._tell(line, "news", {"sequence": sequence})
            if standing is not None and line.told is not None and standing != line.told:
                self._tell(line, "chat", {})

    def _tell(self, line: VisitorLine, event: str, told: dict[str, Any]) -> None:
        self.server.emit(event, told, room=line.sid, namespace=VISITORS, ignore_queue=True)
