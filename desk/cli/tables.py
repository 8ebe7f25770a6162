"""Tables that systems state, taken from a file: read in its encoding, and told of in a few lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from desk.customers.tables import WINDOWS, encoding_of

Read = TypeVar("Read")


def table_in(file: Path, read: Callable[[Iterable[str]], Read]) -> Read:
    """What `read` makes of the lines of a file."""
    with file.open("rb") as raw:
        encoding = encoding_of(raw)
    if encoding == WINDOWS:
        click.echo("The file is not UTF-8; it was read as Windows-1252.", err=True)
    with file.open(encoding=encoding, newline="") as lines:
        return read(lines)


def tell_problems(told: Mapping[str, Any]) -> None:
    """Every problem of a file on stderr; raises ClickException where there is one: nothing was taken."""
    for problem in told["problems"]:
        click.echo(problem, err=True)
    if told["more_problems"]:
        click.echo(f"… and {told['more_problems']:,} more.", err=True)
    if told["problems"]:
        raise click.ClickException("Nothing was taken. Correct these lines and import the file again.")


def tell_outcomes(told: Mapping[str, Any], *, dry_run: bool) -> None:
    """How many were added, corrected and left, or would be."""
    click.echo(
        f"{'Would be added' if dry_run else 'Added'}: {told['added']:,}. Corrected: {told['corrected']:,}. "
        f"Unchanged: {told['unchanged']:,}. Outdated: {told['outdated']:,}. "
        f"New customers: {told['new_customers']:,}."
    )
    if dry_run:
        click.echo("Nothing was taken: this was a dry run.")
