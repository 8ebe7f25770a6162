"""`desk topics`: what a heap of questions is about; needs no database and no network."""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from desk.channels.email.charsets import codec_of, decode_text
from desk.insights.clustering import SMALLEST_CLUSTER
from desk.insights.discovery import NO_TOPIC, Discovery, discover
from desk.insights.encoders.ladder import RUNGS, best_encoder, encoder_named
from desk.insights.labelling import shortened
from desk.insights.question_table import questions_in
from desk.model.errors import Invalid
from desk.settings import MEGABYTE

MAX_FILE = 2048 * MEGABYTE
LISTED = 20
HEAD = 4096
"""So many bytes tell whether a file is text at all."""


@click.command()
@click.argument("path", metavar="QUESTIONS.csv", type=click.Path(path_type=Path))
@click.option(
    "--text-column", metavar="C", help="The column with the questions; found by its name unless given."
)
@click.option(
    "--out", metavar="LABELS.csv", type=click.Path(path_type=Path, dir_okay=False),
    help="Write a row `topic,label` for each question, in their order; -1 stands for no topic.",
)  # fmt: skip
@click.option(
    "--json", "json_out", metavar="TOPICS.json", type=click.Path(path_type=Path, dir_okay=False),
    help="Write the topics with their size, words, examples and area.",
)  # fmt: skip
@click.option(
    "--encoding", metavar="NAME",
    help="How the file is written, such as cp1252 or shift_jis; UTF-8 is seen by itself, others are guessed.",
)  # fmt: skip
@click.option(
    "--encoder", type=click.Choice(["best", *RUNGS]), default="best", show_default=True,
    help="How questions are read: whole (minilm), word by word (words), or as they are spelt (lexical).",
)  # fmt: skip
def topics(
    path: Path,
    text_column: str | None,
    out: Path | None,
    json_out: Path | None,
    encoding: str | None,
    encoder: str,
) -> None:
    """Find the topics in a file of questions, without being told how many there are.

    QUESTIONS.csv has a row for each question, and names its columns in the first. The same questions give the
    same topics, in whatever order they come. Nothing is fetched, and nothing leaves this machine.
    """
    _refuse_targets(path, out, json_out)
    table = questions_in(_content(path, encoding), text_column)
    click.echo(
        f"{_counted(len(table.questions), 'question')} in the column “{shortened(table.column)}”.", err=True
    )
    with _progress() as told:
        found = discover(
            table.questions, best_encoder() if encoder == "best" else encoder_named(encoder), told
        )
    with _all_or_nothing(out, json_out) as (labels, described):
        if labels:
            _write_labels(labels, found)
        if described:
            json.dump(as_json(found), described, ensure_ascii=False, indent=2)
            described.write("\n")
    _say(found)


def as_json(found: Discovery) -> dict[str, Any]:
    """The topics as `--json` writes them: sizes are numbers of questions, shares 0 to 1."""
    total = len(found.labels)
    return {
        "model": found.space.model_id if found.space else None,
        "questions": total,
        "placed": int((found.labels != NO_TOPIC).sum()),
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


def _refuse_targets(path: Path, *targets: Path | None) -> None:
    """What could only fail after minutes of work is told before it."""
    given = [target for target in targets if target]
    if len({target.resolve() for target in [path, *given]}) <= len(given):
        raise Invalid("The file of questions, --out and --json must be different files.")
    for target in given:
        if not os.access(target.parent, os.W_OK):
            raise Invalid(f"{target} cannot be written: {target.parent} is no folder that you may write to.")


def _content(path: Path, encoding: str | None) -> str:
    if encoding is not None and codec_of(encoding) is None:
        raise Invalid(
            f"There is no text encoding “{encoding}”; such as utf-8, cp1252, shift_jis.", "encoding"
        )
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise Invalid(f"{path} is larger than {MAX_FILE // MEGABYTE} MB; divide it.")
        raw = path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
    if what := _no_text(raw):
        raise Invalid(f"{path} is {what}, and no table in text; save it as CSV.")
    try:
        raw.decode()
    except UnicodeDecodeError:
        if encoding is None:
            click.echo(
                "The file is not in UTF-8; its encoding was guessed. Where its words look wrong, name it "
                "with --encoding.",
                err=True,
            )
    return decode_text(raw, encoding)


def _no_text(raw: bytes) -> str | None:
    """What a file is that people take for a table of text; None for text of any encoding."""
    if raw.startswith(b"PK\x03\x04"):
        return "a workbook or an archive"
    if raw.startswith((b"\xd0\xcf\x11\xe0", b"%PDF-", b"\x1f\x8b")):
        return "a document of another kind"
    head = raw[:HEAD]
    # UTF-16 and UTF-32 are full of NULs; other controls are in no encoding of text.
    controls = sum(byte < 9 or (13 < byte < 32 and byte != 27) for byte in head if byte)
    return "not written in letters" if controls > len(head) // 50 else None


def _write_labels(target: IO[str], found: Discovery) -> None:
    rows = csv.writer(target)
    rows.writerow(["topic", "label"])
    names = [topic.label for topic in found.topics]
    rows.writerows((label, names[label] if label != NO_TOPIC else "") for label in found.labels.tolist())


@contextmanager
def _all_or_nothing(*targets: Path | None) -> Iterator[list[IO[str] | None]]:
    """Files beside their targets, which take their places together at the end or not at all."""
    opened: list[tuple[IO[str], Path] | None] = []
    try:
        for target in targets:
            if target is None:
                opened.append(None)
                continue
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            opened.append((os.fdopen(handle, "w", encoding="utf-8", newline=""), Path(name)))
        yield [one[0] if one else None for one in opened]
        for one in opened:
            if one:
                one[0].close()
        for one, target in zip(opened, targets, strict=True):
            if one and target:
                one[1].chmod(0o666 & ~_umask())
                one[1].replace(target)
    finally:
        for one in opened:
            if one:
                one[0].close()
                one[1].unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _progress() -> Iterator[Any]:
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


def _say(found: Discovery) -> None:
    total = len(found.labels)
    placed = int((found.labels != NO_TOPIC).sum())
    if found.beyond >= 0.01:
        who = "all" if found.space and found.space.encoder is None else "these"
        click.echo(
            f"{found.beyond:.0%} of the questions are in a language that the encoder does not know; "
            f"{who} were told apart by their words alone.",
            err=True,
        )
    if found.unasked:
        hold = "holds" if found.unasked == 1 else "hold"
        click.echo(f"{_counted(found.unasked, 'row')} {hold} no words.", err=True)
    if not found.topics:
        click.echo(f"No topics: {_why_none(total - found.unasked)}")
        return
    hold = "holds" if len(found.topics) == 1 else "hold"
    click.echo(
        f"{_counted(len(found.topics), 'topic')} in {_counted(len(found.areas), 'area')} {hold} {placed:,} "
        f"of {_counted(total, 'question')}."
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
        return f"{_counted(asked, 'question')} in words, and {least} are the fewest to tell apart."
    return "too few of the questions ask the same."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
