"""The line of a unit of work: the statements that every message takes, several in one round trip.

Each way to the database and back costs more than most statements do. What is written here waits, and
goes with the next question or with the commit; a statement of the session sends it ahead, so the
order is always the order of the code. Past SQLAlchemy, because putting a result together costs as
much again; its errors are raised all the same.
"""

from __future__ import annotations

import logging
import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Any, NoReturn

import psycopg
from psycopg import adapt
from psycopg.abc import Transformer
from psycopg.errors import UniqueViolation
from psycopg.pq.abc import PGresult
from sqlalchemy import Connection, Engine, Select, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError

from desk.model.errors import Conflict
from desk.store.one_trip import Sent, one_trip, refusal
from desk.store.refusals import say_less

log = logging.getLogger(__name__)

Values = Mapping[str, Any]
_NOTHING: Values = {}
_WAITING = "desk_line"
_NAME = re.compile(r"(?<![:\w]):([a-z]\w*)")
_NAMED = PGDialect_psycopg(paramstyle="named")  # type: ignore[no-untyped-call]  # SQLAlchemy annotates no dialect


class Statement:
    """SQL with `:name` for each value, put into PostgreSQL's own form once; `held` are values that never
    change, and need not be given.
    """

    def __init__(self, words: str, held: Values = _NOTHING) -> None:
        places: dict[str, int] = {}
        numbered = _NAME.sub(lambda found: f"${places.setdefault(found[1], len(places) + 1)}", words)
        self.words = numbered.encode()
        self.names = tuple(places)
        self.held = held
        self._row_of: Callable[[Sequence[Any]], Any] | None = None

    @classmethod
    def of(cls, question: Select[*tuple[Any, ...]]) -> Statement:
        """What SQLAlchemy would ask, without what it does around each question: for a large one, and one
        that is asked all day. Every `bindparam` in it is a name to be given; lists are arrays in it, as
        the words of an `IN` depend on how many there are.
        """
        written = question.compile(dialect=_NAMED)
        return cls(str(written), {name: value for name, value in written.params.items() if value is not None})

    def __str__(self) -> str:
        return self.words.decode()

    def row_of(self, result: PGresult) -> Callable[[Sequence[Any]], Any]:
        """What makes a row with named fields of its values; of one statement all answers have the same."""
        if self._row_of is None:
            names = [(result.fname(column) or b"").decode() for column in range(result.nfields)]
            row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # what the database calls them
            self._row_of = row._make
        return self._row_of


@dataclass(slots=True, eq=False)
class Answer:
    """What the database says to one statement, as soon as it was sent."""

    line: Line
    statement: Statement
    values: Values
    must_touch: int | None = None
    otherwise: str = ""
    binary: bool = False
    result: PGresult | None = None

    @property
    def rows(self) -> Sequence[Any]:
        """The rows, with named fields; looking for them sends all that waits."""
        if self.result is None:
            self.line.send()
        assert self.result is not None
        transformer = self.line.transformer
        transformer.set_pgresult(self.result)
        return transformer.load_rows(0, self.result.ntuples, self.statement.row_of(self.result))

    def check(self) -> None:
        """Raises Conflict where it had to touch so many rows and has not."""
        assert self.result is not None
        if self.must_touch is not None and self.result.command_tuples != self.must_touch:
            raise Conflict(self.otherwise)


_HOLD = Statement("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7))")


