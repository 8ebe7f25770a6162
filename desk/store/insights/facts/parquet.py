"""Facts as Parquet files: streamed from the database, and put in their place whole or not at all.

PostgreSQL's COPY writes a table as CSV into a file beside the folder, DuckDB turns it into Parquet in row
groups; neither ever holds a table. All tables are read in one snapshot.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from desk.model.errors import Conflict, Invalid
from desk.store.insights.facts import TABLES
from desk.store.insights.facts.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MANIFEST = "manifest.json"
MEMORY = "128MB"
"""What DuckDB may use; what it cannot hold it writes beside the folder."""

Told = Callable[[str, int], None]


def write_facts(
    connection: Connection,
    folder: Path,
    *,
    zone: str,
    names: bool,
    about: Mapping[str, Any],
    told: Told = lambda table, rows: None,
    tables: Sequence[Table] = TABLES,
) -> dict[str, int]:
    """Write every table as `folder/TABLE.parquet`, and a manifest with `about`; rows by table.

    `connection` has not been used yet; `told` hears of each table and its rows. An earlier export in the
    folder is replaced once this one is whole; raises Conflict where anything else is in it.
    """
    folder = folder.absolute()
    _check_place(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    connection = connection.execution_options(isolation_level="REPEATABLE READ")
    # A table of many millions takes longer than any page may.
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as made:
        whole, written = Path(made) / "whole", Path(made) / "table.csv"
        whole.mkdir()
        rows = {}
        with _engine(Path(made)) as engine:
            for table in tables:
                _copy(connection, table.asked(names=names), written, zone)
                rows[table.name] = _to_parquet(engine, written, table, whole / f"{table.name}.parquet")
                told(table.name, rows[table.name])
        manifest = {**about, "zone": zone, "names": names, "rows": rows}
        (whole / MANIFEST).write_text(json.dumps(manifest, indent=2, default=str) + "\n")
        if folder.exists():
            folder.rename(Path(made) / "before")
        whole.rename(folder)
    return rows


def _check_place(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise Invalid(f"{folder} is a file; name a folder.")
    held = {one.name for one in folder.iterdir()}
    foreign = {name for name in held if not name.endswith(".parquet") and name != MANIFEST}
    if foreign or (held and MANIFEST not in held):
        odd = min(foreign or held)
        raise Conflict(f"{folder} holds something that no export wrote, as “{odd}”; name an empty folder.")


def _engine(beside: Path) -> DuckDBPyConnection:
    # Loaded here, for it is large and nothing else needs it.
    import duckdb

    engine = duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": min(2, os.cpu_count() or 1),
            "temp_directory": str(beside),
            "autoinstall_known_extensions": False,
        }
    )
    engine.execute("SET TimeZone = 'UTC'")
    return engine


def _copy(connection: Connection, asked: str, written: Path, zone: str) -> None:
    cursor = connection.connection.cursor()
    with (
        written.open("wb") as kept,
        cursor.copy(f"COPY ({asked}) TO STDOUT (FORMAT csv)", {"zone": zone}) as pieces,
    ):
        for piece in pieces:
            kept.write(piece)


def _to_parquet(engine: DuckDBPyConnection, written: Path, table: Table, target: Path) -> int:
    """The rows of the file."""
    # COPY writes what is unknown as nothing, and an empty text in quotes.
    source = engine.read_csv(
        str(written),
        header=False,
        columns={one.name: one.kind.value for one in table.columns},
        auto_detect=False,
        delimiter=",",
        quotechar='"',
        escapechar='"',
        na_values="",
        allow_quoted_nulls=False,
    )
    source.write_parquet(str(target), compression="zstd")
    [(rows,)] = engine.execute("SELECT count(*) FROM read_parquet(?)", [str(target)]).fetchall()
    return int(rows)
