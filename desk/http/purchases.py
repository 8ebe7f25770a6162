"""Purchases that operational systems bring: one by one, as a file, or by signed calls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, request
from pydantic import Field

from desk.actions.customers.entitlements import take_entitlements
from desk.actions.customers.purchases import (
    add_source,
    import_purchases,
    remove_source,
    take_purchases,
)
from desk.customers.purchases import read_purchases
from desk.customers.webhooks import refuse_unsigned
from desk.http.asked import json_body, read
from desk.http.entrance import (
    BODY_LIMIT,
    Asked,
    allow,
    body,
    ground,
    public,
    query,
    reading,
    upload,
    work,
)
from desk.http.files import table_given
from desk.http.schemas.stated import Called, ImportAsked, PurchaseAsked, taken
from desk.model.errors import Forbidden
from desk.model.permission import Permission, system
from desk.store.customers.purchases import every_source, find_source, known_purchases

blueprint = Blueprint("purchases", __name__)
pages = Blueprint("purchase_calls", __name__, url_prefix="/hooks/purchases")


class SourceAsked(Asked):
    name: str = Field(min_length=1, max_length=60)


@blueprint.post("/purchases")
@allow(Permission.TAKE_PURCHASES)
@body(PurchaseAsked)
def take(body: PurchaseAsked) -> tuple[dict[str, Any], int]:
    """Hand in a purchase, or state it anew: 201 when it is new, 200 when it was known."""
    with work() as w:
        row = body.stated(w.now)
        [outcome] = take_purchases(w, [row], w.actor.name).outcomes
        return taken(known_purchases(w.session, [row.external_id])[row.external_id], outcome)


@blueprint.post("/purchase-imports")
@upload
@allow(Permission.TAKE_PURCHASES)
@query(ImportAsked)
def take_file(query: ImportAsked) -> dict[str, Any]:
    """Take a CSV file as the form field `file`: whole, or with `dry_run` only looked at.

    Columns: id, customer, date, amount, currency; order, line, description, status, name, as_of if you
    like. With problems nothing is taken, and each is told with its line.
    """
    with table_given() as (lines, name), work() as w:
        return import_purchases(w, read_purchases(lines, now=w.now), name, dry_run=query.dry_run)


@blueprint.get("/purchase-sources")
@allow(Permission.EDIT_CHANNELS)
def sources() -> dict[str, Any]:
    """The systems that may call with purchases, and where."""
    with reading() as w:
        return {
            "rows": [
                {"id": one.id, "name": one.name, "url": _url(one.id), "created_at": one.created_at}
                for one in every_source(w.session)
            ]
        }


@blueprint.post("/purchase-sources")
@allow(Permission.EDIT_CHANNELS)
@body(SourceAsked)
def new_source(body: SourceAsked) -> tuple[dict[str, Any], int]:
    """Let a system call; its secret is shown this once."""
    with work() as w:
        source, secret = add_source(w, body.name, ground().vault)
        return {"id": source.id, "name": source.name, "url": _url(source.id), "secret": secret}, 201


@blueprint.delete("/purchase-sources/<int:source_id>")
@allow(Permission.EDIT_CHANNELS)
def no_source(source_id: int) -> None:
    """Its calls are refused from now on; what it brought stays."""
    with work() as w:
        remove_source(w, source_id)


@pages.post("/<int:source_id>")
@public("An operational system calls it, and signs each call with its secret (Standard Webhooks).")
def called(source_id: int) -> dict[str, Any]:
    """Purchases and entitlements by a signed call; answered after the commit: another try is harmless."""
    request.max_content_length = BODY_LIMIT
    raw = request.get_data(cache=True)
    caller = system(f"purchase source {source_id}")
    with ground().store.reading(caller) as w:
        source = find_source(w.session, source_id)
    if source is None:
        raise Forbidden("No source of purchases of this desk is called so.")
    refuse_unsigned(
        ground().vault.open(source.secret).decode(),
        message_id=request.headers.get("webhook-id", ""),
        timestamp=request.headers.get("webhook-timestamp", ""),
        signatures=request.headers.get("webhook-signature", ""),
        body=raw,
        now=datetime.now(UTC),
    )
    asked = read(Called, json_body())
    with ground().store.unit_of_work(caller) as w:
        told = take_purchases(w, [one.stated(w.now) for one in asked.purchases], source.name).counted()
        if not asked.entitlements:
            return told
        entitlements = [one.stated(w.now) for one in asked.entitlements]
        return {**told, "entitlements": take_entitlements(w, entitlements, source.name).counted()}


def _url(source_id: int) -> str:
    return f"{ground().settings.public_url}/hooks/purchases/{source_id}"
