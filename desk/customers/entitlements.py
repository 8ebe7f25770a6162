"""Entitlements as an operational system states them, one by one or as a table: checked, and in one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from desk.customers.identity import normal_address
from desk.customers.stating import Table, day_of, kind_of, moment_of, name_of, plain, read_table, stated_at
from desk.model.customer import AddressKind
from desk.model.entitlement import EntitlementKind
from desk.model.errors import Invalid

COLUMNS = ("id", "customer", "kind", "product", "from", "until")
MORE_COLUMNS = ("covers", "allowance", "organisation", "name", "as_of")
MOST_CATEGORIES = 50
MOST_CASES = 100_000
_YES, _NO = ("yes", "true", "1"), ("", "no", "false", "0")


@dataclass(frozen=True, slots=True)
class StatedEntitlement:
    """A warranty or a contract, as its system states it at `as_of`; `covers` are names of categories."""

    external_id: str
    kind: AddressKind
    address: str
    what: EntitlementKind
    product: str
    starts_on: date
    ends_on: date
    covers: tuple[str, ...] = ()
    allowance: int | None = None
    whole_organisation: bool = False
    name: str = ""
    as_of: datetime | None = None


def entitlement_stated(
    *,
    external_id: str,
    kind: AddressKind,
    address: str,
    what: str,
    product: str,
    starts_on: date,
    ends_on: date,
    now: datetime,
    covers: Iterable[str] = (),
    allowance: int | None = None,
    whole_organisation: bool = False,
    name: str = "",
    as_of: datetime | None = None,
) -> StatedEntitlement:
    """The entitlement in its one form; `*` for every product. Raises Invalid for what cannot be."""
    named = name_of(external_id, "An entitlement")
    kinds = [one.value for one in EntitlementKind]
    if what.strip().lower() not in kinds:
        raise Invalid(f"“{what[:40]}” is no kind of entitlement: it is one of {', '.join(kinds)}.", "kind")
    called = " ".join(plain(product, 200, "product").split())
    if not called:
        raise Invalid("It names no product. Write * for every product.", "product")
    if ends_on < starts_on:
        raise Invalid(f"It would end on {ends_on}, before it begins on {starts_on}.", "until")
    if allowance is not None and not 1 <= allowance <= MOST_CASES:
        raise Invalid(f"The allowance is a number of cases from 1 to {MOST_CASES:,}.", "allowance")
    categories = tuple(dict.fromkeys(plain(one, 120, "covers") for one in covers if one.strip()))
    if len(categories) > MOST_CATEGORIES:
        raise Invalid(f"It may cover {MOST_CATEGORIES} categories; name none for all of them.", "covers")
    return StatedEntitlement(
        external_id=named,
        kind=kind,
        address=normal_address(kind, address),
        what=EntitlementKind(what.strip().lower()),
        product="" if called == "*" else called,
        starts_on=starts_on,
        ends_on=ends_on,
        covers=categories,
        allowance=allowance,
        whole_organisation=whole_organisation,
        name=plain(name, 200, "name"),
        as_of=stated_at(as_of, now),
    )


def read_entitlements(lines: Iterable[str], *, now: datetime) -> Table[StatedEntitlement]:
    """A CSV file with the columns id, customer, kind, product, from, until; covers (categories, a | between
    them), allowance (cases), organisation (yes or no), name and as_of as well, where they are there.

    Customers and problems are as in `read_purchases`.
    """
    return read_table(lines, COLUMNS, MORE_COLUMNS, lambda row, _: _row(row, now), noun="entitlements")


def _row(row: Mapping[str, str], now: datetime) -> StatedEntitlement:
    customer, allowance, shared = (
        row["customer"],
        row.get("allowance", ""),
        row.get("organisation", "").lower(),
    )
    if allowance and (not allowance.isdecimal() or len(allowance) > 9):
        raise Invalid(f"“{allowance[:40]}” is not a number of cases.", "allowance")
    if shared not in (*_YES, *_NO):
        raise Invalid(f"Write yes or no for the organisation, not “{shared[:40]}”.", "organisation")
    return entitlement_stated(
        external_id=row["id"],
        kind=kind_of(customer),
        address=customer,
        what=row["kind"],
        product=row["product"],
        starts_on=day_of(row["from"]),
        ends_on=day_of(row["until"]),
        now=now,
        covers=row.get("covers", "").split("|"),
        allowance=int(allowance) if allowance else None,
        whole_organisation=shared in _YES,
        name=row.get("name", ""),
        as_of=moment_of(row["as_of"]) if row.get("as_of") else None,
    )
