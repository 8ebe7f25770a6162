"""How many statements a deed asks of the database: what a budget in a test counts."""

from __future__ import annotations

import logging
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
    """Count what a deed asks of the database, by a session or a line, for the budgets that a test asserts."""
    counted = Statements()
    lines = logging.getLogger("desk.store.line")
    level = lines.level

    def note(_connection, _cursor, statement, *_rest) -> None:  # type: ignore[no-untyped-def] # SQLAlchemy's hook
        counted.seen.append(statement)

    heard = _Heard(counted)
    event.listen(engine, "before_cursor_execute", note)
    lines.addHandler(heard)
    lines.setLevel(logging.DEBUG)
    try:
        yield counted
    finally:
        lines.setLevel(level)
        lines.removeHandler(heard)
        event.remove(engine, "before_cursor_execute", note)


class _Heard(logging.Handler):
    """Notes the statements that lines speak of."""

    def __init__(self, counted: Statements) -> None:
        super().__init__(logging.DEBUG)
        self._counted = counted

    def emit(self, record: logging.LogRecord) -> None:
        self._counted.seen.append(record.getMessage())
