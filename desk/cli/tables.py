"""Tables that systems state, taken from a file: read in its encoding, and told of in a few lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from desk.cli.servers import COMMAND_LINE, desk_at_hand
from desk.customers.tables import WINDOWS, encoding_of
from desk.store.unit_of_work import Work

Read = TypeVar("Read", covariant=True)
Given = TypeVar("Given", contravariant=True)


class _Reads(Protocol[Read]):
    def __call__(self, lines: Iterable[str], *, now: datetime) -> Read: ...


class _Takes(Protocol[Given]):
    def __call__(self, work: Work, table: Given, source: str, *, dry_run: bool) -> dict[str, Any]: ...


def take_table(
    noun: str, file: Path, read: _Reads[Read], take: _Takes[Read], *, dry_run: bool
) -> dict[str, Any]:
    """What came of a file, in numbers. Raises ClickException where a row of it cannot be taken."""
    with desk_at_hand(noun) as (_, store), store.unit_of_work(COMMAND_LINE) as work:
        table = _table_in(file, lambda lines: read(lines, now=work.now))
        told = take(work, table, file.name, dry_run=dry_run)
    _tell_problems(told)
    return told


def tell_outcomes(told: Mapping[str, Any], *, dry_run: bool) -> None:
    """How many were added, corrected and left, or would be."""
    click.echo(
        f"{'Would be added' if dry_run else 'Added'}: {told['added']:,}. Corrected: {told['corrected']:,}. "
        f"Unchanged: {told['unchanged']:,}. Outdated: {told['outdated']:,}. "
        f"New customers: {told['new_customers']:,}."
    )
    if dry_run:
        click.echo("Nothing was taken: this was a dry run.")


def _table_in(file: Path, read: Callable[[Iterable[str]], Read]) -> Read:
    """What `read` makes of the lines of a file."""
    with file.open("rb") as raw:
        encoding = encoding_of(raw)
    if encoding == WINDOWS:
        click.echo("The file is not UTF-8; it was read as Windows-1252.", err=True)
    with file.open(encoding=encoding, newline="") as lines:
        return read(lines)


def _tell_problems(told: Mapping[str, Any]) -> None:
    """Every problem of a file on stderr; raises ClickException where there is one: nothing was taken."""
    for problem in told["problems"]:
        click.echo(problem, err=True)
    if told["more_problems"]:
        click.echo(f"… and {told['more_problems']:,} more.", err=True)
    if told["problems"]:
        raise click.ClickException("Nothing was taken. Correct these lines and import the file again.")
