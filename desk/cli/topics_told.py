"""What `desk topics` tells of the topics it found: on the terminal, and as JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from desk.insights.clustering import SMALLEST_CLUSTER
from desk.insights.discovery import NO_TOPIC, Discovery, Topic

LISTED = 20


@dataclass(frozen=True)
class Findings:
    """The topics, and how many of the questions are in any; `beyond` as in Discovery."""

    topics: Sequence[Topic]
    areas: Sequence[str]
    model_id: str | None
    questions: int
    placed: int
    unasked: int
    beyond: float
    by_words: bool

    @classmethod
    def of(cls, found: Discovery) -> Findings:
        """What was found among all the questions at once."""
        return cls(
            topics=found.topics,
            areas=found.areas,
            model_id=found.space.model_id if found.space else None,
            questions=len(found.labels),
            placed=int((found.labels != NO_TOPIC).sum()),
            unasked=found.unasked,
            beyond=found.beyond,
            by_words=found.space is not None and found.space.encoder is None,
        )


def as_json(found: Findings) -> dict[str, Any]:
    """The topics as `--json` writes them: sizes are numbers of questions, shares 0 to 1."""
    total = found.questions
    return {
        "model": found.model_id,
        "questions": total,
        "placed": found.placed,
        "without_words": found.unasked,
        "topics": [
            {
                "topic": topic.number,
                "label": topic.label,
                "area": topic.area,
                "size": topic.size,
                "share": round(topic.size / total, 6),
                "core": topic.core,
                "words": list(topic.words),
                "examples": list(topic.examples),
            }
            for topic in found.topics
        ],
        "areas": [
            {
                "area": number,
                "label": name,
                "size": sum(topic.size for topic in found.topics if topic.area == number),
                "topics": [topic.number for topic in found.topics if topic.area == number],
            }
            for number, name in enumerate(found.areas)
        ],
    }


@contextmanager
def progress() -> Iterator[Any]:
    """On a terminal one line that is written over; into a file, a line a step and tenth."""
    last = ""

    def told(step: str, done: int, total: int) -> None:
        nonlocal last
        said = f"{step} … {10 * (10 * done // total) if total > 1 else 0} %" if total > 1 else f"{step} …"
        if said != last:
            last = said
            sys.stderr.write(f"\r\033[K{said}" if sys.stderr.isatty() else f"{said}\n")
            sys.stderr.flush()

    try:
        yield told
    finally:
        if last and sys.stderr.isatty():
            sys.stderr.write("\r\033[K")


def say(found: Findings) -> None:
    """The largest topics, and what the questions were like, on the terminal."""
    total, placed = found.questions, found.placed
    if found.beyond >= 0.01:
        who = "all" if found.by_words else "these"
        click.echo(
            f"{found.beyond:.0%} of the questions are in a language that the encoder does not know; "
            f"{who} were told apart by their words alone.",
            err=True,
        )
    if found.unasked:
        hold = "holds" if found.unasked == 1 else "hold"
        click.echo(f"{counted(found.unasked, 'row')} {hold} no words.", err=True)
    if not found.topics:
        click.echo(f"No topics: {_why_none(total - found.unasked)}")
        return
    hold = "holds" if len(found.topics) == 1 else "hold"
    click.echo(
        f"{counted(len(found.topics), 'topic')} in {counted(len(found.areas), 'area')} {hold} {placed:,} "
        f"of {counted(total, 'question')}."
    )
    for topic in found.topics[:LISTED]:
        words = f"  ({', '.join(topic.words)})" if topic.words else ""
        click.echo(f"{topic.number:>5} {topic.size:>8,}  {topic.label}{words}")
    if len(found.topics) > LISTED:
        click.echo(f"      and {len(found.topics) - LISTED} smaller ones.")


def _why_none(asked: int) -> str:
    if not asked:
        return "no row holds a question in words."
    if asked < 2 * SMALLEST_CLUSTER:
        least = 2 * SMALLEST_CLUSTER
        return f"{counted(asked, 'question')} in words, and {least} are the fewest to tell apart."
    return "too few of the questions ask the same."


def counted(count: int, noun: str) -> str:
    """As in “1 question”, “2,000 questions”."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
