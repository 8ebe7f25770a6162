"""Warranties and contracts come in: each once, corrected where stated anew; cases are judged by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from desk.actions.customers.covers import judge_cases
from desk.actions.customers.stating import (
    Plan,
    ValuesOf,
    owners_named,
    owners_touched,
    planned,
    sound_rows,
    tell_customers,
    told_of,
    write_down,
)
from desk.actions.setup.audit import audit
from desk.customers.entitlements import StatedEntitlement
from desk.customers.stating import Table
from desk.model.entitlement import EntitlementCorrection
from desk.model.errors import Invalid
from desk.model.events import EntitlementsTaken
from desk.model.permission import Permission
from desk.store.customers.entitlements import (
    cases_leaning_on,
    categories_named,
    correct_entitlement,
    keep_entitlements,
    known_entitlements,
)
from desk.store.holds import hold
from desk.store.unit_of_work import Work

NOUN = "entitlement"


def plan_entitlements(work: Work, rows: Sequence[StatedEntitlement]) -> Plan:
    """What `take_entitlements` would do now. Changes nothing."""
    work.require(Permission.TAKE_PURCHASES)
    known = known_entitlements(work.session, [row.external_id for row in rows])
    return planned(rows, known, owners_named(work, rows), _values_by(_categories(work, rows)), noun=NOUN)


def take_entitlements(work: Work, rows: Sequence[StatedEntitlement], source: str) -> Plan:
    """Take them all, or none: new ones are written down, known ones corrected where they differ.

    As with purchases, stating one again is harmless, and a customer whom nobody knew is met. The cases
    of these customers that are at work, or are to be billed, are judged anew in the same transaction.
    Raises Invalid for a category that there is not.
    """
    work.require(Permission.TAKE_PURCHASES)
    # One at a time: two calls with the same new entitlement would meet in the middle of it.
    hold(work.session, "entitlements")
    values_of = _values_by(_categories(work, rows))
    known = known_entitlements(work.session, [row.external_id for row in rows])
    owners = owners_named(work, rows)
    plan = planned(rows, known, owners, values_of, noun=NOUN)
    touched = owners_touched(work, rows, plan, known, owners)
    # Cases are held before the entitlements, as by everybody else who needs both.
    cases = cases_leaning_on(work.session, touched)

    def correct(number: int, values: dict[str, Any], was: dict[str, Any] | None) -> None:
        before = None
        if was is not None:
            before = EntitlementCorrection(entitlement_id=number, at=work.now, source=source[:120], was=was)
        correct_entitlement(work.session, number, values, before)

    new = write_down(rows, plan, known, owners, values_of, correct)
    keep_entitlements(work.session, [values | {"source": source[:120]} for values in new])
    if touched:
        counts = plan.counted()
        work.record(EntitlementsTaken(added=counts["added"], corrected=counts["corrected"]))
        judge_cases(work, cases)
    tell_customers(work, touched)
    return plan


def import_entitlements(
    work: Work, table: Table[StatedEntitlement], source: str, *, dry_run: bool
) -> dict[str, Any]:
    """What a file holds, in numbers and problems; taken whole unless there is one, or it is a dry run."""
    known = categories_named(work.session)
    for row in table.rows:
        for name in _unknown(row, known):
            table.trouble(f"“{row.external_id[:60]}” covers “{name[:60]}”: there is no such category.")
    rehearsed = dry_run or bool(table.problems)
    if rehearsed:
        plan = plan_entitlements(work, [row for row in sound_rows(table) if not _unknown(row, known)])
    else:
        plan = take_entitlements(work, table.rows, source)
        audit(work, "entitlements imported", "entitlements", plan.counted() | {"source": source})
    return told_of(table, plan, taken=not rehearsed)


def _categories(work: Work, rows: Sequence[StatedEntitlement]) -> Mapping[str, int]:
    known = categories_named(work.session)
    for row in rows:
        for name in _unknown(row, known):
            raise Invalid(
                f"“{row.external_id[:60]}” covers “{name[:60]}”: there is no such category.", "covers"
            )
    return known


def _unknown(row: StatedEntitlement, known: Mapping[str, int]) -> list[str]:
    return [name for name in row.covers if name.lower() not in known]


def _values_by(categories: Mapping[str, int]) -> ValuesOf:
    def values(row: StatedEntitlement, owner: int | None) -> dict[str, Any]:
        return {
            "customer_id": owner,
            "kind": row.what,
            "product": row.product,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "category_ids": sorted(categories[name.lower()] for name in row.covers),
            "allowance": row.allowance,
            "whole_organisation": row.whole_organisation,
            "as_of": row.as_of,
        }

    return values
