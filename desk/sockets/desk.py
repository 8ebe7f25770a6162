"""The namespace /desk: the line to an agent's browser. Every event is answered, also with what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field
from socketio import Namespace
from socketio.exceptions import ConnectionRefusedError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import parse_cookie

from desk.model.change import VISITORS, room_of_visitor, rooms_of
from desk.model.errors import Forbidden, NotFound, NotSignedIn
from desk.model.permission import Permission
from desk.sockets.edge import Said, answered, is_handshake, read
from desk.sockets.lines import Line, Lines
from desk.store.chat.chats import visitor_in
from desk.store.journal import last_position
from desk.store.people.sessions import Caller, caller_by_session, hash_of
from desk.store.people.viewers import Viewers
from desk.store.push import NAMESPACE
from desk.store.sight import seen_among
from desk.store.unit_of_work import Store

_CaseNumber = Annotated[int, Field(ge=1, lt=2**63, strict=True)]


class Viewing(Said):
    case_id: _CaseNumber | None


class Typing(Said):
    case_id: _CaseNumber
    kind: Literal["reply", "note"]


class Nothing(Said):
    pass


class DeskNamespace(Namespace):  # type: ignore[misc]  # python-socketio carries no types
    """Connects a browser by its session cookie, and takes its events with the rights of that moment."""

    def __init__(self, store: Store, viewers: Viewers, lines: Lines, *, cookie: str, idle: timedelta) -> None:
        super().__init__(NAMESPACE)
        self._store = store
        self._engine: Engine = store.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._viewers = viewers
        self._lines = lines
        self._cookie = cookie
        self._idle = idle
        self._events: dict[str, tuple[type[Said], Callable[[Line, Any], dict[str, Any]]]] = {
            "viewing": (Viewing, self.viewing),
            "typing": (Typing, self.typing),
            "position": (Nothing, self.position),
        }

    def trigger_event(self, event: str, *args: Any) -> Any:
        """The one edge of all events: what goes wrong is an answer, never silence."""
        if event == "connect" and is_handshake(self.server, NAMESPACE, *args):
            return self.connect(*args)
        if event == "disconnect" and not self.server.manager.is_connected(args[0], NAMESPACE):
            return self.disconnected(args[0])
        return answered(event, lambda: self._take(event, args[0], args[1:]))

    def connect(self, sid: str, environ: dict[str, Any], _auth: Any = None) -> None:
        """Let a signed-in browser in, and into the rooms of its rights. Raises ConnectionRefusedError."""
        secret = parse_cookie(environ.get("HTTP_COOKIE", "")).get(self._cookie, "")
        try:
            caller = self._caller(hash_of(secret))
        except SQLAlchemyError:
            raise ConnectionRefusedError("The desk cannot reach its database just now.") from None
        except NotSignedIn as error:
            raise ConnectionRefusedError(error.sentence) from None
        transport = self.server.manager.eio_sid_from_sid(sid, NAMESPACE)
        if not self._lines.add(Line(sid, transport, hash_of(secret), caller)):
            raise ConnectionRefusedError("You have too many pages open.")
        for room in rooms_of(caller.actor):
            self.enter_room(sid, room)

    def disconnected(self, sid: str) -> None:
        """The line is gone, and with it whoever looked through it."""
        line = self._lines.drop(sid)
        if line is not None:
            self.look_away(line)

    def viewing(self, line: Line, said: Viewing) -> dict[str, Any]:
        """The agent opened a case, or none. Raises NotFound for one they may not know of."""
        if said.case_id != line.case_id:
            self.look_away(line)
        if said.case_id is None:
            return {"people": []}
        self._check_sight(line, said.case_id)
        self.enter_room(line.sid, f"case:{said.case_id}")
        line.case_id = said.case_id
        return {"people": self.show(line)}

    def typing(self, line: Line, said: Typing) -> dict[str, Any]:
        """The agent is typing in the case they look at."""
        if not line.caller.actor.may(Permission.WORK_CASES):
            raise Forbidden("You may read cases, and not answer them.")
        if said.case_id != line.case_id:
            raise NotFound(f"You are not looking at case {said.case_id}.")
        self._check_sight(line, said.case_id)
        line.typed_at = datetime.now(UTC)
        if said.kind == "reply":
            self._tell_visitor(line, said.case_id)
        return {"people": self.show(line)}

    def position(self, line: Line, _said: Nothing) -> dict[str, Any]:
        """How far the journal has been told, so that a page knows whether it missed something."""
        with self._store.reading(line.caller.actor) as w:
            return {"position": last_position(w.session)}

    def show(self, line: Line) -> list[dict[str, Any]]:
        """Note that the agent is in the case, and tell everybody who looks at it."""
        now, case_id = datetime.now(UTC), line.case_id or 0
        caller = line.caller
        self._viewers.note(case_id, caller.agent_id, caller.name, now=now, typed_at=line.typed_at)
        return self.tell(case_id, now)

    def tell(self, case_id: int, now: datetime) -> list[dict[str, Any]]:
        """Tell all who look at the case who is there."""
        people = self._viewers.people(case_id, now)
        self.emit("presence", {"case_id": case_id, "people": people}, room=f"case:{case_id}")
        return people

    def _take(self, event: str, sid: str, args: tuple[Any, ...]) -> dict[str, Any]:
        line = self._lines.get(sid)
        if line is None:
            raise NotSignedIn("You are not signed in.")
        if event not in self._events:
            raise NotFound("There is no such event.")
        shape, deed = self._events[event]
        line.caller = self._caller(line.secret_hash)
        return deed(line, read(shape, args))

    def _caller(self, secret_hash: str) -> Caller:
        """Whoever holds the session, with the rights of now. Raises NotSignedIn."""
        with self._engine.connect() as connection:
            found = caller_by_session(connection, secret_hash, now=datetime.now(UTC), idle=self._idle)
        if found is None or found.pending:
            raise NotSignedIn("You are not signed in.")
        return found

    def _check_sight(self, line: Line, case_id: int) -> None:
        with self._store.reading(line.caller.actor) as w:
            w.require(Permission.READ_CASES)
            if not seen_among(w.session, w.actor, {case_id}):
                self.look_away(line)
                raise NotFound(f"There is no case {case_id}.")
        line.checked_at = datetime.now(UTC)

    def _tell_visitor(self, line: Line, case_id: int) -> None:
        """Whoever chats with us in this case sees that somebody is writing."""
        with self._store.reading(line.caller.actor) as w:
            visitor_id = visitor_in(w.session, case_id)
        if visitor_id is not None:
            room = room_of_visitor(visitor_id)
            self.server.emit("typing", {"name": line.caller.name}, room=room, namespace=VISITORS)

    def look_away(self, line: Line) -> None:
        """Take the line out of the case it looked at."""
        case_id = line.case_id
        if case_id is None:
            return
        if not self._lines.others_look(line):
            self._viewers.leave(case_id, line.caller.agent_id)
        line.case_id = line.typed_at = None
        self.leave_room(line.sid, f"case:{case_id}")
        self.tell(case_id, datetime.now(UTC))
