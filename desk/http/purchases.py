"""Purchases that operational systems bring: one by one, as a file, or by signed calls."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, request
from pydantic import AwareDatetime, Field

from desk.actions.purchases import (
    Outcome,
    add_source,
    import_purchases,
    remove_source,
    take_purchases,
)
from desk.customers.purchases import Stated, read_purchases, stated
from desk.customers.tables import encoding_of
from desk.customers.webhooks import refuse_unsigned
from desk.http.asked import json_body, read
from desk.http.entrance import (
    BODY_LIMIT,
    Asked,
    allow,
    body,
    ground,
    one_file,
    public,
    query,
    reading,
    upload,
    work,
)
from desk.model.customer import AddressKind
from desk.model.errors import Forbidden, Invalid
from desk.model.permission import Permission, system
from desk.store.purchases import every_source, find_source, known_purchases

blueprint = Blueprint("purchases", __name__)
pages = Blueprint("purchase_calls", __name__, url_prefix="/hooks/purchases")

KINDS = {"email": AddressKind.EMAIL, "phone": AddressKind.PHONE, "external_id": AddressKind.EXTERNAL}


class BuyerAsked(Asked):
    """Exactly one of `email`, `phone` (with its country) and `external_id` (your number of the customer)."""

    email: str | None = Field(None, max_length=320)
    phone: str | None = Field(None, max_length=40)
    external_id: str | None = Field(None, max_length=320)
    name: str = Field("", max_length=200)


class PurchaseAsked(Asked):
    """One line of an order. `external_id` is your name for it: the same is the same purchase, and corrects
    it where it differs. A return is a line of its own with a negative amount. `as_of` is the moment for
    which you state it: a word that arrives late changes nothing."""

    external_id: str = Field(min_length=1, max_length=120)
    customer: BuyerAsked
    amount: Decimal
    currency: str = Field(min_length=3, max_length=3)
    bought_at: AwareDatetime
    order_number: str = Field("", max_length=64)
    line: int = Field(1, ge=1, le=10_000)
    description: str = Field("", max_length=300)
    status: str = Field("", max_length=40)
    as_of: AwareDatetime | None = None

    def stated(self, now: datetime) -> Stated:
        """Raises Invalid unless exactly one address of the customer is given, and for what cannot be."""
        given = {name: value for name in KINDS if (value := getattr(self.customer, name))}
        if len(given) != 1:
            raise Invalid("Give one of email, phone and external_id.", "customer")
        [(kind, address)] = given.items()
        plain = self.model_dump(exclude={"customer"})
        return stated(**plain, kind=KINDS[kind], address=address, name=self.customer.name, now=now)


class Called(Asked):
    """A call of a system: up to 500 purchases, taken together or not at all."""

    purchases: list[PurchaseAsked] = Field(min_length=1, max_length=500)


class ImportAsked(Asked):
    """`dry_run` tells what would happen, and changes nothing."""

    dry_run: bool = False


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
        kept = known_purchases(w.session, [row.external_id])[row.external_id]
        shown = {"id": kept.id, "external_id": row.external_id, "customer_id": kept.customer_id}
        return {**shown, "outcome": outcome}, 201 if outcome is Outcome.ADDED else 200


@blueprint.post("/purchase-imports")
@upload
@allow(Permission.TAKE_PURCHASES)
@query(ImportAsked)
def take_file(query: ImportAsked) -> dict[str, Any]:
    """Take a CSV file as the form field `file`: whole, or with `dry_run` only looked at.

    Columns: id, customer, date, amount, currency; order, line, description, status, name, as_of if you
    like. With problems nothing is taken, and each is told with its line.
    """
    given = one_file()
    stream = io.BytesIO(given.stream.read())
    encoding = encoding_of(stream)
    with work() as w, io.TextIOWrapper(stream, encoding=encoding, newline="") as lines:
        table = read_purchases(lines, now=w.now)
        return import_purchases(w, table, (given.filename or "file")[:120], dry_run=query.dry_run)


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
    """Purchases by a signed call; committed before it is answered, so that another try is harmless."""
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
        return take_purchases(w, [one.stated(w.now) for one in asked.purchases], source.name).counted()


def _url(source_id: int) -> str:
    return f"{ground().settings.public_url}/hooks/purchases/{source_id}"
