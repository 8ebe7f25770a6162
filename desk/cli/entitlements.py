"""`desk entitlements`: warranties and contracts, taken from a file."""

from __future__ import annotations

from pathlib import Path

import click

from desk.actions.customers.entitlements import import_entitlements
from desk.cli.tables import take_table, tell_outcomes
from desk.customers.entitlements import read_entitlements


@click.group()
def entitlements() -> None:
    """Take warranties and contracts in."""


@entitlements.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def import_file(file: Path, dry_run: bool) -> None:
    """Take warranties and contracts from a CSV FILE, all of them or none.

    Columns: id, customer, kind, product, from, until; covers, allowance, organisation, name, as_of if you
    like. `kind` is warranty, extended_warranty or contract, `product` a name or * for every one, `covers`
    names categories with | between them, `allowance` is a number of cases. A row with a known id corrects
    that entitlement; cases that lean on it are judged anew.
    """
    told = take_table("entitlements", file, read_entitlements, import_entitlements, dry_run=dry_run)
    click.echo(f"{told['rows']:,} rows.")
    tell_outcomes(told, dry_run=dry_run)
