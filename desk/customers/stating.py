"""How operational systems state things: as a table of rows, each checked, and every problem with its line."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, Protocol, TypeVar

from desk.customers.tables import opened
from desk.model.customer import AddressKind
from desk.model.errors import Invalid

MOST_ROWS = 200_000
MOST_PROBLEMS = 20
AHEAD = timedelta(days=1)
"""Clocks differ; what is later than this is in the future."""


class Known(Protocol):
    """What has an id of the system that states it."""

    @property
    def external_id(self) -> str: ...


Row = TypeVar("Row", bound=Known)


@dataclass
class Table(Generic[Row]):
    """What a file states, and its problems in words, each with its line; `more` problems are not listed."""

    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    more: int = 0

    def trouble(self, sentence: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(sentence)
        else:
            self.more += 1


def read_table(
    lines: Iterable[str],
    columns: tuple[str, ...],
    more_columns: tuple[str, ...],
    row_of: Callable[[Mapping[str, str], str], Row],
    *,
    noun: str,
) -> Table[Row]:
    """The rows of a CSV file with these columns, and `more_columns` where they are there.

    `row_of` makes a row of its fields and the file's delimiter, and raises Invalid for what cannot be.
    Raises Invalid only where no row can be read: columns that are missing, or a file that is no CSV.
    """
    reader, delimiter = opened(lines, ", ".join(columns))
    table, seen = Table[Row](), dict[str, int]()
    try:
        place = _places(next(reader), columns, more_columns)
        for row in reader:
            if not any(row):
                continue
            if len(table.rows) >= MOST_ROWS:
                raise Invalid(f"The file has more than {MOST_ROWS:,} rows. Take it in parts.")
            line = reader.line_num
            try:
                one = row_of({name: row[at].strip() for name, at in place.items()}, delimiter)
            except IndexError:
                table.trouble(f"Line {line} has {len(row)} fields, fewer than the columns.")
            except Invalid as error:
                table.trouble(f"Line {line}: {error.sentence}")
            else:
                if (before := seen.setdefault(one.external_id, line)) != line:
                    table.trouble(f"Line {line} has the id of line {before} (“{one.external_id[:60]}”).")
                table.rows.append(one)
    except csv.Error as error:
        raise Invalid(f"Line {reader.line_num} is not CSV: {error}.") from error
    if not table.rows and not table.problems:
        raise Invalid(f"There are no {noun} below the line that names the columns.")
    return table


def kind_of(customer: str) -> AddressKind:
    """Whether the customer is named by an email address, a phone number with its +, or a number of theirs."""
    if not customer:
        raise Invalid("It names no customer.", "customer")
    if "@" in customer:
        return AddressKind.EMAIL
    return AddressKind.PHONE if customer.startswith("+") else AddressKind.EXTERNAL


def day_of(written: str) -> date:
    """A plain date. Raises Invalid."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Invalid(f"“{written[:40]}” is not a date. Write it as 2024-12-31.", "date") from None


def moment_of(written: str) -> datetime:
    """A date is its midnight, and what names no zone is taken for, UTC. Raises Invalid."""
    if len(written) == 10:
        return datetime.combine(day_of(written), time(), UTC)
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise Invalid(f"“{written[:40]}” is not a date. Write it as 2024-12-31.", "date") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def name_of(external_id: str, noun: str) -> str:
    """The id under which its system states it. Raises Invalid where there is none."""
    named = plain(external_id, 120, "id")
    if not named:
        raise Invalid(f"{noun} needs an id of its own, the same whenever it is stated.", "id")
    return named


def stated_at(as_of: datetime | None, now: datetime) -> datetime | None:
    """The moment for which it is stated, in UTC. Raises Invalid without an offset, or in the future."""
    if as_of is None:
        return None
    if as_of.tzinfo is None:
        raise Invalid("Give moments with their offset, such as 2024-12-31T12:00:00Z.", "as_of")
    if as_of > now + AHEAD:
        raise Invalid(f"It would be stated in the future ({as_of:%Y-%m-%d}).", "as_of")
    return as_of.astimezone(UTC)


def currency_of(written: str) -> str:
    """Three letters (ISO 4217). Raises Invalid."""
    code = written.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise Invalid(f"“{written[:20]}” is not a currency. Write three letters, such as EUR.", "currency")
    return code


def plain(text: str, most: int, name: str) -> str:
    """Raises Invalid for what is too long to keep whole, or holds characters that do not print."""
    trimmed = text.strip()
    if len(trimmed) > most:
        raise Invalid(f"The {name} is longer than {most} characters.", name)
    if not trimmed.isprintable():
        raise Invalid(f"The {name} holds characters that do not print.", name)
    return trimmed


def _places(head: list[str], columns: tuple[str, ...], more: tuple[str, ...]) -> Mapping[str, int]:
    names = [name.strip().lower() for name in head]
    missing = [name for name in columns if name not in names]
    if missing:
        raise Invalid(
            f"Line 1 must name the columns {', '.join(columns)}. Missing: {', '.join(missing)}. "
            f"It says: “{', '.join(names)[:100]}”."
        )
    return {name: names.index(name) for name in (*columns, *more) if name in names}
