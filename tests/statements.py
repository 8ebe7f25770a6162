"""How many statements a deed asks of the database: what a budget in a test counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine, event


@dataclass
class Statements:
    """What was asked of the database, in order."""

    seen: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.seen)


@contextmanager
def statements(engine: Engine) -> Iterator[Statements]:
    """Count what a deed asks of the database, for the budgets that a test asserts."""
    counted = Statements()

    def note(_connection, _cursor, statement, *_rest) -> None:  # type: ignore[no-untyped-def] # SQLAlchemy's hook
        counted.seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield counted
    finally:
        event.remove(engine, "before_cursor_execute", note)
