"""`desk topics`: what a heap of questions is about; needs no database and no network."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from desk.cli.question_files import table_in
from desk.cli.topics_in_parts import read_parts
from desk.cli.topics_told import Findings, as_json, counted, progress, say
from desk.insights.discovery import NO_TOPIC, Discovery, discover
from desk.insights.encoders.ladder import BEST, RUNGS, encoder_for
from desk.insights.labelling import shortened
from desk.model.errors import Invalid


@click.command()
@click.argument("path", metavar="QUESTIONS", type=click.Path(path_type=Path))
@click.option(
    "--text-column", metavar="C", help="The column with the questions; found by its name unless given."
)
@click.option(
    "--out", metavar="LABELS", type=click.Path(path_type=Path),
    help="Write a row `topic,label` for each question, in their order; -1 stands for no topic. A CSV file; "
    "of a folder of questions, a folder with a file for each.",
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
    "--encoder", type=click.Choice([BEST, *RUNGS]), default=BEST, show_default=True,
    help="How questions are read: whole (minilm), word by word (words), or as they are spelt (lexical).",
)  # fmt: skip
@click.option(
    "--scheduler", metavar="ADDRESS",
    help="Read a folder on a Dask cluster, such as tcp://10.0.0.5:8786; otherwise on this machine.",
)  # fmt: skip
def topics(
    path: Path,
    text_column: str | None,
    out: Path | None,
    json_out: Path | None,
    encoding: str | None,
    encoder: str,
    scheduler: str | None,
) -> None:
    """Find the topics in a file of questions, without being told how many there are.

    QUESTIONS is a CSV file that names its columns in the first row, or a Parquet file, with a row for each
    question; or a folder of such files, where more than one process or machine is to read at once. The same
    questions give the same topics, in whatever order they come. Nothing is fetched, and nothing leaves this
    machine, or the cluster that you name.
    """
    # A link stays one: what it leads to is replaced.
    out, json_out = (target and target.resolve() for target in (out, json_out))
    _refuse_targets(path, out, json_out)
    with progress() as told:
        if path.is_dir():
            found = read_parts(path, text_column, encoding, out, encoder, scheduler, told)
            labelled: Discovery | None = None
        elif scheduler is not None:
            raise Invalid("A cluster reads a folder of files; one file is read here. Leave --scheduler out.")
        else:
            table = table_in(path, text_column, encoding)
            column = shortened(table.column)
            click.echo(f"{counted(len(table.questions), 'question')} in the column “{column}”.", err=True)
            labelled = discover(table.questions, encoder_for(encoder), told)
            found = Findings.of(labelled)
    with _all_or_nothing(out if labelled else None, json_out) as (labels, described):
        if labels and labelled:
            _write_labels(labels, labelled)
        if described:
            json.dump(as_json(found), described, ensure_ascii=False, indent=2)
            described.write("\n")
    say(found)


def _refuse_targets(path: Path, *targets: Path | None) -> None:
    """What could only fail after minutes of work is told before it."""
    given = [target for target in targets if target]
    if len({target.resolve() for target in [path, *given]}) <= len(given):
        raise Invalid("The file of questions, --out and --json must be different files.")
    for target in given:
        if target.is_dir():
            raise Invalid(f"{target} is a folder that is there already; name another.")
        if target.exists() and not target.is_file():
            raise Invalid(f"{target} is no file that could be replaced; name one, or a place with none.")
        if not target.parent.is_dir():
            raise Invalid(f"{target} cannot be written: {target.parent} is no folder.")
        try:
            _beside(target).unlink()
        except OSError as error:
            raise Invalid(f"{target} cannot be written: {error.strerror}.") from error


def _beside(target: Path) -> Path:
    """A new file in the folder of another, which may take its place."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    return Path(name)


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
            name = _beside(target)
            opened.append((name.open("w", encoding="utf-8", newline=""), name))
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
