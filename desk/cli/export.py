"""`desk export`: what the desk knows, as JSON lines, as CSV, or as Parquet in a folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import click

from desk.actions.exports import as_csv, note_export
from desk.actions.insights.facts import export_facts
from desk.cli.servers import COMMAND_LINE, desk_at_hand
from desk.store.records import Rows, audit_records, case_records, customer_records, how_many, streamed

KINDS: dict[str, Callable[[], Rows]] = {
    "cases": case_records,
    "customers": customer_records,
    "audit": audit_records,
}


FACTS = "facts"


@click.command()
@click.argument("what", type=click.Choice([*KINDS, FACTS]))
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True,
    help="JSON lines, or CSV for a spreadsheet.",
)  # fmt: skip
@click.option(
    "--output", type=click.File("w", encoding="utf-8", lazy=True), default="-", help="A file; else stdout."
)
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False),
    help="The folder for facts, in Parquet; an earlier export there is replaced.",
)  # fmt: skip
@click.option("--names", is_flag=True, help="With facts: the names of customers and agents too.")
def export(what: str, form: str, output: IO[str], folder: Path | None, names: bool) -> None:
    """Write all cases, customers or the audit log; or facts for warehouses and notebooks."""
    if (what == FACTS) != (folder is not None) or (names and what != FACTS):
        raise click.UsageError("Facts go to a folder, and only they do: desk export facts --to FOLDER")
    with desk_at_hand("export") as (_, store):
        if folder is not None:
            rows = export_facts(store, COMMAND_LINE, folder, names=names, told=_told)
            click.echo(f"{sum(rows.values()):,} rows in {len(rows)} tables are in {folder}.", err=True)
            return
        output.write("")  # Opens the file: the log says nothing of an export that has nowhere to go.
        with store.unit_of_work(COMMAND_LINE) as work:
            note_export(work, what, {"format": form})
        with store.reading(COMMAND_LINE) as work:
            asked = KINDS[what]()
            columns = tuple(column.name for column in asked.selected_columns)
            seen = _with_progress(streamed(work.session, asked), how_many(work.session, asked), what)
            for piece in as_csv(columns, seen) if form == "csv" else as_lines(seen):
                output.write(piece)


def _told(table: str, rows: int) -> None:
    click.echo(f"{table}: {rows:,} rows", err=True)


def as_lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One JSON object a line."""
    return (json.dumps(row, ensure_ascii=False, default=plain) + "\n" for row in rows)


def plain(value: Any) -> str:
    """Times in ISO 8601 with Z, money as it is written."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in an export")


def _with_progress(rows: Iterator[dict[str, Any]], length: int, what: str) -> Iterator[dict[str, Any]]:
    """The rows as they pass, with a bar where somebody is looking at the terminal."""
    with click.progressbar(rows, length=length, label=what, file=sys.stderr, show_pos=True) as passing:
        yield from passing
