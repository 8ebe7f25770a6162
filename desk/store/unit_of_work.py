"""The unit of work: the one place that commits, and what an action holds while it works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from desk.model.errors import Forbidden
from desk.model.events import CaseEvent, Event
from desk.model.permission import Actor, Permission
from desk.model.transit import JournalEntry
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
    def reading(self, actor: Actor, *, now: datetime | None = None) -> Iterator[Work]:
        """For questions only: whatever the block changes is rolled back."""
        with Session(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options={"postgresql_readonly": True})
            yield Work(session, actor, now or datetime.now(UTC), self.files)


def _write_journal(work: Work) -> None:
    """The entries are written last, so that the window between number and commit stays short."""
    work.session.flush()
    work.session.add_all(
        JournalEntry(
            kind=event.kind,
            payload=event.payload(),
            occurred_at=work.now,
            actor=work.actor.key,
            case_id=event.case_id if isinstance(event, CaseEvent) else None,
        )
        for event in work.events
    )
