"""The watch over open lines: rights are looked at every second, and presence is kept fresh."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from desk.actions.routing.presence import seen
from desk.model.permission import system
from desk.sockets.desk import DeskNamespace
from desk.sockets.lines import Line, Lines
from desk.sockets.rounds import LONG_AGO, go_round_until
from desk.store.people.sessions import rights_now
from desk.store.people.viewers import Viewers
from desk.store.push import NAMESPACE
from desk.store.sight import seen_among
from desk.store.unit_of_work import Store

BEAT_SECONDS = 1.0
PRESENCE_EVERY = timedelta(seconds=3)
SIGHT_EVERY = timedelta(seconds=10)
SEEN_EVERY = timedelta(seconds=30)
_WATCH = system("watch")
_ENDED = "You have been signed out. Sign in again to go on."


@dataclass
class Watch:
    """One a process. It needs no message of anybody: what it reads is what is true."""

    server: Any  # python-socketio carries no types
    namespace: DeskNamespace
    store: Store
    viewers: Viewers
    lines: Lines
    idle: timedelta
    stopped: threading.Event = field(default_factory=threading.Event)
    _told: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    _presence_at: datetime = LONG_AGO
    _seen_at: datetime = LONG_AGO

    def run(self) -> None:
        """Go round until stopped."""
        go_round_until(
            self.stopped, lambda: [self.go_round], watch="desk", server=self.server, seconds=BEAT_SECONDS
        )

    def go_round(self, now: datetime) -> None:
        """One round at `now`."""
        lines = self.lines.all()
        if not lines:
            return
        self._check_rights(lines, now)
        if now - self._presence_at >= PRESENCE_EVERY:
            self._presence_at = now
            self._keep_presence([line for line in lines if line.case_id is not None], now)
        if now - self._seen_at >= SEEN_EVERY:
            self._seen_at = now
            self._note_seen({line.caller.agent_id for line in lines}, now)

    def _check_rights(self, lines: list[Line], now: datetime) -> None:
        """Close every line whose session has ended, or whose rights are not those it was let in with."""
        ids = {line.caller.session_id for line in lines if line.caller.session_id is not None}
        with self.store.engine.connect() as connection:
            rights = rights_now(connection, sorted(ids), now=now, idle=self.idle)
        for line in lines:
            current = rights.get(line.caller.session_id or 0)
            if current is None:
                self.server.emit("sign_out", {"sentence": _ENDED}, room=line.sid, namespace=NAMESPACE)
                self.server.disconnect(line.sid, namespace=NAMESPACE)
            elif current != line.let_in_with:
                # Closing the transport, unlike a disconnect, makes the browser come back by itself.
                self.server.eio.disconnect(line.transport)

    def _keep_presence(self, lines: list[Line], now: datetime) -> None:
        for line in lines:
            if line.checked_at is None or now - line.checked_at >= SIGHT_EVERY:
                self._check_sight(line, now)
        for line in lines:
            if line.case_id is not None:
                name, agent_id = line.caller.name, line.caller.agent_id
                self.viewers.note(line.case_id, agent_id, name, now=now, typed_at=line.typed_at)
        cases = {line.case_id for line in lines if line.case_id is not None}
        told = {}
        for case_id in cases:
            told[case_id] = self.viewers.people(case_id, now)
            if told[case_id] != self._told.get(case_id):
                seen = {"case_id": case_id, "people": told[case_id]}
                room = f"case:{case_id}"
                self.server.emit("presence", seen, room=room, namespace=NAMESPACE, ignore_queue=True)
        self._told = told

    def _check_sight(self, line: Line, now: datetime) -> None:
        line.checked_at = now
        with self.store.reading(line.caller.actor) as w:
            seen = seen_among(w.session, w.actor, {line.case_id or 0})
        if not seen:
            self.namespace.look_away(line)

    def _note_seen(self, agent_ids: set[int], now: datetime) -> None:
        """The last sign of an agent's browser, by which routing knows who has gone without a word."""
        with self.store.unit_of_work(_WATCH, now=now) as w:
            for agent_id in sorted(agent_ids):
                seen(w, agent_id)
