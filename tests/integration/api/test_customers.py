"""Customers over HTTP: what each role may see and change, and what an export never holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from desk.model.agent import Agent
from desk.model.message import MessageKind
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case, a_customer, a_message, a_purchase
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]


def test_a_customer_is_written_down_described_and_listed(as_agent: SignIn, cast: Cast) -> None:
    ada = as_agent(cast.ada)
    made = ada.api(
        "POST", "/customers", {"name": "Zoe", "addresses": [{"kind": "email", "value": "Zoe@Example.NET"}]}
    )
    assert made.status_code == 201
    zoe = made.json["id"]
    assert made.json["addresses"][0] | {"id": 0} == {
        "id": 0, "kind": "email", "value": "zoe@example.net", "verified": False, "trouble": None,
    }  # fmt: skip
    described = ada.api("PATCH", f"/customers/{zoe}", {"organisation": "Zoo", "time_zone": "Europe/Berlin"})
    assert described.json["organisation"]["name"] == "Zoo" and described.json["name"] == "Zoe"
    assert ada.api("PATCH", f"/customers/{zoe}", {"organisation": None}).json["organisation"] is None
    assert [row["id"] for row in ada.api("GET", "/customers?q=zoe").json["rows"]] == [zoe]
    assert [row["id"] for row in ada.api("GET", "/customers").json["rows"]] == [zoe, cast.cleo.id]
    assert as_agent(cast.otto).api("PATCH", f"/customers/{zoe}", {"name": "X"}).status_code == 403


@pytest.mark.parametrize(
    "body, field",
    [
        ({"merged_into_id": 1}, "merged_into_id"),
        ({"id": 1}, "id"),
        ({"lifetime_value": 9}, "lifetime_value"),
        ({"tier": "diamond"}, "tier"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"name": None}, "name"),
        ({"attributes": {"a": {"deep": 1}}}, None),
    ],
)
def test_a_customer_cannot_be_made_what_they_are_not(
    as_agent: SignIn, cast: Cast, body: Any, field: str | None
) -> None:
    ada = as_agent(cast.ada)
    before = ada.api("GET", f"/customers/{cast.cleo.id}").json
    refused = ada.api("PATCH", f"/customers/{cast.cleo.id}", body)
    assert refused.status_code == 422
    assert field is None or refused.json["error"]["field"] == field
    assert ada.api("GET", f"/customers/{cast.cleo.id}").json == before


def test_addresses_are_claimed_verified_and_given_up(as_agent: SignIn, cast: Cast) -> None:
    ada = as_agent(cast.ada)
    path = f"/customers/{cast.cleo.id}/addresses"
    claimed = ada.api("POST", path, {"kind": "phone", "value": "+44 20 7946 0958"}).json["addresses"][-1]
    assert claimed["value"] == "+442079460958" and not claimed["verified"]
    assert ada.api("POST", path, {"kind": "phone", "value": "+442079460958"}).status_code == 409
    assert ada.api("POST", path, {"kind": "phone", "value": "call me"}).status_code == 422
    verified = ada.api("PUT", f"/addresses/{claimed['id']}/verification").json["addresses"][-1]
    assert verified["verified"]
    assert len(ada.api("DELETE", f"/addresses/{claimed['id']}").json["addresses"]) == 1
    assert ada.api("DELETE", f"/addresses/{claimed['id']}").status_code == 404


def test_only_those_who_may_merge_customers_and_take_them_apart(
    as_agent: SignIn, cast: Cast, store: Store
) -> None:
    with store.unit_of_work(STAGE) as work:
        other = a_customer(work, "C. P.", "cp@example.net")
    body = {"into": cast.cleo.id}
    assert as_agent(cast.ada).api("PUT", f"/customers/{other.id}/merge", body).status_code == 403
    sam = as_agent(cast.sam)
    merged = sam.api("PUT", f"/customers/{other.id}/merge", body).json
    assert len(merged["customer"]["addresses"]) == 2
    assert as_agent(cast.ada).api("DELETE", f"/customer-merges/{merged['merge_id']}").status_code == 403
    assert sam.api("DELETE", f"/customer-merges/{merged['merge_id']}").json["id"] == other.id


def test_consent_is_the_last_word(as_agent: SignIn, cast: Cast) -> None:
    ada = as_agent(cast.ada)
    for granted in (True, False):
        shown = ada.api("PUT", f"/customers/{cast.cleo.id}/consent", {"channel": "email", "granted": granted})
    assert [(c["channel"], c["granted"], c["source"]) for c in shown.json["consent"]] == [
        ("email", False, "told to Ada Lovelace")
    ]


def test_a_customers_cases_are_those_one_may_know_of(as_agent: SignIn, cast: Cast, store: Store) -> None:
    with store.unit_of_work(STAGE) as work:
        mine = [a_case(work, cast.cleo, f"Case {n}", queue=cast.support).id for n in range(3)]
        a_case(work, cast.cleo, "Hidden", queue=cast.billing)
    ada = as_agent(cast.ada)
    first = ada.api("GET", f"/customers/{cast.cleo.id}/cases?limit=2").json
    rest = ada.api("GET", f"/customers/{cast.cleo.id}/cases?limit=2&cursor={first['next']}").json
    assert [row["id"] for row in first["rows"] + rest["rows"]] == mine[::-1]


def test_an_export_holds_what_was_said_and_never_a_private_word(
    as_agent: SignIn, cast: Cast, store: Store
) -> None:
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, "Tea", queue=cast.support, text="Where is it?")
        a_message(work, case, "On its way", kind=MessageKind.OUTBOUND, agent=cast.ada)
        a_message(work, case, "CANARY she is angry", kind=MessageKind.NOTE, agent=cast.ada)
        a_message(work, case, "CANARY Ada took the case", kind=MessageKind.EVENT)
        a_purchase(work, cast.cleo, "A-1")
        a_case(work, a_customer(work, "Other", "other@example.net"), text="CANARY of another")
    assert as_agent(cast.ada).api("GET", f"/customers/{cast.cleo.id}/export").status_code == 403

    answer = as_agent(cast.sam).api("GET", f"/customers/{cast.cleo.id}/export")

    exported = json.loads(answer.text)
    assert "CANARY" not in answer.text
    assert [message["text"] for message in exported["cases"][0]["messages"]] == ["Where is it?", "On its way"]
    assert exported["purchases"][0]["order_number"] == "A-1"
    assert exported["addresses"] == [{"kind": "email", "value": "cleo@example.org", "verified": True}]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="customer-{cast.cleo.id}.json"'
