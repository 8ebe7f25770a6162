"""Files of questions as `desk topics` takes them: CSV of any encoding, or Parquet; one, or a folder."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Any

import click

from desk.channels.email.charsets import clean, codec_of, decode_text
from desk.insights.question_table import QuestionTable, column_among, questions_in
from desk.model.errors import Invalid
from desk.settings import MEGABYTE

MAX_FILE = 2048 * MEGABYTE
HEAD = 4096
"""So many bytes tell whether a file is text at all."""

CSV, PARQUET = ".csv", ".parquet"

NESTED = ("list", "array", "struct", "map", "union")
"""Kinds of columns, as DuckDB calls them, whose cells are no text and no value that reads as one."""


def table_in(path: Path, column: str | None, encoding: str | None) -> QuestionTable:
    """The questions of one file. Raises Invalid with a sentence that says what to do."""
    if path.suffix.lower() == PARQUET:
        return _parquet(path, column)
    return questions_in(_content(path, encoding), column)


def parts_of(folder: Path) -> list[Path]:
    """The files of a folder, in the order of their names. Raises Invalid where there are none."""
    parts = sorted(
        path for path in folder.iterdir() if path.suffix.lower() in (CSV, PARQUET) and path.is_file()
    )
    if not parts:
        raise Invalid(f"There is no file that ends in {CSV} or {PARQUET} in {folder}.")
    return parts


def _parquet(path: Path, column: str | None) -> QuestionTable:
    import duckdb

    try:
        with duckdb.connect() as engine:
            # Strings without a mark that they are text are written by old systems.
            table: Any = engine.read_parquet(_literally(path), binary_as_string=True)
            place = column_among(table.columns, column)
            name, kind = table.columns[place], table.types[place]
            if kind.id in NESTED:
                raise Invalid(f"The column “{name}” of {path} holds {kind}, and no text.", "text_column")
            quoted = name.replace('"', '""')
            rows = table.project(f'CAST("{quoted}" AS varchar)').fetchall()
    except duckdb.Error as error:
        told = str(error).splitlines()[0][:200]
        raise Invalid(f"{path} cannot be read as Parquet: {told}") from error
    if not rows:
        raise Invalid(f"{path} has columns, and no question in them.")
    return QuestionTable(name, tuple(clean(row[0] or "") for row in rows))


def _literally(path: Path) -> str:
    """The path as a pattern that fits nothing else; the engine takes a name for one."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


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
        if encoding is None and not raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
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
