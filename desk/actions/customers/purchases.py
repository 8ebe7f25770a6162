"""Purchases come in: each once, however often it is stated; corrections and late words change what was."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from desk.actions.customers.stating import (
    Plan,
    owners_named,
    owners_touched,
    planned,
    sound_rows,
    tell_customers,
    told_of,
    write_down,
)
from desk.actions.setup.audit import audit
from desk.customers.purchases import Stated
from desk.customers.stating import Table
from desk.customers.webhooks import new_secret
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.events import PurchasesTaken
from desk.model.permission import Permission
from desk.model.purchase import PurchaseCorrection, PurchaseSource
from desk.store.customers.purchases import (
    correct_purchase,
    every_source,
    find_source,
    keep_purchases,
    known_purchases,
)
from desk.store.holds import hold
from desk.store.unit_of_work import Work
from desk.store.vault import Vault


def plan_purchases(work: Work, rows: Sequence[Stated]) -> Plan:
    """What `take_purchases` would do now. Changes nothing."""
    work.require(Permission.TAKE_PURCHASES)
    known = known_purchases(work.session, [row.external_id for row in rows])
    return planned(rows, known, owners_named(work, rows), _values, noun="purchase")


def take_purchases(work: Work, rows: Sequence[Stated], source: str) -> Plan:
    """Take them all, or none: new ones are written down, known ones corrected where they differ.

    A customer whom nobody knew is met, with an address that is only claimed: it opens no history until
    its owner proves it. Who states a purchase again with the same content changes nothing; what was
    stated for an earlier moment than what is kept (`as_of`) changes nothing either.
    """
    work.require(Permission.TAKE_PURCHASES)
    # One at a time: two calls with the same new purchase would meet in the middle of it.
    hold(work.session, "purchases")
    known = known_purchases(work.session, [row.external_id for row in rows])
    owners = owners_named(work, rows)
    plan = planned(rows, known, owners, _values, noun="purchase")
    touched = owners_touched(work, rows, plan, known, owners)

    def correct(number: int, values: dict[str, Any], was: dict[str, Any] | None) -> None:
        before = None
        if was is not None:
            before = PurchaseCorrection(purchase_id=number, at=work.now, source=source[:120], was=was)
        correct_purchase(work.session, number, values, before)

    new = write_down(rows, plan, known, owners, _values, correct)
    keep_purchases(work.session, [values | {"source": source[:120]} for values in new])
    if touched:
        counts = plan.counted()
        work.record(PurchasesTaken(added=counts["added"], corrected=counts["corrected"]))
    tell_customers(work, touched)
    return plan


def import_purchases(work: Work, table: Table[Stated], source: str, *, dry_run: bool) -> dict[str, Any]:
    """What a file holds, in numbers and problems; taken whole unless there is one, or it is a dry run."""
    rehearsed = dry_run or bool(table.problems)
    if rehearsed:
        plan = plan_purchases(work, sound_rows(table))
    else:
        plan = take_purchases(work, table.rows, source)
        audit(work, "purchases imported", "purchases", plan.counted() | {"source": source})
    sums: dict[str, Decimal] = {}
    for row in table.rows:
        sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.amount
    return told_of(table, plan, taken=not rehearsed) | {
        "returns": sum(row.amount < 0 for row in table.rows),
        "sums": {currency: str(amount) for currency, amount in sorted(sums.items())},
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
