"""A question in SQL over an export of facts, answered in a child process of its own.

DuckDB sees the files of the tables and nothing else: no other file, no address, no extension, no setting.
The child has limits on memory and time, and is killed when it overruns. Run as
`python -m desk.store.insights.facts.query FOLDER ROWS SECONDS` it is the child: SQL comes in, JSON goes out.
"""

from __future__ import annotations

import math
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import orjson

from desk.model.errors import Invalid, Unavailable
from desk.store.fenced import bare_environment, limit_child, refuse_the_world
from desk.store.insights.facts import TABLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SECONDS = 20.0
MEMORY_BYTES = 1536 * 1024 * 1024
"""Address space, of which an idle interpreter with DuckDB takes half."""
ENGINE_MEMORY = "256MB"
ANSWER_BYTES = 16 * 1024 * 1024
CELL_CHARACTERS = 10_000
_START_SECONDS = 10.0
_LOOK_SECONDS = 0.5
_AT_ONCE = 500
_EXACT = 2**53
"""A whole number beyond it loses digits in a JSON reader, and goes as text."""

_TABLES_ALONE = (
    "A query reads the tables of facts alone: no files, no addresses, no extensions, no settings."
    " GET /api/v1/facts/tables lists them."
)
_ONE_SELECT = "Write one statement that begins with SELECT, WITH or FROM; nothing can be changed here."
_TOO_LARGE = "The query takes more memory than it may. Group or filter more, or select fewer columns."


@dataclass(frozen=True, slots=True)
class Answer:
    """`columns` are (name, DuckDB's type); `more` where rows were left off.

    Cells are JSON's: decimals and numbers beyond 2^53 as text, days and moments in ISO 8601, NULL as None.
    """

    columns: tuple[tuple[str, str], ...]
    rows: list[list[Any]]
    more: bool


class GivenUp(Unavailable):
    """Whoever asked has left."""


def ask(
    folder: Path,
    sql: str,
    *,
    rows: int,
    seconds: float = SECONDS,
    is_given_up: Callable[[], bool] = lambda: False,
) -> Answer:
    """What the tables in `folder` answer, at most so many rows.

    Raises Invalid in words, for `sql`; GivenUp once `is_given_up`, which is looked at twice a second.
    """
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", __name__, str(folder.absolute()), str(rows), str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # The engine would tell where the operator is at home.
        env=bare_environment() | {"HOME": "/"},
    ) as child:
        try:
            told = _told(child, sql, seconds, is_given_up)
        finally:
            child.kill()
    if child.returncode == -signal.SIGXCPU:
        raise Invalid(_too_long(seconds), "sql")
    if child.returncode != 0:
        raise Invalid(_TOO_LARGE, "sql")
    answer = orjson.loads(told)
    if "problem" in answer:
        raise Invalid(answer["problem"], "sql")
    return Answer(tuple((name, kind) for name, kind in answer["columns"]), answer["rows"], answer["more"])


def _told(child: subprocess.Popen[bytes], sql: str, seconds: float, is_given_up: Callable[[], bool]) -> bytes:
    asked: bytes | None = sql.encode("utf-8", "replace")
    ends = monotonic() + seconds + _START_SECONDS
    while True:
        try:
            return child.communicate(asked, timeout=_LOOK_SECONDS)[0]
        except subprocess.TimeoutExpired:
            asked = None
        if monotonic() > ends:
            raise Invalid(_too_long(seconds), "sql")
        if is_given_up():
            raise GivenUp("Nobody waits for the answer any more.")


def _too_long(seconds: float) -> str:
    return f"The query took longer than {seconds:.0f} seconds. Filter by a shorter period, or join less."


def main() -> None:
    """The child: everything is loaded, then the doors are shut, then the question is looked at."""
    folder, rows, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    sql = sys.stdin.buffer.read().decode()
    limit_child(MEMORY_BYTES)
    # Whoever works on cases comes first.
    os.nice(10)
    import duckdb

    engine = _engine(folder)
    sys.addaudithook(refuse_the_world)
    spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    # The kernel's clock, for a native loop hears nothing of ours.
    ends = math.ceil(spent + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (ends, ends + 1))
    try:
        answer = _answered(engine, sql, rows)
    except (MemoryError, duckdb.OutOfMemoryException):
        answer = {"problem": _TOO_LARGE}
    except duckdb.PermissionException:
        answer = {"problem": _TABLES_ALONE}
    except duckdb.Error as error:
        answer = {"problem": f"{error}"[:800]}
    except RecursionError:
        answer = {"problem": "The query is nested too deeply."}
    sys.stdout.buffer.write(orjson.dumps(answer))


def _engine(folder: Path) -> DuckDBPyConnection:
    """With a view for each table whose file is there, and locked."""
    import duckdb

    os.chdir(folder)
    engine = duckdb.connect(
        config={
            "memory_limit": ENGINE_MEMORY,
            "threads": 1,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            # Else a name that is no table is looked for among the variables of this process.
            "python_enable_replacements": False,
        }
    )
    engine.execute("SET TimeZone = 'UTC'")
    files = {one.name: f"{one.name}.parquet" for one in TABLES if Path(f"{one.name}.parquet").is_file()}
    listed = ", ".join(f"'{file}'" for file in files.values())
    engine.execute(f"SET allowed_paths = [{listed}]")
    for name, file in files.items():
        engine.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{file}')")  # noqa: S608 - constants
    engine.execute("SET enable_external_access = false")
    engine.execute("SET lock_configuration = true")
    return engine


def _answered(engine: DuckDBPyConnection, sql: str, most: int) -> dict[str, Any]:
    import duckdb

    statements = engine.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        return {"problem": _ONE_SELECT}
    engine.execute(statements[0])
    columns = _named(engine.description or [])
    rows: list[list[Any]] = []
    size = 0
    while found := engine.fetchmany(min(_AT_ONCE, most + 1 - len(rows))):
        for row in found:
            cells = [_cell(value) for value in row]
            size += sum(len(one) if isinstance(one, str) else 8 for one in cells)
            if len(rows) == most or size > ANSWER_BYTES:
                return {"columns": columns, "rows": rows, "more": True}
            rows.append(cells)
    return {"columns": columns, "rows": rows, "more": False}


def _named(description: list[Any]) -> list[tuple[str, str]]:
    """Columns of one name are told apart by a number, as a table on paper would."""
    seen: dict[str, int] = {}
    columns = []
    for name, kind, *_ in description:
        seen[name] = seen.get(name, 0) + 1
        columns.append((name if seen[name] == 1 else f"{name} ({seen[name]})", str(kind).strip('"')))
    return columns


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return value[:CELL_CHARACTERS].hex()
    return str(value)[:CELL_CHARACTERS]


if __name__ == "__main__":
    main()
