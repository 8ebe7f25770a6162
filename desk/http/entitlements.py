"""Entitlements over HTTP: handed in one by one or as a file; and what they mean for a case."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint
from pydantic import StringConstraints

from desk.actions.customers import covers
from desk.actions.customers.entitlements import import_entitlements, take_entitlements
from desk.customers.entitlements import read_entitlements
from desk.http.asked import Asked
from desk.http.cases import done
from desk.http.entrance import allow, body, query, upload, work
from desk.http.files import table_given
from desk.http.schemas.stated import EntitlementAsked, ImportAsked, taken
from desk.model.permission import Permission
from desk.store.customers.entitlements import known_entitlements

blueprint = Blueprint("entitlements", __name__)

Why = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]


class ProductAsked(Asked):
    """Which product the case is about; empty, what its words name."""

    product: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class BillingAsked(Asked):
    """`reason` says why, where it goes against the entitlements."""

    billable: bool
    reason: Why = ""


class AgreementAsked(Asked):
    """`note` is how the customer agreed, in words."""

    note: Why = ""


@blueprint.post("/entitlements")
@allow(Permission.TAKE_PURCHASES)
@body(EntitlementAsked)
def take(body: EntitlementAsked) -> tuple[dict[str, Any], int]:
    """Hand in a warranty or a contract, or state it anew: 201 when it is new, 200 when it was known."""
    with work() as w:
        row = body.stated(w.now)
        [outcome] = take_entitlements(w, [row], w.actor.name).outcomes
        return taken(known_entitlements(w.session, [row.external_id])[row.external_id], outcome)


@blueprint.post("/entitlement-imports")
@upload
@allow(Permission.TAKE_PURCHASES)
@query(ImportAsked)
def take_file(query: ImportAsked) -> dict[str, Any]:
    """Take a CSV file as the form field `file`: whole, or with `dry_run` only looked at.

    Columns: id, customer, kind, product, from, until; covers, allowance, organisation, name, as_of if you
    like. With problems nothing is taken, and each is told with its line.
    """
    with table_given() as (lines, name), work() as w:
        return import_entitlements(w, read_entitlements(lines, now=w.now), name, dry_run=query.dry_run)


@blueprint.put("/cases/<int:case_id>/product")
@allow(Permission.WORK_CASES)
@body(ProductAsked)
def product(case_id: int, body: ProductAsked) -> dict[str, Any]:
    """Say which product the case is about, and so by what the work is covered."""
    return done(lambda w: covers.choose_product(w, case_id, body.product))


@blueprint.put("/cases/<int:case_id>/billing")
@allow(Permission.WORK_CASES)
@body(BillingAsked)
def bill(case_id: int, body: BillingAsked) -> dict[str, Any]:
    """Bill the work, or do not; against the entitlements it takes a manager and a reason."""
    return done(lambda w: covers.bill_case(w, case_id, billable=body.billable, reason=body.reason))


@blueprint.delete("/cases/<int:case_id>/billing")
@allow(Permission.WORK_CASES)
def follow(case_id: int) -> dict[str, Any]:
    """Let the entitlements decide again."""
    return done(lambda w: covers.follow_entitlements(w, case_id))


@blueprint.put("/cases/<int:case_id>/agreement")
@allow(Permission.WORK_CASES)
@body(AgreementAsked)
def agree(case_id: int, body: AgreementAsked) -> dict[str, Any]:
    """The customer agreed to be billed."""
    return done(lambda w: covers.note_agreement(w, case_id, body.note))


@blueprint.delete("/cases/<int:case_id>/agreement")
@allow(Permission.WORK_CASES)
def disagree(case_id: int) -> dict[str, Any]:
    """The customer agreed to nothing."""
    return done(lambda w: covers.withdraw_agreement(w, case_id))
