"""Warranties and contracts come in: each once, corrected where stated anew; cases are judged by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from desk.actions.audit import audit
from desk.actions.covers import judge_cases
from desk.actions.stating import (
    Outcome,
    Plan,
    ValuesOf,
    differing,
    in_plain,
    owner_met,
    owners_named,
    planned,
    sound_rows,
    tell_customers,
    told_of,
)
from desk.customers.entitlements import StatedEntitlement
from desk.customers.stating import Table
from desk.model.entitlement import Entitlement, EntitlementCorrection
from desk.model.errors import Invalid
from desk.model.events import EntitlementsTaken
from desk.model.permission import Permission
from desk.store.entitlements import (
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
    changing = [
        (row, outcome)
        for row, outcome in zip(rows, plan.outcomes, strict=True)
        if outcome in (Outcome.ADDED, Outcome.CORRECTED)
    ]
    touched = {owner_met(work, owners, row) for row, _ in changing}
    touched |= {
        known[row.external_id].customer_id for row, outcome in changing if outcome is Outcome.CORRECTED
    }
    # Cases are held before the entitlements, as by everybody else who needs both.
    cases = cases_leaning_on(work.session, touched)
    new: list[dict[str, Any]] = []
    for row, outcome in changing:
        values = values_of(row, owners[(row.kind, row.address)])
        if outcome is Outcome.ADDED:
            new.append(values | {"external_id": row.external_id, "source": source[:120]})
        else:
            _correct(work, known[row.external_id], values, source)
    for same in (row for row, one in zip(rows, plan.outcomes, strict=True) if one is Outcome.UNCHANGED):
        if same.as_of is not None:
            correct_entitlement(work.session, known[same.external_id].id, {"as_of": same.as_of}, None)
    keep_entitlements(work.session, new)
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


def _correct(work: Work, kept: Entitlement, values: dict[str, Any], source: str) -> None:
    was = in_plain(differing(kept, values))
    values["as_of"] = values["as_of"] or kept.as_of
    correction = EntitlementCorrection(entitlement_id=kept.id, at=work.now, source=source[:120], was=was)
    correct_entitlement(work.session, kept.id, values, correction)
