"""A table of questions as people have it, from a spreadsheet or an export: CSV of any delimiter."""

from __future__ import annotations

import csv
import io
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
    rows = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    try:
        head = next((row for row in rows if row), None)
        if head is None:
            raise Invalid("The file is empty; its first row should name the columns.")
        place = column_among([name.strip() for name in head], column)
        questions: list[str] = []
        opened = 0
        before = rows.line_num
        for row in rows:
            if row:
                questions.append(row[place] if place < len(row) else "")
            opened, before = before + 1, rows.line_num
    except csv.Error as error:
        raise Invalid(f"The file cannot be read as CSV: {error}, near row {rows.line_num}.") from error
    if before > opened > 0 and content.count('"') % 2:
        raise Invalid(
            f"A quotation mark in line {opened} of the file is never closed, so that all below it would be "
            "one question; close it, or write it twice."
        )
    if not questions:
        raise Invalid("The file names its columns and has no question below them.")
    return QuestionTable(head[place].strip(), tuple(questions))


def column_among(names: list[str], column: str | None) -> int:
    """Which of these columns holds the questions. Raises Invalid where that is not clear."""
    lowered = [name.lower() for name in names]
    if column is not None:
        if column.strip().lower() not in lowered:
            raise Invalid(f"There is no column “{column}”. The file has: {_listed(names)}.", "text_column")
        return lowered.index(column.strip().lower())
    for usual in TEXT_COLUMNS:
        if usual in lowered:
            return lowered.index(usual)
    if len(names) == 1:
        return 0
    raise Invalid(
        f"Which column holds the questions? Name it with --text-column. The file has: {_listed(names)}."
    )


def _listed(names: list[str]) -> str:
    shown = [name if len(name) <= 40 else name[:39] + "…" for name in names[:20]]
    return ", ".join(shown) + (" …" if len(names) > 20 else "")
