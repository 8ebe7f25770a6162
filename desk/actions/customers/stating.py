"""What operational systems state is taken once, however often they state it: the plan, and its telling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from desk.actions.customers.profile import newcomer_with
from desk.customers.stating import Table
from desk.model.customer import AddressKind
from desk.model.errors import Invalid
from desk.model.events import CustomerChanged
from desk.store.customers.finding import meet
from desk.store.customers.purchases import owners_of
from desk.store.unit_of_work import Work

TOLD_ONE_BY_ONE = 50
"""So many customers are named to the screens; after a larger import they look anew by themselves."""


class Outcome(StrEnum):
    ADDED = "added"
    CORRECTED = "corrected"
    UNCHANGED = "unchanged"
    OUTDATED = "outdated"
    """It was stated for an earlier moment than what is kept: a late word, and nothing changes."""


@dataclass(frozen=True)
class Plan:
    """What taking these rows would do: the outcome of each, and how many customers are new."""

    outcomes: list[Outcome]
    strangers: int

    def counted(self) -> dict[str, int]:
        counts = Counter(self.outcomes)
        return {outcome.value: counts[outcome] for outcome in Outcome} | {"new_customers": self.strangers}


class Row(Protocol):
    """One thing that a system states of a customer."""

    @property
    def external_id(self) -> str: ...
    @property
    def kind(self) -> AddressKind: ...
    @property
    def address(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def as_of(self) -> datetime | None: ...


R = TypeVar("R", bound=Row)
Owners = dict[tuple[AddressKind, str], int]
ValuesOf = Callable[[Any, int | None], dict[str, Any]]
"""What would be kept of a row (of the kind that is taken), given whose it is."""

Correct = Callable[[int, dict[str, Any], dict[str, Any] | None], None]
"""Keep these values of what has the number; with the former ones, where something was different."""


def owners_named(work: Work, rows: Sequence[Row]) -> Owners:
    """Whose the addresses are; those that nobody has are left out."""
    return owners_of(work.session, {(row.kind, row.address) for row in rows})


def planned(
    rows: Sequence[Row], known: Mapping[str, Any], owners: Owners, values_of: ValuesOf, *, noun: str
) -> Plan:
    """What would become of the rows, given what is known of them. Raises Invalid for one stated twice."""
    counts = Counter(row.external_id for row in rows)
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice is not None:
        raise Invalid(f"The {noun} “{twice[:60]}” is stated twice.", "id")
    outcomes = [
        _outcome(row, known.get(row.external_id), values_of(row, owners.get((row.kind, row.address))))
        for row in rows
    ]
    new = {
        (row.kind, row.address)
        for row, outcome in zip(rows, outcomes, strict=True)
        if outcome in (Outcome.ADDED, Outcome.CORRECTED)
    }
    return Plan(outcomes, len(new - owners.keys()))


def owners_touched(
    work: Work, rows: Sequence[Row], plan: Plan, known: Mapping[str, Any], owners: Owners
) -> set[int]:
    """The customers of whom something changes, those that lose it among them; whom nobody knew is met."""
    touched: set[int] = set()
    for row, outcome in zip(rows, plan.outcomes, strict=True):
        if outcome in (Outcome.ADDED, Outcome.CORRECTED):
            touched.add(_owner_met(work, owners, row))
        if outcome is Outcome.CORRECTED:
            touched.add(known[row.external_id].customer_id)
    return touched


def write_down(
    rows: Sequence[Row],
    plan: Plan,
    known: Mapping[str, Any],
    owners: Owners,
    values_of: ValuesOf,
    correct: Correct,
) -> list[dict[str, Any]]:
    """Correct what is known and differs; what is new is given back, to be kept together. What is only said
    again is from then on of its later moment."""
    new: list[dict[str, Any]] = []
    for row, outcome in zip(rows, plan.outcomes, strict=True):
        if outcome is Outcome.UNCHANGED and row.as_of is not None:
            correct(known[row.external_id].id, {"as_of": row.as_of}, None)
        if outcome not in (Outcome.ADDED, Outcome.CORRECTED):
            continue
        values = values_of(row, owners[row.kind, row.address])
        if outcome is Outcome.ADDED:
            new.append(values | {"external_id": row.external_id})
        else:
            kept = known[row.external_id]
            was = _in_plain(_differing(kept, values))
            correct(kept.id, values | {"as_of": values["as_of"] or kept.as_of}, was)
    return new


def tell_customers(work: Work, touched: set[int]) -> None:
    """The screens hear of whose something changed, unless they are very many."""
    if len(touched) <= TOLD_ONE_BY_ONE:
        for customer_id in sorted(touched):
            work.record(CustomerChanged(customer_id=customer_id))


def sound_rows(table: Table[R]) -> list[R]:
    """Of a file that is not taken, the rows that can be looked at all the same: one for each id."""
    return list({row.external_id: row for row in table.rows}.values())


def told_of(table: Table[Any], plan: Plan, *, taken: bool) -> dict[str, Any]:
    """What a file holds, in numbers and problems."""
    return {
        "taken": taken,
        "rows": len(table.rows),
        **plan.counted(),
        "problems": table.problems,
        "more_problems": table.more,
    }


def _outcome(row: Row, kept: Any, values: Mapping[str, Any]) -> Outcome:
    if kept is None:
        return Outcome.ADDED
    if row.as_of is not None and kept.as_of is not None and row.as_of < kept.as_of:
        return Outcome.OUTDATED
    return Outcome.CORRECTED if _differing(kept, values) else Outcome.UNCHANGED


def _owner_met(work: Work, owners: Owners, row: Row) -> int:
    """Whose it is; whom nobody knew is met, by an address that is only claimed, and is in `owners` then."""
    owner = owners.get((row.kind, row.address))
    if owner is None:
        newcomer = newcomer_with(work, row.kind, row.address, row.name)
        owner = owners[(row.kind, row.address)] = meet(work.line, newcomer, work.now)
    return owner


def _differing(kept: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Which of what is kept would change, with its former value; a later `as_of` alone is no change."""
    return {
        name: getattr(kept, name)
        for name, value in values.items()
        if name != "as_of" and getattr(kept, name) != value
    }


def _in_plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON holds them."""
    return {
        name: value if isinstance(value, int | list) or value is None else str(value)
        for name, value in values.items()
    }
