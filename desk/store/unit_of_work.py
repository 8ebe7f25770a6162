"""The unit of work: the one place that commits, and what an action holds while it works."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from desk.model.errors import Forbidden
from desk.model.events import CaseEvent, Event
from desk.model.permission import Actor, Permission
from desk.store.engine import engine_for_searches
from desk.store.files import FileStore


@dataclass
class Work:
    """One deed in progress: its session, who does it, its one moment, and what it says happened."""

    session: Session
    actor: Actor
    now: datetime
    files: FileStore
    address: str = ""
    events: list[Event] = field(default_factory=list)

    def record(self, event: Event) -> None:
        """What happened is told after the commit, or never."""
        self.events.append(event)

    def require(self, permission: Permission) -> None:
        """Raises Forbidden unless the actor may do it."""
        if not self.actor.may(permission):
            raise Forbidden(f"You may not do this: it takes the right “{permission.replace('_', ' ')}”.")


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
        with Session(self.engine, expire_on_commit=False) as session:
            work = Work(session, actor, now or datetime.now(UTC), self.files, address)
            yield work
            _write_journal(work)
            session.commit()
        if work.events:
            self.nudge()

    @contextmanager
    def asking(self, actor: Actor, *, now: datetime | None = None) -> Iterator[Work]:
        """For pages of one or a few SELECTs, each a transaction of its own: two round trips fewer than
        `reading`, which is for everything else. What the block adds to the session is never written.
        """
        with Session(self.single, autoflush=False, expire_on_commit=False) as session:
            yield Work(session, actor, now or datetime.now(UTC), self.files)

    @contextmanager
    def searching(self, actor: Actor, *, now: datetime | None = None) -> Iterator[Work]:
        """As `asking`, for what may take long: a statement that takes longer than a person waits is ended."""
        with Session(self.searches, autoflush=False, expire_on_commit=False) as session:
            yield Work(session, actor, now or datetime.now(UTC), self.files)

    @contextmanager
    def at_once(self, actor: Actor, *, now: datetime | None = None) -> Iterator[Work]:
        """For one plain statement that is a deed of its own, and committed as it ends: two round trips
        fewer than `unit_of_work`. What the block adds to the session or records is never written.
        """
        with self.asking(actor, now=now) as work:
            yield work

    @contextmanager
    def reading(self, actor: Actor, *, now: datetime | None = None) -> Iterator[Work]:
        """For questions only: whatever the block changes is never written."""
        with Session(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options={"postgresql_readonly": True})
            yield Work(session, actor, now or datetime.now(UTC), self.files)
            # Not a rollback: at every rollback psycopg forgets the statements that it has prepared, and
            # the database would plan each question anew.
            session.expunge_all()
            session.commit()


_WRITE_JOURNAL = text(
    """
    INSERT INTO journal (kind, payload, occurred_at, actor, case_id, attempts)
    SELECT kind, payload, :now, :actor, case_id, 0
    FROM jsonb_to_recordset(CAST(:entries AS jsonb)) AS one(kind text, payload jsonb, case_id bigint)
    """
)


def _write_journal(work: Work) -> None:
    """The entries are written last, so that the window between number and commit stays short."""
    work.session.flush()
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
    work.session.connection().execute(_WRITE_JOURNAL, said)
