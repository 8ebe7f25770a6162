"""`desk questions`: what the analyst does by itself, done at once, or as if it were another moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import click

from desk.actions.insights.topic_runs import ask_for_night, ask_for_topics, begin_run
from desk.cli.servers import COMMAND_LINE, desk_at_hand
from desk.insights.encoders.ladder import RUNGS, best_encoder, encoder_named
from desk.jobs.find_topics import find_topics
from desk.jobs.nightly_topics import nightly_topics
from desk.jobs.place_made import place_made
from desk.jobs.read_questions import read_questions
from desk.jobs.reading_space import Reading
from desk.jobs.watch_topics import watch_topics
from desk.model.errors import Invalid
from desk.model.topic import TopicRun
from desk.store.unit_of_work import Work


class Moment(click.ParamType[datetime]):
    name = "moment"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” is no moment. Write it as 2026-11-24T09:00+01:00.", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_now = click.option(
    "--now", type=Moment(), metavar="MOMENT", help="Look from this moment; UTC where it has no zone."
)
_encoder = click.option(
    "--encoder", type=click.Choice(["best", *RUNGS]), default="best", show_default=True,
    help="How questions are read: whole (minilm), word by word (words), or as they are spelt (lexical).",
)  # fmt: skip


@click.group()
def questions() -> None:
    """Read what customers ask, find its topics, and see which rise. The analyst does all of it by itself."""


@questions.command("read")
@_now
@_encoder
def read_now(now: datetime | None, encoder: str) -> None:
    """Read the contacts that nobody has read, and place them with the topics that are known."""
    with _reading(encoder) as reading:
        place_made(reading, _or_now(now))
        click.echo(f"{read_questions(reading, _or_now(now)):,} contacts read.")


@questions.command()
@_now
@_encoder
def discover(now: datetime | None, encoder: str) -> None:
    """Find all topics anew; those known keep their numbers and names."""
    _run(now, encoder, ask_for_topics, find_topics, "topics found")


@questions.command()
@_now
@_encoder
def nightly(now: datetime | None, encoder: str) -> None:
    """Propose topics for what fits none of those known."""
    _run(now, encoder, ask_for_night, nightly_topics, "topics proposed, facets of known ones among them")


@questions.command()
@_now
@_encoder
def watch(now: datetime | None, encoder: str) -> None:
    """See which topics rise."""
    with _reading(encoder) as reading:
        click.echo(f"{watch_topics(reading, _or_now(now)):,} topics rise.")


def _run(
    now: datetime | None,
    encoder: str,
    ask: Callable[[Work], TopicRun],
    do: Callable[[Reading, int, datetime], int],
    said: str,
) -> None:
    moment = _or_now(now)
    with _reading(encoder) as reading:
        read_questions(reading, moment)
        with reading.store.unit_of_work(COMMAND_LINE, now=moment) as work:
            ask(work)
            run = begin_run(work)
        if run is None:
            raise Invalid("Another run is being done; look again when it is over.")
        found = do(reading, run.id, moment)
        with reading.store.reading(COMMAND_LINE) as work:
            problem = work.session.get_one(TopicRun, run.id).problem
    click.echo(problem or f"{found:,} {said}.")


@contextmanager
def _reading(encoder: str) -> Iterator[Reading]:
    find = best_encoder if encoder == "best" else partial(encoder_named, encoder)
    with desk_at_hand("questions") as (_, store):
        yield Reading(store, find)


def _or_now(now: datetime | None) -> datetime:
    return now or datetime.now(UTC)
