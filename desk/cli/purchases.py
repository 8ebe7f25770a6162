"""`desk purchases`: what operational systems know of sales, taken from a file or by signed calls."""

from __future__ import annotations

from pathlib import Path

import click

from desk.actions.purchases import add_source, import_purchases, remove_source
from desk.cli.servers import desk_at_hand
from desk.customers.purchases import Table, read_purchases
from desk.customers.tables import WINDOWS, encoding_of
from desk.model.permission import system
from desk.store.purchases import every_source
from desk.store.unit_of_work import Work
from desk.store.vault import Vault

_ACTOR = system("command line")


@click.group()
def purchases() -> None:
    """Take purchases in, and let systems call with them."""


@purchases.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def import_file(file: Path, dry_run: bool) -> None:
    """Take purchases from a CSV FILE, all of them or none.

    Columns: id, customer, date, amount, currency; order, line, description, status, name, as_of if you
    like. `customer` is an email address, a phone number with its +, or your number of the customer. A
    row with a known id corrects that purchase; a negative amount is a return.
    """
    with desk_at_hand("purchases") as (_, store), store.unit_of_work(_ACTOR) as work:
        table = _read(work, file)
        told = import_purchases(work, table, file.name, dry_run=dry_run)
    for problem in told["problems"]:
        click.echo(problem, err=True)
    if told["more_problems"]:
        click.echo(f"… and {told['more_problems']:,} more.", err=True)
    if told["problems"]:
        raise click.ClickException("Nothing was taken. Correct these lines and import the file again.")
    sums = ", ".join(f"{amount} {currency}" for currency, amount in told["sums"].items())
    click.echo(f"{told['rows']:,} rows, {told['returns']:,} of them returns; together {sums}.")
    click.echo(
        f"{'Would be added' if dry_run else 'Added'}: {told['added']:,}. Corrected: {told['corrected']:,}. "
        f"Unchanged: {told['unchanged']:,}. Outdated: {told['outdated']:,}. "
        f"New customers: {told['new_customers']:,}."
    )
    if dry_run:
        click.echo("Nothing was taken: this was a dry run.")


@purchases.group()
def source() -> None:
    """The systems that may call with purchases."""


@source.command()
@click.argument("name")
def add(name: str) -> None:
    """Let a system call. Prints its address and its secret, this once."""
    with desk_at_hand("purchases") as (settings, store), store.unit_of_work(_ACTOR) as work:
        made, secret = add_source(work, name, Vault(settings.secret_key))
    click.echo(f"Calls go to {settings.public_url}/hooks/purchases/{made.id}")
    click.echo(f"Secret: {secret}")


@source.command("list")
def list_sources() -> None:
    """The systems that may call."""
    with desk_at_hand("purchases") as (_, store), store.reading(_ACTOR) as work:
        for one in every_source(work.session):
            click.echo(f"{one.id:>5}  {one.name}  since {one.created_at:%Y-%m-%d}")


@source.command()
@click.argument("source_id", type=click.IntRange(1, 2**63 - 1))
def remove(source_id: int) -> None:
    """Refuse its calls from now on; what it brought stays."""
    with desk_at_hand("purchases") as (_, store), store.unit_of_work(_ACTOR) as work:
        remove_source(work, source_id)
    click.echo(f"Source {source_id} is refused from now on.")


def _read(work: Work, file: Path) -> Table:
    with file.open("rb") as raw:
        encoding = encoding_of(raw)
    if encoding == WINDOWS:
        click.echo("The file is not UTF-8; it was read as Windows-1252.", err=True)
    with file.open(encoding=encoding, newline="") as lines:
        return read_purchases(lines, now=work.now)
