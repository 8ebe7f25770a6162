"""What we keep of a customer, for the customer: everything about them, and nothing said in private."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desk.actions.customers.faces import customer_shown
from desk.actions.customers.profile import customer_known
from desk.actions.setup.audit import audit
from desk.model.permission import Permission
from desk.store.customers.records import cases_with_messages, every_purchase
from desk.store.unit_of_work import Work


def customer_export(work: Work, customer_id: int) -> dict[str, Any]:
    """Who we think they are, what they bought, agreed to and said, and what we answered.

    Private notes, lines of history, and what we only guess of them stay with us.
    """
    customer = customer_known(work, customer_id, to=Permission.EXPORT)
    face = customer_shown(work, customer.id)
    audit(work, "customer exported", f"customer:{customer.id}")
    told = ("name", "language", "time_zone", "created_at", "consent", "attributes")
    return {
        "customer": {"id": customer.id, **{name: _plain(face[name]) for name in told}},
        "organisation": face["organisation"]["name"] if face["organisation"] else None,
        "addresses": [
            {name: address[name] for name in ("kind", "value", "verified")} for address in face["addresses"]
        ],
        "purchases": every_purchase(work.session, customer.id),
        "entitlements": [
            {name: one[name] for name in ("kind", "external_id", "product", "starts_on", "ends_on")}
            for one in face["entitlements"]
        ],
        "cases": cases_with_messages(work.session, work.actor, customer.id),
        "exported_at": _plain(work.now),
    }


def _plain(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
