"""Purchases as an operational system states them, one by one or as a table: checked, and in one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from desk.customers.identity import normal_address
from desk.customers.stating import (
    AHEAD,
    Table,
    currency_of,
    kind_of,
    moment_of,
    name_of,
    plain,
    read_table,
    stated_at,
)
from desk.model.customer import AddressKind
from desk.model.errors import Invalid

COLUMNS = ("id", "customer", "date", "amount", "currency")
MORE_COLUMNS = ("order", "line", "description", "status", "name", "as_of")
LARGEST = Decimal(10) ** 12


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
    named = name_of(external_id, "A purchase")
    if bought_at.tzinfo is None:
        raise Invalid("Give moments with their offset, such as 2024-12-31T12:00:00Z.", "bought_at")
    if bought_at > now + AHEAD:
        raise Invalid(f"It would have been bought in the future ({bought_at:%Y-%m-%d}).", "bought_at")
    if not 1 <= line <= 10_000:
        raise Invalid("The line of an order is a number from 1 to 10,000.", "line")
    return Stated(
        external_id=named,
        kind=kind,
        address=normal_address(kind, address),
        amount=money(amount),
        currency=currency_of(currency),
        bought_at=bought_at.astimezone(UTC),
        order_number=plain(order_number, 64, "order") or named[:64],
        line=line,
        description=plain(description, 300, "description"),
        status=plain(status, 40, "status"),
        name=plain(name, 200, "name"),
        as_of=stated_at(as_of, now),
    )


def read_purchases(lines: Iterable[str], *, now: datetime) -> Table[Stated]:
    """A CSV file with the columns id, customer, date, amount, currency; order, line, description, status,
    name and as_of as well, where they are there.

    `customer` is an email address, a phone number with its +, or else your number of the customer. Every
    problem is collected with its line, so that one look shows them all. Raises Invalid only where no row
    can be read: columns that are missing, or a file that is no CSV.
    """
    return read_table(
        lines, COLUMNS, MORE_COLUMNS, lambda row, delimiter: _row(row, delimiter, now), noun="purchases"
    )


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


def _row(row: Mapping[str, str], delimiter: str, now: datetime) -> Stated:
    customer, amount, line = row["customer"], row["amount"], row.get("line") or "1"
    if delimiter != "," and amount.count(",") == 1 and "." not in amount:
        amount = amount.replace(",", ".")
    if not line.isdecimal() or len(line) > 6:
        raise Invalid(f"“{line[:40]}” is not the number of a line.", "line")
    return stated(
        external_id=row["id"],
        kind=kind_of(customer),
        address=customer,
        amount=amount,
        currency=row["currency"],
        bought_at=moment_of(row["date"]),
        now=now,
        order_number=row.get("order", ""),
        line=int(line),
        description=row.get("description", ""),
        status=row.get("status", ""),
        name=row.get("name", ""),
        as_of=moment_of(row["as_of"]) if row.get("as_of") else None,
    )
