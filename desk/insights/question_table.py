"""A table of questions as people have it, from a spreadsheet or an export: CSV of any delimiter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from desk.model.errors import Invalid

TEXT_COLUMNS = ("text", "question", "message", "body", "comment", "description", "subject")
DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class QuestionTable:
    """The questions, one a row of the file, in its order; an empty one where a row has none."""

    column: str
    questions: tuple[str, ...]


def questions_in(content: str, column: str | None = None) -> QuestionTable:
    """The questions in a CSV file whose first row names its columns; rows without any cell are no rows.

    The column is the one asked for, else the first of TEXT_COLUMNS that is there, else the only one. Raises
    Invalid with a sentence that says what to do.
    """
    # A cell may be as long as the file.
    csv.field_size_limit(max(len(content), 131_072))
    first = content.lstrip("\n").split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    lines: list[str] = []
    rows = csv.reader(_kept(io.StringIO(content, newline=""), lines), delimiter=delimiter)
    try:
        head = next((row for row in rows if row), None)
        if head is None:
            raise Invalid("The file is empty; its first row should name the columns.")
        place = column_among([name.strip() for name in head], column)
        questions: list[str] = []
        lines.clear()
        for row in rows:
            if len(lines) > 1 and not _is_closed(lines, delimiter):
                opened = rows.line_num - len(lines) + 1
                raise Invalid(
                    f"A quotation mark in line {opened} of the file is not closed in its cell, so that rows "
                    "below it would be part of one question; close it, or write it twice."
                )
            lines.clear()
            if row:
                questions.append(_cell(row, place, len(head), delimiter))
    except csv.Error as error:
        raise Invalid(f"The file cannot be read as CSV: {error}, near row {rows.line_num}.") from error
    if not questions:
        raise Invalid("The file names its columns and has no question below them.")
    return QuestionTable(head[place].strip(), tuple(questions))


def column_among(names: list[str], column: str | None) -> int:
    """Which of these columns holds the questions. Raises Invalid where that is not clear."""
    if column is not None:
        if not (found := _named(names, column.strip())):
            raise Invalid(f"There is no column “{column}”. The file has: {_listed(names)}.", "text_column")
        return _only(found, names)
    for usual in TEXT_COLUMNS:
        if found := [place for place, name in enumerate(names) if name.lower() == usual]:
            return _only(found, names)
    if len(names) == 1:
        return 0
    raise Invalid(
        f"Which column holds the questions? Name it with --text-column. The file has: {_listed(names)}."
    )


def _named(names: list[str], column: str) -> list[int]:
    """Where that name stands as it is written; else, whatever its capitals."""
    exactly = [place for place, name in enumerate(names) if name == column]
    return exactly or [place for place, name in enumerate(names) if name.lower() == column.lower()]


def _only(found: list[int], names: list[str]) -> int:
    if len(found) > 1:
        raise Invalid(
            f"{len(found)} columns have the name “{names[found[0]]}”. Give the one with the questions a name "
            f"of its own, and name it with --text-column. The file has: {_listed(names)}."
        )
    return found[0]


def _kept(lines: Iterable[str], kept: list[str]) -> Iterator[str]:
    """The same lines; each stands in `kept` as well, until that is cleared."""
    for line in lines:
        kept.append(line)
        yield line


def _cell(row: list[str], place: int, columns: int, delimiter: str) -> str:
    """What stands there. Of the last column it is all that is left of the row: a comma that nobody put in
    marks divides nothing where no column follows."""
    if place == columns - 1 and len(row) > columns:
        return delimiter.join(row[place:]).rstrip(delimiter)
    return row[place] if place < len(row) else ""


def _is_closed(lines: list[str], delimiter: str) -> bool:
    """Whether the marks of a row of several lines fit. A reader that is not strict reads on through a mark
    that somebody forgot, to the next one in some row below."""
    try:
        return sum(1 for _ in csv.reader(lines, delimiter=delimiter, strict=True)) == 1
    except csv.Error:
        return False


def _listed(names: list[str]) -> str:
    shown = [(name if len(name) <= 40 else name[:39] + "…") or "(no name)" for name in names[:20]]
    return ", ".join(shown) + (" …" if len(names) > 20 else "")
