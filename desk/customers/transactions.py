"""Reading transactions: `customer,date,amount` as spreadsheets and shops write it, or a word with the line.

Nothing is guessed that would change an amount or a day: what can be read in two ways is refused.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from desk.customers.tables import opened
from desk.model.errors import Invalid

if TYPE_CHECKING:
    from _csv import Reader

COLUMNS = ("customer", "date", "amount")
_PLAIN = re.compile(r"-?\d{1,12}(\.\d{1,4})?", re.ASCII)
_AMOUNT = re.compile(r"(?P<before>[A-Z]{3}|[^\w\s.,+-])?\s*(?P<number>[+-]?\d{1,12}(?:[.,]\d{1,4})?)"
                     r"\s*(?P<after>[A-Z]{3}|[^\w\s.,+-])?", re.ASCII)  # fmt: skip


@dataclass
class Transactions:
    """The rows in their order: `who` indexes `customers`, `day` are proleptic ordinals, returns are
    negative. `remarks` are sentences about what was left out, or taken in a way worth knowing."""

    customers: list[str]
    who: NDArray[np.int32]
    day: NDArray[np.int32]
    amount: NDArray[np.float64]
    until: date
    remarks: list[str] = field(default_factory=list)


@dataclass
class _Left:
    """How many rows were of a kind that is told, and where the first was."""

    count: int = 0
    line: int = 0

    def note(self, line: int) -> None:
        self.count += 1
        self.line = self.line or line

    def say(self, one: str, many: str) -> str:
        said = one if self.count == 1 else many.format(f"{self.count:,}")
        return f"{said} ({'line' if self.count == 1 else 'first in line'} {self.line})."


def read_transactions(lines: Iterable[str], *, until: date | None, today: date) -> Transactions:
    """The transactions of a CSV file, its first line naming the columns, up to the end of `until`.

    Delimiters are comma, semicolon or tab; with semicolons or tabs an amount may have a decimal comma. Dates
    are ISO 8601, a time of day is dropped. Other columns than customer, date, amount, currency are ignored.
    A negative amount is a return. Rows after `until` (default: the last date) and amounts of zero are left
    out with a remark. Raises Invalid, with the line, for anything else: columns that are missing, a row that
    is too short, no customer, a date or amount that cannot be read, a second currency, and a
    date after `today` while `until` does not say where observation ends.
    """
    reader, delimiter = opened(lines, "customer, date and amount")
    try:
        return _read(reader, delimiter, until, today)
    except csv.Error as error:
        raise Invalid(f"Line {reader.line_num} is not CSV: {error}.") from error


def _read(reader: Reader, delimiter: str, until: date | None, today: date) -> Transactions:
    place = _columns(next(reader))
    at_customer, at_date, at_amount = (place[name] for name in COLUMNS)
    at_currency = place.get("currency")
    needed = max(place.values()) + 1
    numbers: dict[str, int] = {}
    days: dict[str, int] = {}
    who, day, amount = array("i"), array("i"), array("d")
    money = _Money(comma=delimiter != ",")
    returns, zeros, late = _Left(), _Left(), _Left()
    latest = (until or today).toordinal()
    for row in reader:
        if len(row) < needed:
            if not any(row):
                continue
            raise Invalid(
                f"Line {reader.line_num} has {len(row)} fields where the columns need {needed}: "
                f"“{delimiter.join(row)[:60]}”."
            )
        customer, written = row[at_customer].strip(), row[at_date]
        if not customer:
            raise Invalid(f"Line {reader.line_num} names no customer.")
        when = days.get(written)
        if when is None:
            when = days[written] = _day(written, reader.line_num)
        paid = money.amount(row[at_amount], reader.line_num)
        if at_currency is not None:
            money.same(row[at_currency].strip().upper(), reader.line_num)
        if when > latest:
            if until is None:
                raise Invalid(
                    f"Line {reader.line_num} is dated in the future ({written.strip()}). "
                    "Correct it, or say with --until where observation ends."
                )
            late.note(reader.line_num)
            continue
        if paid == 0:
            zeros.note(reader.line_num)
            continue
        if paid < 0:
            returns.note(reader.line_num)
        number = numbers.get(customer)
        if number is None:
            if not customer.isprintable():
                raise Invalid(f"Line {reader.line_num} names a customer with characters that do not print.")
            number = numbers[customer] = len(numbers)
        who.append(number)
        day.append(when)
        amount.append(paid)
    if not who:
        raise Invalid(
            f"Nothing was bought until {until}." if late.count
            else "There are no transactions below the line that names the columns."
        )  # fmt: skip
    days_read = np.array(day, np.int32)
    end = until or date.fromordinal(int(days_read.max()))
    return Transactions(
        list(numbers), np.array(who, np.int32), days_read, np.array(amount, np.float64), end,
        _remarks(returns, zeros, late, end),
    )  # fmt: skip


def _remarks(returns: _Left, zeros: _Left, late: _Left, end: date) -> list[str]:
    said = []
    if returns.count:
        said.append(returns.say(
            "One amount is negative: taken as a return, off what its customer bought before",
            "{} amounts are negative: taken as returns, off what their customers bought before",
        ))  # fmt: skip
    if zeros.count:
        said.append(zeros.say("One amount is zero: left out", "{} amounts are zero: left out"))
    if late.count:
        said.append(late.say(f"One row is after {end}: left out", f"{{}} rows are after {end}: left out"))
    return said


def _columns(head: list[str]) -> Mapping[str, int]:
    names = [name.strip().lower() for name in head]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise Invalid(
            f"Line 1 must name the columns customer, date and amount. Missing: {', '.join(missing)}. "
            f"It says: “{', '.join(names)[:100]}”."
        )
    twice = next((name for name in (*COLUMNS, "currency") if names.count(name) > 1), None)
    if twice:
        raise Invalid(f"Line 1 names the column {twice} twice.")
    return {name: names.index(name) for name in (*COLUMNS, "currency") if name in names}


def _day(written: str, line: int) -> int:
    """The ordinal of an ISO date; a time of day after it is dropped, in whatever zone it is."""
    text = written.strip()
    try:
        if len(text) == 10:
            return date.fromisoformat(text).toordinal()
        return datetime.fromisoformat(text).toordinal()
    except ValueError:
        raise Invalid(
            f"Line {line}: “{text[:40]}” is not a date. Write dates as 2024-12-31: "
            "others can be read in two ways."
        ) from None


@dataclass
class _Money:
    """Reads amounts, and holds that all are in one currency. `comma`: 12,50 is twelve and a half."""

    comma: bool
    currency: str | None = None

    def amount(self, written: str, line: int) -> float:
        if _PLAIN.fullmatch(written):
            return float(written)
        text = written.strip()
        found = _AMOUNT.fullmatch(text)
        if found is None or ("," in text and not self.comma):
            raise Invalid(
                f"Line {line}: “{text[:40]}” is not an amount. Write amounts as 1234.50, without "
                "marks between thousands and below 1,000,000,000,000."
            )
        if found["before"] or found["after"]:
            self.same(found["before"] or found["after"], line)
        return float(found["number"].replace(",", "."))

    def same(self, currency: str, line: int) -> None:
        if not currency or currency == self.currency:
            return
        if self.currency is not None:
            raise Invalid(
                f"Line {line} is in {currency}, the lines before are in {self.currency}. "
                "Values are in one currency: convert first, or make a file for each."
            )
        self.currency = currency
