"""What is shown of a customer, and what stays closed while nobody has proven to be that customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from desk.customers.identity import TYPED, Approach, opens_history
from desk.customers.words import worth_in_words
from desk.model.errors import NotFound
from desk.model.inbound import ChannelKind, Verdict
from desk.store.customers.face import ask_for_face
from desk.store.line import Answer
from desk.store.unit_of_work import Work


def customer_shown(work: Work, customer_id: int) -> dict[str, Any]:
    """The customer's whole face, for an agent who asked for the customer. Raises NotFound."""
    work.flush()
    asked = ask_for_face(work.line, work.actor, now=work.now, customer_id=customer_id)
    row = next(iter(asked.rows), None)
    if row is None:
        raise NotFound(f"There is no customer {customer_id}.")
    return _shown(row._asdict())


def face_in_case(asked: Answer) -> dict[str, Any]:
    """The customer's face beside a case: closed where only a claimed address stands for the customer.

    Then it holds what came in through that address, and `closed` says so in a sentence.
    """
    (found,) = asked.rows
    row = found._asdict()
    came_by = read_approaches(row["approaches"])
    if opens_history(came_by):
        return _shown(row)
    typed = any(approach.verified and approach.channel in TYPED for approach in came_by)
    return _closed(row, {a["value"]: a["channel"] for a in row["approaches"] if a["value"]}, typed=typed)


def read_approaches(rows: Iterable[Mapping[str, Any]]) -> list[Approach]:
    """The rows of `desk.store.cases.approaches`, as the rules of who is who take them."""
    return [Approach(a["verified"], Verdict(a["verdict"]), ChannelKind(a["channel"])) for a in rows]


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    organisation = {"id": row["organisation_id"], "name": row["organisation_name"]}
    return {
        "id": row["id"],
        "name": row["name"],
        "called": row["called"],
        "tier": row["tier"],
        "language": row["language"],
        "time_zone": row["time_zone"],
        "organisation": organisation if row["organisation_id"] else None,
        "lifetime_value": _money(row["lifetime"], row["currency"]),
        "last_12_months": _money(row["last_12_months"], row["currency"]),
        "created_at": row["created_at"],
        "addresses": row["addresses"],
        "consent": row["consent"],
        "attributes": row["attributes"],
        "tier_by_hand": row["tier_by_hand"],
        "worth": _worth(row),
        "purchases": row["purchases"],
        "purchases_total": row["purchases_total"],
        "entitlements": row["entitlements"],
        "cases": [_without_sender(case) for case in row["cases"]],
        "cases_total": row["cases_total"],
        "proposals": row["proposals"],
        "merges": row["merges"],
        "merged_into_id": row["merged_into_id"],
        "closed": None,
    }


def _worth(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the customer is worth by the last run; None for whoever was never in one."""
    figures = next(iter(row["worth"]), None)
    return figures and worth_in_words(figures, row["tier"], by_hand=row["tier_by_hand"])


def _closed(row: Mapping[str, Any], came_from: Mapping[str, str], *, typed: bool) -> dict[str, Any]:
    shown = _shown(row)
    cases = [_without_sender(case) for case in row["cases"] if case["same_sender"]]
    addresses = [address for address in row["addresses"] if address["value"] in came_from]
    withheld = len(addresses) < len(row["addresses"]) or row["purchases_total"] or row["entitlements"]
    withheld = withheld or row["attributes"]
    return shown | {
        "organisation": None,
        "lifetime_value": None,
        "last_12_months": None,
        "worth": None,
        "addresses": addresses,
        "attributes": {},
        "purchases": [],
        "entitlements": [],
        "purchases_total": 0,
        "cases": cases,
        "cases_total": len(cases),
        "proposals": [],
        "merges": [],
        "closed": _why_closed(came_from, typed=typed) if withheld or len(cases) < len(row["cases"]) else None,
    }


def _why_closed(came_from: Mapping[str, str], *, typed: bool) -> str:
    named = sorted(value for value, channel in came_from.items() if channel != ChannelKind.CHAT)
    who = " or ".join(named) or "the address that this was written from"
    if typed:
        return (
            f"Whoever wrote this has typed {who}, and not proven to own it. What else is known of this "
            "customer is not shown here until they answer from it."
        )
    return (
        f"Nobody has proven yet to own {who}. What else is known of this "
        "customer is not shown here until the address is verified."
    )


def _without_sender(case: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in case.items() if name != "same_sender"}


def _money(amount: Decimal | None, currency: str) -> dict[str, str] | None:
    return None if amount is None else {"amount": f"{amount:.2f}", "currency": currency}
