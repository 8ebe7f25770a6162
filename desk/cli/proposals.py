"""`desk proposals`: what the analyst does after each night, done at once, or as if it were another moment."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import click

from desk.cli.questions import Moment
from desk.cli.servers import COMMAND_LINE, desk_at_hand
from desk.insights.encoders.ladder import RUNGS, best_encoder, encoder_named
from desk.jobs.make_proposals import make_proposals
from desk.jobs.measure_effects import measure_effects
from desk.jobs.reading_space import Reading
from desk.store.insights.proposals import newest_readings, proposals_shown

_now = click.option(
    "--now", type=Moment(), metavar="MOMENT", help="Look from this moment; UTC where it has no zone."
)


@click.group()
def proposals() -> None:
    """Propose what to change so that fewer ask, and measure what became of it."""


@proposals.command()
@_now
@click.option(
    "--encoder", type=click.Choice(["best", *RUNGS]), default="best", show_default=True,
    help="How answers are compared; the one that topics were found with.",
)  # fmt: skip
def make(now: datetime | None, encoder: str) -> None:
    """Propose what the last four weeks ask for."""
    find = best_encoder if encoder == "best" else partial(encoder_named, encoder)
    with desk_at_hand("proposals") as (_, store):
        click.echo(f"{make_proposals(Reading(store, find), _or_now(now)):,} new proposals.")


@proposals.command()
@_now
def measure(now: datetime | None) -> None:
    """Look at what is in effect, where the weeks of a look are over."""
    with desk_at_hand("proposals") as (_, store):
        click.echo(f"{measure_effects(store, _or_now(now)):,} looks.")


@proposals.command("list")
def listed() -> None:
    """All proposals with where they stand, what they may spare, and what was measured."""
    with desk_at_hand("proposals") as (_, store), store.reading(COMMAND_LINE) as work:
        readings = newest_readings(work.session)
        for proposal, owner in proposals_shown(work.session):
            low, middle, high = proposal.saving["hours"]
            line = (
                f"{proposal.id:>4}  {proposal.state.value:<10}  {proposal.title}"
                f"  · {middle:,.0f} h a year ({low:,.0f} to {high:,.0f})"
            )
            reading = readings.get(proposal.id)
            if owner:
                line += f"  · {owner}"
            if reading is not None and reading.change is not None:
                line += f"  · {100 * reading.change:.0f} % fewer after {reading.weeks} weeks"
            click.echo(line)


def _or_now(now: datetime | None) -> datetime:
    return now or datetime.now(UTC)
