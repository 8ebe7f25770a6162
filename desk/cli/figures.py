"""`desk figures`: what is kept for figures, compared with the messages."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from desk.actions.cases.work import walk_on
from desk.cli.servers import COMMAND_LINE, desk_at_hand
from desk.store.cases.work import get_mark


@click.group()
def figures() -> None:
    """Look after what figures are told from."""


@figures.command()
def check() -> None:
    """Compare the work kept of every case with its messages, and put right what differs.

    The desk does the same every night, and may run meanwhile. Ends with 1 where something differed.
    """
    begun, looked = datetime.now(UTC), 0
    with desk_at_hand("figures") as (_, store):
        while True:
            with store.unit_of_work(COMMAND_LINE) as work:
                count = walk_on(work, begun)
                wrong = get_mark(work.session).repaired
            if not count:
                break
            looked += count
            click.echo(f"\r{looked:,} cases", nl=False, err=True)
    click.echo(err=True)
    click.echo(f"{looked:,} cases looked through, {wrong:,} put right.")
    if wrong:
        raise SystemExit(1)
