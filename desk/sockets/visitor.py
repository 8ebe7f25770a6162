"""The namespace /visitor: the line to the page of somebody who chats with us.

A visitor is who holds the token; cookies play no part. Every event asks anew whether they may be
here, and reaches their own chat alone: no event takes the number of a conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError, field_validator
from socketio import Namespace
from socketio.exceptions import ConnectionRefusedError
from sqlalchemy import Engine, Row
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from desk.actions.chat import visiting
from desk.actions.chat.identify import identify
from desk.actions.chat.line import line_shown
from desk.actions.chat.shown import chat_shown, said_shown
from desk.actions.messages.file_links import FileLinks
from desk.actions.messages.shown import moment
from desk.model.change import AGENTS, VISITORS, room_of_visitor
from desk.model.chat import LONGEST_TEXT, ChatState
from desk.model.errors import NotFound
from desk.model.permission import system
from desk.sockets.edge import Said, answered, is_handshake, read
from desk.sockets.reception import Reception
from desk.sockets.together import Together
from desk.sockets.visitor_lines import VisitorLine, VisitorLines
from desk.store.chat.chats import (
    PAGE,
    KnownVisitor,
    current_chat,
    seen_after,
    seen_one,
    standing_of,
    visitor_by_token,
)
from desk.store.failpoints import failpoint
from desk.store.people.sessions import hash_of
from desk.store.people.viewers import Viewers
from desk.store.unit_of_work import Store, Work
from desk.store.vault import Vault

VISITOR = system("visitor")
MOST_COMMENT = 1000
LINGER_SECONDS = 1.0
WORDS_AT_ONCE = 64
"""So many words of different chats are committed together at most."""

_Count = Annotated[int, Field(ge=0, lt=2**63, strict=True)]
_Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class _Words(Said):
    """Whatever is said is kept: no text may hold what the database cannot."""

    @field_validator("*", mode="after")
    @classmethod
    def _can_be_kept(cls, value: Any) -> Any:
        for text in value.values() if isinstance(value, dict) else [value]:
            if isinstance(text, str) and ("\0" in text or any("\ud800" <= one <= "\udfff" for one in text)):
                raise ValueError("a text holds a character that cannot be kept")
        return value


class Entering(Said):
    """What a page shows when it connects."""

    site: _Token
    token: _Token
    after: _Count = 0
    conversation: Any = None


class Since(Said):
    after: _Count = 0


class Saying(_Words):
    client_id: _Token
    # More than is taken, so that a text that is too long is refused in words of ours.
    text: Annotated[str, StringConstraints(max_length=4 * LONGEST_TEXT)] = ""
    files: list[_Token] = Field(default=[], max_length=50)
    fields: dict[Annotated[str, StringConstraints(pattern="^(name|email|topic)$")], str] = Field(default={})
    page: Annotated[str, StringConstraints(max_length=2000)] | None = None
    reader: Annotated[str, StringConstraints(max_length=64)] = ""


class Reading(Said):
    sequence: _Count


class Scoring(_Words):
    score: Annotated[int, Field(ge=1, le=5, strict=True)]
    comment: Annotated[str, StringConstraints(max_length=MOST_COMMENT)] = ""


class Addressing(_Words):
    address: Annotated[str, StringConstraints(max_length=320)]


class Identifying(Said):
    token: Annotated[str, StringConstraints(max_length=8192)]


class Nothing(Said):
    pass


class VisitorNamespace(Namespace):  # type: ignore[misc]  # python-socketio carries no types
    """Connects a page by the token it shows, and takes what its visitor does."""

    def __init__(
        self, store: Store, lines: VisitorLines, links: FileLinks, vault: Vault, viewers: Viewers
    ) -> None:
        super().__init__(VISITORS)
        self._store = store
        self._engine: Engine = store.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._lines = lines
        self._links = links
        self._vault = vault
        self._viewers = viewers
        self._reception = Reception()
        self._together = Together(
            self._go_on_together, key=lambda going: going.conversation_id, most=WORDS_AT_ONCE
        )
        self._events: dict[str, tuple[type[Said], Callable[[VisitorLine, Any], dict[str, Any]]]] = {
            "hello": (Since, self.hello),
            "since": (Since, self.hello),
            "say": (Saying, self.say),
            "typing": (Nothing, self.typing),
            "read": (Reading, self.read),
            "end": (Nothing, self.end),
            "score": (Scoring, self.score),
            "email": (Addressing, self.leave_address),
            "identify": (Identifying, self.identify),
        }

    def trigger_event(self, event: str, *args: Any) -> Any:
        """Events are answered at one edge; the library's own two come first."""
        if event == "connect" and is_handshake(self.server, VISITORS, *args):
            return self.connect(*args)
        if event == "disconnect" and not self.server.manager.is_connected(args[0], VISITORS):
            self._lines.drop(args[0])
            return None
        return answered(event, lambda: self._take(event, args[0], args[1:]))

    def connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        """Let the holder of a good token in. Raises ConnectionRefusedError with a sentence."""
        transport = self.server.manager.eio_sid_from_sid(sid, VISITORS)
        address = str(environ.get("REMOTE_ADDR") or "")
        try:
            visitor = self._visitor(address, auth)
            if not self._lines.add(VisitorLine(sid, transport, address, visitor)):
                raise ConnectionRefusedError("Too many chats are open from your address. Close one first.")
        except ConnectionRefusedError:
            # Who was refused keeps no transport open for nothing.
            self.server.start_background_task(self._let_go, transport)
            raise
        # First the room, then the reading: what is said in between is heard twice and never missed.
        self.enter_room(sid, room_of_visitor(visitor.id))

    def hello(self, line: VisitorLine, said: Since) -> dict[str, Any]:
        """Where the chat stands, and what was said after a sequence, a page at a time."""
        with self._store.asking(VISITOR) as w:
            row = current_chat(w.session, line.visitor)
            said_since, more = seen_after(w.session, line.visitor.id, said.after, PAGE)
            waits = self._waits(w, line, row)
        if row.state == ChatState.LEFT:
            row, waits = self._come_back(line, row)
        self._note(line, row)
        line.has_sequence = said_since[-1].sequence if said_since else said.after
        return {
            "chat": chat_shown(row, waits),
            "messages": [said_shown(one, line.visitor, self._links) for one in said_since],
            "more": more,
            "sequence": row.last_sequence or 0,
        }

    def say(self, line: VisitorLine, said: Saying) -> dict[str, Any]:
        """Words of the visitor; answered when they are ours for good."""
        line.take_word()
        words = visiting.Said(
            said.client_id, said.text, tuple(said.files), said.fields, said.page, said.reader
        )
        visiting.check_said(words)
        answer = self._go_on(line, words) or self._speak(line, words)
        failpoint("after_word_commit")
        if answer["message"]["sequence"] == line.has_sequence + 1:
            line.has_sequence += 1
        return answer

    def typing(self, line: VisitorLine, _said: Nothing) -> dict[str, Any]:
        """A hint for the agent; nobody keeps it."""
        if line.case_id is not None and line.types_now():
            self._viewers.note_visitor(line.case_id)
            self._hint(line, {"case_id": line.case_id, "typing": True})
        return {}

    def read(self, line: VisitorLine, said: Reading) -> dict[str, Any]:
        """The visitor has read so far."""
        conversation_id = self._conversation(line)
        with self._store.unit_of_work(VISITOR) as w:
            read_to = visiting.read_to(w, line.visitor.id, conversation_id, said.sequence)
        self._hint(line, {"case_id": line.case_id, "read": read_to})
        return {"read": read_to}

    def end(self, line: VisitorLine, _said: Nothing) -> dict[str, Any]:
        """The visitor has what they came for."""
        conversation_id = self._conversation(line)
        with self._store.unit_of_work(VISITOR) as w:
            visiting.end(w, line.visitor.id, conversation_id)
        return self._state(line)

    def score(self, line: VisitorLine, said: Scoring) -> dict[str, Any]:
        """How it went."""
        conversation_id = self._conversation(line)
        with self._store.unit_of_work(VISITOR) as w:
            visiting.score(w, line.visitor.id, conversation_id, said.score, said.comment)
        return self._state(line)

    def leave_address(self, line: VisitorLine, said: Addressing) -> dict[str, Any]:
        """Where the chat may go on by mail."""
        self._known(line)
        with self._store.unit_of_work(VISITOR) as w:
            email = visiting.leave_address(w, line.visitor, line.conversation_id, said.address)
        return {"email": email, **self._state(line)}

    def identify(self, line: VisitorLine, said: Identifying) -> dict[str, Any]:
        """The shop says who it is. The page holds the new token from now on, and says hello again."""
        line.take_word()
        with self._store.unit_of_work(VISITOR) as w:
            token, visitor = identify(w, line.visitor, said.token, self._vault)
        if visitor.id != line.visitor.id:
            self.leave_room(line.sid, room_of_visitor(line.visitor.id))
            self.enter_room(line.sid, room_of_visitor(visitor.id))
            line.conversation_id = line.case_id = line.assignee_id = None
        line.visitor = visitor
        return {"token": token, **self._state(line)}

    def _take(self, event: str, sid: str, args: tuple[Any, ...]) -> dict[str, Any]:
        line = self._lines.get(sid)
        if line is None:
            raise NotFound("This chat is not open to you any more. Reload the page.")
        if event not in self._events:
            raise NotFound("There is no such event.")
        shape, deed = self._events[event]
        return deed(line, read(shape, args))

    def _visitor(self, address: str, auth: Any) -> KnownVisitor:
        if not self._lines.has_room(address):
            raise ConnectionRefusedError("Too many chats are open from your address. Close one first.")
        try:
            entering = Entering.model_validate(auth or {})
        except ValidationError:
            raise ConnectionRefusedError("This page does not say whose chat it is. Reload it.") from None
        try:
            with self._engine.connect() as connection:
                found = visitor_by_token(connection, entering.site, hash_of(entering.token))
        except SQLAlchemyError:
            raise ConnectionRefusedError("The desk cannot reach its database just now.") from None
        if found is None:
            raise ConnectionRefusedError("This chat is not open to you any more.")
        return found

    def _go_on(self, line: VisitorLine, words: visiting.Said) -> dict[str, Any] | None:
        """The short way, of a further word in a chat in progress; None where it is anything else."""
        if line.conversation_id is None or words.fields:
            return None
        going = visiting.Going(line.visitor, line.conversation_id, words)
        try:
            if words.files:
                with self._store.unit_of_work(VISITOR) as w:
                    (gone,) = visiting.go_on(w, [going])
                    shown = gone and self._read_back(w.session, line, gone.heard)
            else:
                gone = self._together.take(going)
                shown = gone and self._shown(words, gone)
        except IntegrityError:
            return None
        if gone is None:
            return None
        self._note(line, gone.row)
        waits = gone.row.state == ChatState.WAITING
        return {"message": shown, **(self._state(line) if waits else {"chat": chat_shown(gone.row)})}

    def _go_on_together(self, saying: Sequence[visiting.Going]) -> list[visiting.Gone | None]:
        with self._store.unit_of_work(VISITOR) as w:
            return visiting.go_on(w, saying)

    def _speak(self, line: VisitorLine, words: visiting.Said) -> dict[str, Any]:
        """Through the door. The constraints decide between two that came at once; the second looks again."""
        try:
            return self._spoken(line, words)
        except IntegrityError:
            return self._spoken(line, words)

    def _spoken(self, line: VisitorLine, words: visiting.Said) -> dict[str, Any]:
        with self._store.unit_of_work(VISITOR) as w:
            heard = visiting.speak(w, line.visitor, words)
            w.session.flush()
            shown = self._read_back(w.session, line, heard)
            row = current_chat(w.session, line.visitor)
            waits = self._waits(w, line, row)
        self._note(line, row)
        again = {"again": True} if heard.again else {}
        return {"message": shown, "chat": chat_shown(row, waits), **again}

    def _shown(self, words: visiting.Said, gone: visiting.Gone) -> dict[str, Any]:
        return {
            "sequence": gone.heard.sequence,
            "client_id": words.client_id,
            "from": "you",
            "name": gone.row.name,
            "text": words.text,
            "at": moment(gone.at),
            "files": [],
            "article": None,
        }

    def _read_back(self, session: Any, line: VisitorLine, heard: visiting.Heard) -> dict[str, Any]:
        return said_shown(seen_one(session, line.visitor.id, heard.message_id), line.visitor, self._links)

    def _state(self, line: VisitorLine) -> dict[str, Any]:
        with self._store.asking(VISITOR) as w:
            row = current_chat(w.session, line.visitor)
            waits = self._waits(w, line, row)
        self._note(line, row)
        return {"chat": chat_shown(row, waits)}

    def _conversation(self, line: VisitorLine) -> int:
        """The number of the visitor's chat. Raises NotFound where there is none yet."""
        if self._known(line).conversation_id is None:
            raise NotFound("Nothing was said yet.")
        return line.conversation_id or 0

    def _known(self, line: VisitorLine) -> Row[Any]:
        """The chat as it is now, for a visitor who may still be here. Raises NotFound."""
        with self._store.asking(VISITOR) as w:
            row = current_chat(w.session, line.visitor)
        self._place(line, row)
        return row

    def _come_back(self, line: VisitorLine, row: Row[Any]) -> tuple[Row[Any], dict[str, Any]]:
        with self._store.unit_of_work(VISITOR) as w:
            visiting.come_back(w, line.visitor.id, row.conversation_id)
            w.session.flush()
            row = current_chat(w.session, line.visitor)
            return row, self._waits(w, line, row)

    def _waits(self, work: Work, line: VisitorLine, row: Row[Any]) -> dict[str, Any]:
        """What a visitor who waits is told of the line."""
        if row.state != ChatState.WAITING:
            return {}
        attended = self._reception.attends(work, line.visitor.channel_id, row.queue_id)
        return line_shown(work, row, attended=attended)

    def _note(self, line: VisitorLine, row: Row[Any]) -> None:
        """The page is told of this row."""
        self._place(line, row)
        line.told, line.told_read = standing_of(row), row.agent_read or 0

    def _place(self, line: VisitorLine, row: Row[Any]) -> None:
        line.conversation_id, line.case_id = row.conversation_id, row.case_id
        line.assignee_id = row.assignee_id

    def _hint(self, line: VisitorLine, told: dict[str, Any]) -> None:
        """To whoever looks at the case, and who has it."""
        rooms = [f"case:{line.case_id}"] + ([f"agent:{line.assignee_id}"] if line.assignee_id else [])
        self.server.emit("visitor", told, room=rooms, namespace=AGENTS)

    def _let_go(self, transport: str) -> None:
        """The refusal is on its way: then the line may go."""
        self.server.sleep(LINGER_SECONDS)
        if transport in self.server.environ:
            self.server.eio.disconnect(transport)
