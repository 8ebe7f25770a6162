"""Purchases as an operational system states them, one by one or as a table: checked, and in one form."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from desk.customers.identity import normal_address
from desk.customers.tables import opened
from desk.model.customer import AddressKind
from desk.model.errors import Invalid

COLUMNS = ("id", "customer", "date", "amount", "currency")
MORE_COLUMNS = ("order", "line", "description", "status", "name", "as_of")
MOST_ROWS = 200_000
MOST_PROBLEMS = 20
LARGEST = Decimal(10) ** 12
AHEAD = timedelta(days=1)
"""Clocks differ; what is later than this is in the future."""


@dataclass(frozen=True, slots=True)
class Stated:
    """One line of an order, as its system states it at `as_of`; a negative amount is a return."""

    external_id: str
    kind: AddressKind
    address: str
    amount: Decimal
    currency: str
    bought_at: datetime
    order_number: str
    line: int = 1
    description: str = ""
    status: str = ""
    name: str = ""
    as_of: datetime | None = None


@dataclass
class Table:
    """What a file states, and its problems in words, each with its line; `more` problems are not listed."""

    rows: list[Stated] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    more: int = 0

    def trouble(self, sentence: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(sentence)
        else:
            self.more += 1


def stated(
    *,
    external_id: str,
    kind: AddressKind,
    address: str,
    amount: str | Decimal,
    currency: str,
    bought_at: datetime,
    now: datetime,
    order_number: str = "",
    line: int = 1,
    description: str = "",
    status: str = "",
    name: str = "",
    as_of: datetime | None = None,
) -> Stated:
    """The purchase in its one form. Raises Invalid, naming the field, for what cannot be."""
    named = _plain(external_id, 120, "id")
    if not named:
        raise Invalid("A purchase needs an id of its own, the same whenever it is stated.", "id")
    if bought_at.tzinfo is None or (as_of is not None and as_of.tzinfo is None):
        raise Invalid("Give moments with their offset, such as 2024-12-31T12:00:00Z.", "bought_at")
    if bought_at > now + AHEAD:
        raise Invalid(f"It would have been bought in the future ({bought_at:%Y-%m-%d}).", "bought_at")
    if as_of is not None and as_of > now + AHEAD:
        raise Invalid(f"It would be stated in the future ({as_of:%Y-%m-%d}).", "as_of")
    if not 1 <= line <= 10_000:
        raise Invalid("The line of an order is a number from 1 to 10,000.", "line")
    return Stated(
        external_id=named,
        kind=kind,
        address=normal_address(kind, address),
        amount=money(amount),
        currency=_currency(currency),
        bought_at=bought_at.astimezone(UTC),
        order_number=_plain(order_number, 64, "order") or named[:64],
        line=line,
        description=_plain(description, 300, "description"),
        status=_plain(status, 40, "status"),
        name=_plain(name, 200, "name"),
        as_of=None if as_of is None else as_of.astimezone(UTC),
    )


def read_purchases(lines: Iterable[str], *, now: datetime) -> Table:
    """A CSV file with the columns id, customer, date, amount, currency; order, line, description, status,
    name and as_of as well, where they are there.

    `customer` is an email address, a phone number with its +, or else your number of the customer. Every
    problem is collected with its line, so that one look shows them all. Raises Invalid only where no row
    can be read: columns that are missing, or a file that is no CSV.
    """
    reader, delimiter = opened(lines, ", ".join(COLUMNS))
    table, seen = Table(), dict[str, int]()
    try:
        place = _columns(next(reader))
        for row in reader:
            if not any(row):
                continue
            if len(table.rows) >= MOST_ROWS:
                raise Invalid(f"The file has more than {MOST_ROWS:,} rows. Take it in parts.")
            line = reader.line_num
            try:
                one = _row({name: row[at].strip() for name, at in place.items()}, delimiter, now)
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
        raise Invalid("There are no purchases below the line that names the columns.")
    return table


def money(written: str | Decimal) -> Decimal:
    """An amount with at most two decimals. Raises Invalid."""
    text = str(written)
    try:
        amount = Decimal(text) if text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    exponent = amount.as_tuple().exponent
    if not amount.is_finite() or not isinstance(exponent, int) or "e" in text.lower():
        raise Invalid(f"“{text[:40]}” is not an amount. Write it as 1234.50.", "amount")
    if amount != round(amount, 2) or abs(amount) >= LARGEST:
        raise Invalid(f"“{text[:40]}” has more than two decimals, or is too large.", "amount")
    return round(amount, 2)


def _columns(head: list[str]) -> Mapping[str, int]:
    names = [name.strip().lower() for name in head]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise Invalid(
            f"Line 1 must name the columns {', '.join(COLUMNS)}. Missing: {', '.join(missing)}. "
            f"It says: “{', '.join(names)[:100]}”."
        )
    return {name: names.index(name) for name in (*COLUMNS, *MORE_COLUMNS) if name in names}


def _row(row: Mapping[str, str], delimiter: str, now: datetime) -> Stated:
    customer, amount, line = row["customer"], row["amount"], row.get("line") or "1"
    if delimiter != "," and amount.count(",") == 1 and "." not in amount:
        amount = amount.replace(",", ".")
    if not line.isdecimal() or len(line) > 6:
        raise Invalid(f"“{line[:40]}” is not the number of a line.", "line")
    return stated(
        external_id=row["id"],
        kind=_kind_of(customer),
        address=customer,
        amount=amount,
        currency=row["currency"],
        bought_at=_moment(row["date"]),
        now=now,
        order_number=row.get("order", ""),
        line=int(line),
        description=row.get("description", ""),
        status=row.get("status", ""),
        name=row.get("name", ""),
        as_of=_moment(row["as_of"]) if row.get("as_of") else None,
    )


def _kind_of(customer: str) -> AddressKind:
    if not customer:
        raise Invalid("It names no customer.", "customer")
    if "@" in customer:
        return AddressKind.EMAIL
    return AddressKind.PHONE if customer.startswith("+") else AddressKind.EXTERNAL


def _moment(written: str) -> datetime:
    """A date is its midnight, and what names no zone is taken for, UTC."""
    try:
        if len(written) == 10:
            return datetime.combine(date.fromisoformat(written), time(), UTC)
        found = datetime.fromisoformat(written)
    except ValueError:
        raise Invalid(f"“{written[:40]}” is not a date. Write it as 2024-12-31.", "date") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _currency(written: str) -> str:
    code = written.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise Invalid(f"“{written[:20]}” is not a currency. Write three letters, such as EUR.", "currency")
    return code


def _plain(text: str, most: int, name: str) -> str:
    """Raises Invalid for what is too long to keep whole, or holds characters that do not print."""
    trimmed = text.strip()
    if len(trimmed) > most:
        raise Invalid(f"The {name} is longer than {most} characters.", name)
    if not trimmed.isprintable():
        raise Invalid(f"The {name} holds characters that do not print.", name)
    return trimmed
