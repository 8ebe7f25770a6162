"""Customers over HTTP: their one face, and what agents may write on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response

from desk.actions.customers import profile as customers
from desk.actions.customers.addresses import claim_address, give_up_address, verify_address
from desk.actions.customers.export import customer_export
from desk.actions.customers.faces import customer_shown
from desk.actions.customers.merges import merge_customers, undo_customer_merge
from desk.actions.customers.profile import customer_known
from desk.actions.customers.worth import follow_value, value_traced
from desk.http.entrance import allow, body, query, reading, work
from desk.http.files import disposition
from desk.http.schemas.cases import Page
from desk.http.schemas.customers import Agreed, Claimed, Described, Found, MergedInto, NewCustomer
from desk.model.customer import Customer
from desk.model.permission import Permission
from desk.store.customers.cases import page_of_customer_cases
from desk.store.search import customers_found, latest_customers
from desk.store.unit_of_work import Work

blueprint = Blueprint("customers", __name__)


@blueprint.get("/customers")
@allow(Permission.READ_CUSTOMERS)
@query(Found)
def listed(query: Found) -> dict[str, Any]:
    """Customers by a part of a name or an address; without one the youngest."""
    with reading() as w:
        if query.q:
            rows, following = customers_found(
                w.session, w.actor, query.q, cursor=query.cursor, limit=query.limit
            )
        else:
            rows, following = latest_customers(w.session, w.actor, cursor=query.cursor, limit=query.limit)
        return {"rows": rows, "next": following}


@blueprint.get("/customers/<int:customer_id>")
@allow(Permission.READ_CUSTOMERS)
def shown(customer_id: int) -> dict[str, Any]:
    """The customer's whole face."""
    with reading() as w:
        return customer_shown(w, customer_known(w, customer_id, to=Permission.READ_CUSTOMERS).id)


@blueprint.post("/customers")
@allow(Permission.EDIT_CUSTOMERS)
@body(NewCustomer)
def make(body: NewCustomer) -> tuple[dict[str, Any], int]:
    """Write a customer down; the addresses are claimed until they are verified."""
    claimed = [(address.kind, address.value) for address in body.addresses]
    return _done(lambda w: customers.new_customer(w, body.description(), claimed)), 201


@blueprint.patch("/customers/<int:customer_id>")
@allow(Permission.EDIT_CUSTOMERS)
@body(Described)
def describe(customer_id: int, body: Described) -> dict[str, Any]:
    """Say who the customer is."""
    return _done(lambda w: customers.describe_customer(w, customer_id, body.description()))


@blueprint.post("/customers/<int:customer_id>/addresses")
@allow(Permission.EDIT_CUSTOMERS)
@body(Claimed)
def claim(customer_id: int, body: Claimed) -> dict[str, Any]:
    """The customer says to have this address; one that another customer has proven becomes a proposal."""
    return _done(lambda w: claim_address(w, customer_id, body.kind, body.value))


@blueprint.delete("/addresses/<int:address_id>")
@allow(Permission.EDIT_CUSTOMERS)
def give_up(address_id: int) -> dict[str, Any]:
    """The address is the customer's no more."""
    return _done(lambda w: give_up_address(w, address_id))


@blueprint.put("/addresses/<int:address_id>/verification")
@allow(Permission.EDIT_CUSTOMERS)
def verify(address_id: int) -> dict[str, Any]:
    """I have made sure that the customer owns the address."""
    return _done(lambda w: verify_address(w, address_id))


@blueprint.put("/customers/<int:customer_id>/merge")
@allow(Permission.MERGE_CUSTOMERS)
@body(MergedInto)
def merge(customer_id: int, body: MergedInto) -> dict[str, Any]:
    """These two are one person: everything moves to the other face."""
    with work() as w:
        made = merge_customers(w, customer_id, body.into)
        w.session.flush()
        return {"merge_id": made.id, "customer": customer_shown(w, made.into_id)}


@blueprint.delete("/customer-merges/<int:merge_id>")
@allow(Permission.MERGE_CUSTOMERS)
def unmerge(merge_id: int) -> dict[str, Any]:
    """They are two after all; answers with the customer who came back."""
    return _done(lambda w: undo_customer_merge(w, merge_id))


@blueprint.delete("/merge-proposals/<int:proposal_id>")
@allow(Permission.MERGE_CUSTOMERS)
def dismiss(proposal_id: int) -> None:
    """These two are not one person."""
    with work() as w:
        customers.dismiss_proposal(w, proposal_id)


@blueprint.delete("/customers/<int:customer_id>/tier-by-hand")
@allow(Permission.EDIT_CUSTOMERS)
def tier_by_value(customer_id: int) -> dict[str, Any]:
    """The tier follows the value again."""
    return _done(lambda w: follow_value(w, customer_id))


@blueprint.get("/customers/<int:customer_id>/value")
@allow(Permission.READ_CUSTOMERS)
def value(customer_id: int) -> dict[str, Any]:
    """How the customer's figures came about: the run, its parameters, the purchases it counted."""
    with reading() as w:
        return value_traced(w, customer_id)


@blueprint.put("/customers/<int:customer_id>/consent")
@allow(Permission.EDIT_CUSTOMERS)
@body(Agreed)
def consent(customer_id: int, body: Agreed) -> dict[str, Any]:
    """What the customer said about being written to."""
    return _done(lambda w: customers.note_consent(w, customer_id, body.channel, granted=body.granted))


@blueprint.get("/customers/<int:customer_id>/cases")
@allow(Permission.READ_CUSTOMERS)
@query(Page)
def cases_of(customer_id: int, query: Page) -> dict[str, Any]:
    """The customer's cases that I may know of, newest first."""
    with reading() as w:
        customer = customer_known(w, customer_id, to=Permission.READ_CASES)
        rows, following = page_of_customer_cases(
            w.session, w.actor, customer.id, cursor=query.cursor, limit=query.limit
        )
        return {"rows": rows, "next": following}


@blueprint.get("/customers/<int:customer_id>/export")
@allow(Permission.EXPORT)
def export(customer_id: int) -> Response:
    """All that the customer may know we keep of them, as a JSON file."""
    with work() as w:
        kept = customer_export(w, customer_id)
    text = json.dumps(kept, ensure_ascii=False, indent=2)
    response = Response(text, mimetype="application/json")
    response.headers["Content-Disposition"] = disposition(f"customer-{customer_id}.json", inline=False)
    return response


def _done(deed: Callable[[Work], Customer]) -> dict[str, Any]:
    """Do it, and answer with the customer as they are now."""
    with work() as w:
        customer = deed(w)
        w.session.flush()
        return customer_shown(w, customer.id)
