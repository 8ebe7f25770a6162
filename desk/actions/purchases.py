"""Purchases come in: each once, however often it is stated; corrections and late words change what was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from desk.actions.audit import audit
from desk.actions.customers import newcomer_with
from desk.customers.purchases import Stated, Table
from desk.customers.webhooks import new_secret
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.events import CustomerChanged, PurchasesTaken
from desk.model.permission import Permission
from desk.model.purchase import Purchase, PurchaseCorrection, PurchaseSource
from desk.store.customers import meet
from desk.store.holds import hold
from desk.store.purchases import (
    correct_purchase,
    every_source,
    find_source,
    keep_purchases,
    known_purchases,
    owners_of,
)
from desk.store.unit_of_work import Work
from desk.store.vault import Vault

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
    """What taking these purchases would do: the outcome of each, and how many customers are new."""

    outcomes: list[Outcome]
    strangers: int

    def counted(self) -> dict[str, int]:
        counts = Counter(self.outcomes)
        return {outcome.value: counts[outcome] for outcome in Outcome} | {"new_customers": self.strangers}


def plan_purchases(work: Work, rows: Sequence[Stated]) -> Plan:
    """What `take_purchases` would do now. Changes nothing."""
    work.require(Permission.TAKE_PURCHASES)
    _once_each(rows)
    known = known_purchases(work.session, [row.external_id for row in rows])
    owners = owners_of(work.session, {(row.kind, row.address) for row in rows})
    outcomes = [
        _outcome(row, known.get(row.external_id), owners.get((row.kind, row.address))) for row in rows
    ]
    new = {
        (row.kind, row.address)
        for row, outcome in zip(rows, outcomes, strict=True)
        if outcome in (Outcome.ADDED, Outcome.CORRECTED)
    }
    return Plan(outcomes, len(new - owners.keys()))


def take_purchases(work: Work, rows: Sequence[Stated], source: str) -> Plan:
    """Take them all, or none: new ones are written down, known ones corrected where they differ.

    A customer whom nobody knew is met, with an address that is only claimed: it opens no history until
    its owner proves it. Who states a purchase again with the same content changes nothing; what was
    stated for an earlier moment than what is kept (`as_of`) changes nothing either.
    """
    work.require(Permission.TAKE_PURCHASES)
    # One at a time: two calls with the same new purchase would meet in the middle of it.
    hold(work.session, "purchases")
    plan = plan_purchases(work, rows)
    known = known_purchases(work.session, [row.external_id for row in rows])
    owners = owners_of(work.session, {(row.kind, row.address) for row in rows})
    new: list[dict[str, Any]] = []
    touched: set[int] = set()
    for row, outcome in zip(rows, plan.outcomes, strict=True):
        if outcome in (Outcome.UNCHANGED, Outcome.OUTDATED):
            if outcome is Outcome.UNCHANGED and row.as_of is not None:
                correct_purchase(work.session, known[row.external_id].id, {"as_of": row.as_of}, None)
            continue
        owner = owners.get((row.kind, row.address))
        if owner is None:
            newcomer = newcomer_with(work, row.kind, row.address, row.name)
            owner = owners[(row.kind, row.address)] = meet(work.line, newcomer, work.now)
        touched.add(owner)
        if outcome is Outcome.ADDED:
            new.append(_values(row, owner) | {"external_id": row.external_id, "source": source[:120]})
        else:
            touched.add(known[row.external_id].customer_id)
            _correct(work, known[row.external_id], _values(row, owner), source)
    keep_purchases(work.session, new)
    if touched:
        counts = plan.counted()
        work.record(PurchasesTaken(added=counts["added"], corrected=counts["corrected"]))
    if len(touched) <= TOLD_ONE_BY_ONE:
        for customer_id in sorted(touched):
            work.record(CustomerChanged(customer_id=customer_id))
    return plan


def import_purchases(work: Work, table: Table, source: str, *, dry_run: bool) -> dict[str, Any]:
    """What a file holds, in numbers and problems; taken whole unless there is one, or it is a dry run."""
    rehearsed = dry_run or bool(table.problems)
    if table.problems:
        # Of a file that is not taken, the sound rows still tell what they would have done.
        sound = list({row.external_id: row for row in table.rows}.values())
        plan = plan_purchases(work, sound)
    else:
        plan = plan_purchases(work, table.rows) if dry_run else take_purchases(work, table.rows, source)
    if not rehearsed:
        audit(work, "purchases imported", "purchases", plan.counted() | {"source": source})
    sums: dict[str, Decimal] = {}
    for row in table.rows:
        sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.amount
    return {
        "taken": not rehearsed,
        "rows": len(table.rows),
        **plan.counted(),
        "returns": sum(row.amount < 0 for row in table.rows),
        "sums": {currency: str(amount) for currency, amount in sorted(sums.items())},
        "problems": table.problems,
        "more_problems": table.more,
    }


def add_source(work: Work, name: str, vault: Vault) -> tuple[PurchaseSource, str]:
    """A system that may call us with purchases, and its secret, shown this once."""
    work.require(Permission.EDIT_CHANNELS)
    called = name.strip()
    if not 1 <= len(called) <= 60 or not called.isprintable():
        raise Invalid("The name of a source has 1 to 60 characters.", "name")
    if any(one.name == called for one in every_source(work.session)):
        raise Conflict(f"There is a source “{called}” already.")
    secret = new_secret()
    source = PurchaseSource(name=called, secret=vault.seal(secret.encode()), created_at=work.now)
    work.session.add(source)
    work.session.flush()
    audit(work, "purchase source added", f"purchase_source:{source.id}", {"name": called})
    return source, secret


def remove_source(work: Work, source_id: int) -> None:
    """From now on its calls are refused; what it brought stays."""
    work.require(Permission.EDIT_CHANNELS)
    source = find_source(work.session, source_id)
    if source is None:
        raise NotFound(f"There is no source {source_id}.")
    work.session.delete(source)
    audit(work, "purchase source removed", f"purchase_source:{source_id}", {"name": source.name})


def _once_each(rows: Sequence[Stated]) -> None:
    counts = Counter(row.external_id for row in rows)
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice is not None:
        raise Invalid(f"The purchase “{twice[:60]}” is stated twice.", "id")


def _outcome(row: Stated, kept: Purchase | None, owner: int | None) -> Outcome:
    if kept is None:
        return Outcome.ADDED
    if row.as_of is not None and kept.as_of is not None and row.as_of < kept.as_of:
        return Outcome.OUTDATED
    return Outcome.CORRECTED if _differing(kept, _values(row, owner)) else Outcome.UNCHANGED


def _values(row: Stated, owner: int | None) -> dict[str, Any]:
    return {
        "customer_id": owner,
        "order_number": row.order_number,
        "line": row.line,
        "description": row.description,
        "amount": row.amount,
        "currency": row.currency,
        "bought_at": row.bought_at,
        "status": row.status,
        "as_of": row.as_of,
    }


def _differing(kept: Purchase, values: Mapping[str, Any]) -> dict[str, Any]:
    """Which of what is kept would change, with its former value; a later `as_of` alone is no change."""
    return {
        name: getattr(kept, name)
        for name, value in values.items()
        if name != "as_of" and getattr(kept, name) != value
    }


def _correct(work: Work, kept: Purchase, values: dict[str, Any], source: str) -> None:
    was = _differing(kept, values)
    values["as_of"] = values["as_of"] or kept.as_of
    plain = {name: value if isinstance(value, int) else str(value) for name, value in was.items()}
    correction = PurchaseCorrection(purchase_id=kept.id, at=work.now, source=source[:120], was=plain)
    correct_purchase(work.session, kept.id, values, correction)
