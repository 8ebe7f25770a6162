"""Purchases come in by the API, as a file, and by signed calls: each once, corrected, never half."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from desk.actions.people.tokens import make_token
from desk.customers.webhooks import signature
from desk.model.agent import Agent
from desk.model.customer import Address, AddressKind, Customer
from desk.model.permission import Permission
from desk.model.purchase import Purchase, PurchaseCorrection
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]
BEANS = {
    "external_id": "shop-1",
    "customer": {"email": "Cleo@example.org"},
    "amount": "19.90",
    "currency": "eur",
    "bought_at": "2026-02-01T10:00:00Z",
    "description": "Beans",
}
HEAD = "id,customer,date,amount,currency,order\n"


@pytest.fixture
def token(store: Store, cast: Cast) -> str:
    with store.unit_of_work(STAGE) as work:
        scopes = [Permission.TAKE_PURCHASES]
        return make_token(work, name="shop", agent_id=cast.sam.id, scopes=scopes, expires_at=None).secret


@pytest.fixture
def hand_in(app: Flask, token: str) -> Callable[..., Any]:
    def hand(**changed: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return Browser(app).api("POST", "/purchases", {**BEANS, **changed}, headers=headers)

    return hand


def kept(store: Store) -> list[Purchase]:
    with store.reading(STAGE) as work:
        return list(work.session.scalars(select(Purchase).order_by(Purchase.id)))


def test_a_purchase_is_the_customers(hand_in: Callable[..., Any], store: Store, cast: Cast) -> None:
    answer = hand_in()
    assert (answer.status_code, answer.json["outcome"]) == (201, "added")
    [purchase] = kept(store)
    assert (purchase.customer_id, purchase.amount, purchase.currency) == (
        cast.cleo.id,
        Decimal("19.90"),
        "EUR",
    )
    assert answer.json["id"] == purchase.id


def test_the_same_again_changes_nothing(hand_in: Callable[..., Any], store: Store) -> None:
    hand_in()
    again = hand_in(amount=19.9)
    assert (again.status_code, again.json["outcome"]) == (200, "unchanged")
    assert len(kept(store)) == 1


def test_a_correction_keeps_what_was_said_before(hand_in: Callable[..., Any], store: Store) -> None:
    hand_in()
    assert hand_in(amount="17.00").json["outcome"] == "corrected"
    assert [purchase.amount for purchase in kept(store)] == [Decimal("17.00")]
    with store.reading(STAGE) as work:
        assert work.session.scalars(select(PurchaseCorrection)).one().was == {"amount": "19.90"}


def test_a_word_that_comes_late_changes_nothing(hand_in: Callable[..., Any], store: Store) -> None:
    hand_in(as_of="2026-02-01T10:00:00Z")
    assert hand_in(as_of="2026-02-03T10:00:00Z").json["outcome"] == "unchanged"
    assert hand_in(amount="1", as_of="2026-02-02T10:00:00Z").json["outcome"] == "outdated"
    assert hand_in(amount="18", as_of="2026-02-04T10:00:00Z").json["outcome"] == "corrected"
    assert [purchase.amount for purchase in kept(store)] == [Decimal("18.00")]


def test_a_return_is_a_line_with_a_negative_amount(hand_in: Callable[..., Any], store: Store) -> None:
    hand_in(order_number="K-1")
    assert hand_in(external_id="shop-1-r", order_number="K-1", amount="-5").status_code == 201
    assert sum(purchase.amount for purchase in kept(store)) == Decimal("14.90")


def test_a_stranger_is_met_and_only_claimed(hand_in: Callable[..., Any], store: Store) -> None:
    answer = hand_in(customer={"external_id": "K-77", "name": "Mia"})
    with store.reading(STAGE) as work:
        address = work.session.scalars(select(Address).where(Address.value == "K-77")).one()
        assert (address.kind, address.is_verified) == (AddressKind.EXTERNAL, False)
        assert work.session.get_one(Customer, answer.json["customer_id"]).name == "Mia"


def test_a_face_that_was_put_into_another_gets_nothing_more(
    hand_in: Callable[..., Any], store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE) as work:
        into = Customer(name="Cleo P.", created_at=work.now)
        work.session.add(into)
        work.session.flush()
        work.session.get_one(Customer, cast.cleo.id).merged_into_id = into.id
    assert hand_in().json["customer_id"] == into.id


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"customer": {}}, "customer"),
        ({"customer": {"email": "a@b.example", "phone": "+442079460958"}}, "customer"),
        ({"customer": {"email": "nobody"}}, "address"),
        ({"amount": "many"}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"currency": "E1R"}, "currency"),
        ({"bought_at": "2026-02-01T10:00:00"}, "bought_at"),
        ({"bought_at": (datetime.now(UTC) + timedelta(days=9)).isoformat()}, "bought_at"),
        ({"external_id": ""}, "external_id"),
        ({"line": 0}, "line"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    hand_in: Callable[..., Any], store: Store, wrong: dict[str, Any], field: str
) -> None:
    refused = hand_in(**wrong)
    assert refused.status_code == 422
    assert refused.json["error"]["field"] == field
    assert kept(store) == []


def test_many_at_once_with_one_id_are_one_purchase(hand_in: Callable[..., Any], store: Store) -> None:
    answers: list[Any] = []
    stranger = {"email": "new@example.org"}
    threads = [threading.Thread(target=lambda: answers.append(hand_in(customer=stranger))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len(kept(store)) == 1


def test_who_may_not_is_refused(as_agent: SignIn, cast: Cast, store: Store) -> None:
    for agent in (cast.ada, cast.otto):
        assert as_agent(agent).api("POST", "/purchases", BEANS).status_code == 403
    assert as_agent(cast.sam).api("GET", "/purchase-sources").status_code == 403
    assert kept(store) == []


def send_file(browser: Browser, text: str, **query: str) -> Any:
    data = {"file": (io.BytesIO(text.encode()), "sales.csv")}
    return browser.ask("POST", "/api/v1/purchase-imports", data=data, query_string=query)


def test_a_dry_run_tells_what_the_import_then_does(as_agent: SignIn, cast: Cast, store: Store) -> None:
    sam = as_agent(cast.sam)
    text = (
        HEAD + "a1,cleo@example.org,2026-01-05,10.00,EUR,K-1\na2,cleo@example.org,2026-01-09,-4.50,EUR,K-1\n"
    )
    text += "b1,K-9,2026-01-07,3,EUR,\n"
    dry = send_file(sam, text, dry_run="true").json
    assert (dry["taken"], dry["added"], dry["new_customers"], dry["returns"]) == (False, 3, 1, 1)
    assert kept(store) == []
    taken = send_file(sam, text).json
    assert taken["taken"]
    assert {**taken, "taken": False} == dry
    assert taken["sums"] == {"EUR": "8.50"}
    assert len(kept(store)) == 3
    again = send_file(sam, text.replace("10.00", "11.00")).json
    assert (again["added"], again["corrected"], again["unchanged"]) == (0, 1, 2)


def test_every_problem_is_told_with_its_line_and_nothing_is_taken(
    as_agent: SignIn, cast: Cast, store: Store
) -> None:
    text = HEAD + (
        "a1,cleo@example.org,2026-01-05,10.00,EUR,\n"
        "a1,cleo@example.org,2026-01-05,12.00,EUR,\n"
        "a2,cleo@example.org,05.01.2026,10.00,EUR,\n"
        "a3,,2026-01-05,10.00,EUR,\n"
        "a4,cleo@example.org,2026-01-05,ten,EUR,\n"
        "a5,cleo@example.org\n"
        "a6,cleo@example.org,2206-01-05,10.00,EUR,\n"
    )
    told = send_file(as_agent(cast.sam), text).json
    assert not told["taken"]
    assert [problem.split(" ")[1].rstrip(":") for problem in told["problems"]] == list("345678")
    assert kept(store) == []
    refused = send_file(as_agent(cast.sam), "customer,date\n")
    assert refused.status_code == 422
    assert "Missing: id, amount, currency" in refused.json["error"]["sentence"]


@pytest.fixture
def source(as_agent: SignIn, cast: Cast) -> dict[str, Any]:
    made: dict[str, Any] = as_agent(cast.ida).api("POST", "/purchase-sources", {"name": "Till"}).json
    return made


def call(app: Flask, source: dict[str, Any], body: Any, **changed: str) -> Any:
    raw = json.dumps(body).encode()
    at = changed.get("at", str(int(datetime.now(UTC).timestamp())))
    signed = signature(changed.get("secret", source["secret"]), "m1", at, raw)
    headers = {
        "webhook-id": "m1",
        "webhook-timestamp": at,
        "webhook-signature": changed.get("signed", f"v1,bm8= {signed}"),
        "Content-Type": "application/json",
    }
    path = source["url"].removeprefix("http://desk.example")
    return Browser(app).ask("POST", path, data=raw, headers=headers)


def test_a_signed_call_brings_purchases_once(app: Flask, source: dict[str, Any], store: Store) -> None:
    both = {"purchases": [BEANS, {**BEANS, "external_id": "shop-2"}]}
    first, second = call(app, source, both), call(app, source, both)
    assert (first.status_code, first.json["added"]) == (200, 2)
    assert (second.json["added"], second.json["unchanged"]) == (0, 2)
    assert {purchase.source for purchase in kept(store)} == {"Till"}


def test_a_call_is_taken_whole_or_not_at_all(app: Flask, source: dict[str, Any], store: Store) -> None:
    wrong = {"purchases": [BEANS, {**BEANS, "external_id": "shop-2", "amount": "x"}]}
    assert call(app, source, wrong).status_code == 422
    assert call(app, source, {"purchases": [BEANS, BEANS]}).status_code == 422
    assert kept(store) == []


@pytest.mark.parametrize(
    "changed",
    [{"signed": "v1,bm8="}, {"signed": "ä"}, {"at": "1700000000"}, {"at": "x"}, {"secret": "whsec_bm8="}],
)
def test_a_call_that_is_not_signed_now_is_refused(
    app: Flask, source: dict[str, Any], store: Store, changed: dict[str, str]
) -> None:
    assert call(app, source, {"purchases": [BEANS]}, **changed).status_code == 403
    assert kept(store) == []


def test_a_removed_source_is_refused(
    app: Flask, as_agent: SignIn, cast: Cast, source: dict[str, Any], store: Store
) -> None:
    assert as_agent(cast.ida).api("DELETE", f"/purchase-sources/{source['id']}").status_code == 204
    assert call(app, source, {"purchases": [BEANS]}).status_code == 403
    with store.reading(STAGE) as work:
        assert work.session.scalar(select(func.count(Purchase.id))) == 0