class Line:
    """Statements in the one transaction of a connection, in the order in which they are written.

    Whatever the database refuses is raised when it is sent, as an error of SQLAlchemy.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[Answer] = []
        self._known: dict[Statement, Sequence[Any]] = {}
        self._foreseen: dict[Statement, Answer] = {}
        self._held: set[str] = set()

    def write(
        self,
        statement: Statement,
        values: Values = _NOTHING,
        *,
        rows: int | None = None,
        otherwise: str = "",
        binary: bool = False,
    ) -> Answer:
        """Have it done with the next question, or with the commit.

        Where it must touch so many `rows` and does not, or what it adds is there already, Conflict is raised
        then, in the words of `otherwise`. `binary` spares long bytes in the answer their way through text.
        """
        written = Answer(self, statement, values, rows, otherwise, binary)
        self._connection.info[_WAITING] = self
        self._waiting.append(written)
        return written

    def ask(self, statement: Statement, values: Values, *, binary: bool = False) -> Sequence[Any]:
        """The rows of the answer, with named fields."""
        return self.write(statement, values, binary=binary).rows

    def foresee(self, statement: Statement) -> None:
        """Ask with the next question what `ask_once` will want to know."""
        if statement not in self._known and statement not in self._foreseen:
            self._foreseen[statement] = self.write(statement)

    def ask_once(self, statement: Statement) -> Sequence[Any]:
        """As `ask`; the same answer however often it is asked in this unit of work."""
        if statement not in self._known:
            self.foresee(statement)
            self._known[statement] = self._foreseen.pop(statement).rows
        return self._known[statement]

    def hold(self, name: str) -> None:
        """Until the commit, nobody else holds the same name; what is written next sees all they have done."""
        if name not in self._held:
            self._held.add(name)
            self.write(_HOLD, {"name": name})

    def send(self) -> None:
        """Have done now what waits."""
        if self._waiting:
            self._send(commit=False)

    def end_with(self, commit: Callable[[], None]) -> None:
        """Commit, in the same round trip as what waits, unless that has to be looked at before."""
        if any(one.must_touch is not None for one in self._waiting):
            self.send()
        if self._waiting:
            # As a statement like the others: psycopg's own way waits for its answer alone.
            self._send(commit=True)
        # Where nothing is left for it to ask of the database, a session has to know.
        with self._as_sqlalchemy():
            commit()

    def _send(self, *, commit: bool) -> None:
        self._connection.info.pop(_WAITING, None)
        asked, self._waiting = self._waiting, []
        with self._as_sqlalchemy():
            answers = one_trip(self._driver, [self._sent(one) for one in asked], commit=commit)
            if refusal(answers[-1]):
                _raise_refusal(asked, answers)
        for one, answer in zip(asked, answers, strict=False):
            one.result = answer
            one.check()

    def _sent(self, asked: Answer) -> Sent:
        # Its words, never its values: they hold what customers say.
        log.debug("%s", asked.statement)
        statement = asked.statement
        given = {**statement.held, **asked.values} if statement.held else asked.values
        values = [given[name] for name in statement.names]
        return Sent.of(statement.words, values, self.transformer, binary=asked.binary)

    @cached_property
    def transformer(self) -> Transformer:
        """Writes values and reads answers as the connection does."""
        return adapt.Transformer(self._driver)

    @cached_property
    def _driver(self) -> psycopg.Connection[Any]:
        driver = self._connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        return driver

    @contextmanager
    def _as_sqlalchemy(self) -> Iterator[None]:
        """So that whoever catches errors of the database need not know who sent the statement."""
        try:
            yield
        except psycopg.Error as error:
            say_less(error)
            dialect = self._connection.dialect
            wrapped = DBAPIError.instance(
                None, None, error, psycopg.Error, hide_parameters=True, dialect=dialect
            )
            assert isinstance(wrapped, Exception)
            raise wrapped from error


def keep_in_order(engine: Engine) -> None:
    """Let every statement of a session send ahead what waits in its line."""
    event.listen(engine, "before_cursor_execute", _send_ahead)
    event.listen(engine, "checkin", _forget)


def _send_ahead(connection: Connection, *_: Any) -> None:
    waiting = connection.info.get(_WAITING)
    if waiting is not None:
        waiting.send()


def _forget(_connection: Any, record: Any) -> None:
    """What a unit of work had not sent when it was given up is never sent."""
    record.info.pop(_WAITING, None)


def _raise_refusal(asked: Sequence[Answer], answers: Sequence[PGresult]) -> NoReturn:
    """The first: those that follow it say nothing. The commit, which nobody asked, has the last answer."""
    error, one = next(
        (error, one) for one, answer in zip_longest(asked, answers) if (error := refusal(answer))
    )
    if one and one.otherwise and isinstance(error, UniqueViolation):
        raise Conflict(one.otherwise)
    raise error
