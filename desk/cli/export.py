"""`desk export`: what the desk knows, as JSON lines or CSV, to a file or to the next program."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

import click

from desk.actions.exports import as_csv, note_export
from desk.cli.servers import desk_at_hand
from desk.model.permission import system
from desk.store.records import Rows, audit_records, case_records, customer_records, how_many, streamed

COMMAND_LINE = system("command line")
KINDS: dict[str, Callable[[], Rows]] = {
    "cases": case_records,
    "customers": customer_records,
    "audit": audit_records,
}


@click.command()
@click.argument("what", type=click.Choice(list(KINDS)))
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True,
    help="JSON lines, or CSV for a spreadsheet.",
)  # fmt: skip
@click.option(
    "--output", type=click.File("w", encoding="utf-8", lazy=True), default="-", help="A file; else stdout."
)
def export(what: str, form: str, output: IO[str]) -> None:
    """Write all cases, customers or the audit log."""
    with desk_at_hand("export") as (_, store):
        with store.unit_of_work(COMMAND_LINE) as work:
            note_export(work, what, {"format": form})
        with store.reading(COMMAND_LINE) as work:
            rows = KINDS[what]()
            names = tuple(column.name for column in rows.selected_columns)
            seen = _with_progress(streamed(work.session, rows), how_many(work.session, rows), what)
            for piece in as_csv(names, seen) if form == "csv" else as_lines(seen):
                output.write(piece)


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
