"""The unit of work: the one place that commits, and what an action holds while it works."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from desk.model.errors import Forbidden
from desk.model.events import CaseEvent, Event
from desk.model.permission import Actor, Permission
from desk.store.engine import engine_for_searches
from desk.store.files import FileStore
from desk.store.line import Line, Statement


@dataclass
class Work:
    """One deed in progress: who does it, its one moment, and what it says happened.

    `session` and `line` are two ways into the one transaction: the session for nouns and everything
    that is asked now and then, the line for the few statements that every message takes.
    """

    engine: Engine
    actor: Actor
    now: datetime
    files: FileStore
    address: str = ""
    events: list[Event] = field(default_factory=list)
    asks_only: bool = False

    @cached_property
    def connection(self) -> Connection:
        """Taken from the pool with the first question."""
        return self.engine.connect()

    @cached_property
    def session(self) -> Session:
        """What it adds is flushed with the next question, unless the work is for questions only."""
        return Session(self.connection, expire_on_commit=False, autoflush=not self.asks_only)

    @cached_property
    def line(self) -> Line:
        return Line(self.connection)

    def flush(self) -> None:
        """Have written what the session adds and changes, so that the line sees it."""
        if "session" in self.__dict__:
            self.session.flush()

    def has_loaded(self, noun: type[object], number: int) -> bool:
        """Whether the session holds this one: what it has not written yet, the line would not see."""
        session = self.__dict__.get("session")
        return session is not None and identity_key(noun, number) in session.identity_map

    def record(self, event: Event) -> None:
        """What happened is told after the commit, or never."""
        self.events.append(event)

    def require(self, permission: Permission) -> None:
        """Raises Forbidden unless the actor may do it."""
        if not self.actor.may(permission):
            raise Forbidden(f"You may not do this: it takes the right “{permission.replace('_', ' ')}”.")

    def close(self) -> None:
        """Give back the connection; what was not committed is undone."""
        if "session" in self.__dict__:
            self.session.close()
        if "connection" in self.__dict__:
            self.connection.close()


@dataclass(frozen=True)
class Store:
    """Where truth lives. Built once a process and handed down; `nudge` wakes the relay after a commit."""

    engine: Engine
    files: FileStore
    nudge: Callable[[], None]

    @cached_property
    def single(self) -> Engine:
        """The same pool, for a statement that is a transaction of its own: nothing is begun or ended."""
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @cached_property
    def searches(self) -> Engine:
        """Connections for searches alone, with a short time limit."""
        return engine_for_searches(self.engine)

    def close(self) -> None:
        """Let go of every connection."""
        self.searches.dispose()
        self.engine.dispose()

    @contextmanager
    def unit_of_work(self, actor: Actor, *, now: datetime | None = None, address: str = "") -> Iterator[Work]:
        """All of it, or nothing: commits when the block ends, rolls back when it raises.

        No network call belongs inside. The journal entries of `record` commit with the deed.
        """
        with self._begun(self.engine, actor, now, address) as work:
            yield work
            _commit(work)
        if any(event.is_awaited for event in work.events):
            self.nudge()

    @contextmanager
    def asking(self, actor: Actor, *, now: datetime | None = None) -> Iterator[Work]:
        """For pages of one or a few SELECTs, each a transaction of its own: two round trips fewer than
        `reading`, which is for everything else. What the block adds to the session is never written.
        """
        with self._begun(self.single, actor, now) as work:
            work.asks_only = True
            yield work

    @contextmanager
    def searching(self, actor: Actor, *, now: datetime | None = None) -> Iterator[Work]:
        """As `asking`, for what may take long: a statement that takes longer than a person waits is ended."""
        with self._begun(self.searches, actor, now) as work:
            work.asks_only = True
            yield work

    @contextmanager
    def at_once(self, actor: Actor, *, now: datetime | None = None) -> Iterator[Work]:
        """For one plain statement that is a deed of its own, and committed as it ends: two round trips
        fewer than `unit_of_work`. What the block adds to the session or records is never written.
        """
        with self._begun(self.single, actor, now) as work:
            yield work

    @contextmanager
    def reading(self, actor: Actor, *, now: datetime | None = None) -> Iterator[Work]:
        """For questions only: whatever the block changes is never written."""
        with self._begun(self.engine, actor, now) as work:
            work.connection.execution_options(postgresql_readonly=True)
            yield work
            # Not a rollback: at every rollback psycopg forgets the statements that it has prepared, and
            # the database would plan each question anew.
            work.session.expunge_all()
            work.session.commit()

    @contextmanager
    def _begun(self, engine: Engine, actor: Actor, now: datetime | None, address: str = "") -> Iterator[Work]:
        work = Work(engine, actor, now or datetime.now(UTC), self.files, address)
        try:
            yield work
        finally:
            work.close()


def _commit(work: Work) -> None:
    work.flush()
    _write_journal(work)
    if "session" in work.__dict__:
        work.line.end_with(work.session.commit)
    elif "connection" in work.__dict__:
        work.line.end_with(work.connection.connection.commit)


_WRITE_JOURNAL = Statement(
    """
    INSERT INTO journal (kind, payload, occurred_at, actor, case_id, attempts)
    SELECT kind, payload, :now, :actor, case_id, 0
    FROM jsonb_to_recordset(CAST(:entries AS jsonb)) AS one(kind text, payload jsonb, case_id bigint)
    """
)


def _write_journal(work: Work) -> None:
    """The entries are written last, so that the window between number and commit stays short."""
    if not work.events:
        return
    # One statement of the same words however many there are, so that it stays planned.
    entries = [
        {
            "kind": event.kind,
            "payload": event.payload(),
            "case_id": event.case_id if isinstance(event, CaseEvent) else None,
        }
        for event in work.events
    ]
    said = {"now": work.now, "actor": work.actor.key, "entries": json.dumps(entries)}
    work.line.write(_WRITE_JOURNAL, said)
