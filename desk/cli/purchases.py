"""`desk purchases`: what operational systems know of sales, taken from a file or by signed calls."""

from __future__ import annotations

from pathlib import Path

import click

from desk.actions.customers.purchases import add_source, import_purchases, remove_source
from desk.cli.servers import COMMAND_LINE, desk_at_hand
from desk.cli.tables import take_table, tell_outcomes
from desk.customers.purchases import read_purchases
from desk.store.customers.purchases import every_source
from desk.store.vault import Vault


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
    told = take_table("purchases", file, read_purchases, import_purchases, dry_run=dry_run)
    sums = ", ".join(f"{amount} {currency}" for currency, amount in told["sums"].items())
    click.echo(f"{told['rows']:,} rows, {told['returns']:,} of them returns; together {sums}.")
    tell_outcomes(told, dry_run=dry_run)


@purchases.group()
def source() -> None:
    """The systems that may call with purchases."""


@source.command()
@click.argument("name")
def add(name: str) -> None:
    """Let a system call. Prints its address and its secret, this once."""
    with desk_at_hand("purchases") as (settings, store), store.unit_of_work(COMMAND_LINE) as work:
        made, secret = add_source(work, name, Vault(settings.secret_key))
    click.echo(f"Calls go to {settings.public_url}/hooks/purchases/{made.id}")
    click.echo(f"Secret: {secret}")


@source.command("list")
def list_sources() -> None:
    """The systems that may call."""
    with desk_at_hand("purchases") as (_, store), store.reading(COMMAND_LINE) as work:
        for one in every_source(work.session):
            click.echo(f"{one.id:>5}  {one.name}  since {one.created_at:%Y-%m-%d}")


@source.command()
@click.argument("source_id", type=click.IntRange(1, 2**63 - 1))
def remove(source_id: int) -> None:
    """Refuse its calls from now on; what it brought stays."""
    with desk_at_hand("purchases") as (_, store), store.unit_of_work(COMMAND_LINE) as work:
        remove_source(work, source_id)
    click.echo(f"Source {source_id} is refused from now on.")
