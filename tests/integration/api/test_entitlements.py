"""Warranties and contracts come in, and tell of each case whether the work is covered or billed."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from desk.actions.customers.addresses import verify_address
from desk.actions.customers.merges import merge_customers, undo_customer_merge
from desk.actions.messages.receive import receive_message
from desk.model.agent import Agent
from desk.model.case import Case, CaseChange, Category
from desk.model.customer import Customer, Organisation
from desk.model.entitlement import Entitlement, EntitlementCorrection
from desk.model.inbound import ChannelKind, InboundMessage, Participant
from desk.store.unit_of_work import Store
from tests.integration.api.test_purchases import call, source  # noqa: F401 - a fixture
from tests.people import MORNING, STAGE, Cast, a_case, a_customer, a_message, an_address
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]
WARRANTY = {
    "external_id": "W-1",
    "customer": {"email": "cleo@example.org"},
    "kind": "warranty",
    "product": "Machine Havn",
    "from": "2025-01-01",
    "until": "2026-12-31",
}
HEAD = "id,customer,kind,product,from,until,covers,allowance\n"


@pytest.fixture
def hand_in(as_agent: SignIn, cast: Cast) -> Callable[..., Any]:
    sam: Any = as_agent(cast.sam)
    return lambda **changed: sam.api("POST", "/entitlements", {**WARRANTY, **changed})


@pytest.fixture
def leak(store: Store, cast: Cast) -> int:
    """A case of Cleo's about her machine, opened on the morning."""
    with store.unit_of_work(STAGE, now=MORNING) as work:
        case = a_case(work, cast.cleo, "It leaks", queue=cast.support, text="My machine Havn leaks.")
        return case.id


def kept(store: Store) -> list[Entitlement]:
    with store.reading(STAGE) as work:
        return list(work.session.scalars(select(Entitlement).order_by(Entitlement.id)))


def shown(browser: Any, case_id: int) -> dict[str, Any]:
    case: dict[str, Any] = browser.api("GET", f"/cases/{case_id}").json["case"]
    return case


def history(store: Store, case_id: int) -> list[CaseChange]:
    with store.reading(STAGE) as work:
        return list(
            work.session.scalars(
                select(CaseChange).where(CaseChange.case_id == case_id).order_by(CaseChange.id)
            )
        )


def test_stating_it_again_changes_nothing_and_a_correction_keeps_what_was(
    hand_in: Callable[..., Any], store: Store, cast: Cast
) -> None:
    first = hand_in()
    assert (first.status_code, first.json["customer_id"]) == (201, cast.cleo.id)
    assert (hand_in().status_code, hand_in().json["outcome"]) == (200, "unchanged")
    assert hand_in(until="2027-12-31", as_of="2026-02-02T10:00:00Z").json["outcome"] == "corrected"
    assert (
        hand_in(until="2020-12-31", **{"from": "2020-01-01"}, as_of="2026-02-01T10:00:00Z").json["outcome"]
        == "outdated"
    )
    assert [one.ends_on for one in kept(store)] == [date(2027, 12, 31)]
    with store.reading(STAGE) as work:
        assert work.session.scalars(select(EntitlementCorrection)).one().was == {"ends_on": "2026-12-31"}


def test_what_cannot_be_is_refused_by_its_field(hand_in: Callable[..., Any], store: Store) -> None:
    wrongs: list[tuple[dict[str, Any], str]] = [
        ({"until": "2024-12-31"}, "until"),
        ({"kind": "promise"}, "kind"),
        ({"allowance": -1}, "allowance"),
        ({"covers": ["Miracles"]}, "covers"),
        ({"customer": {}}, "customer"),
        ({"product": " "}, "product"),
        ({"from": "yesterday"}, "from"),
        ({"amount": "-3.00"}, "amount"),
    ]
    for wrong, field in wrongs:
        refused = hand_in(**wrong)
        assert (refused.status_code, refused.json["error"]["field"]) == (422, field)
    assert kept(store) == []


def send_file(browser: Browser, text: str, **query: str) -> Any:
    data = {"file": (io.BytesIO(text.encode()), "contracts.csv")}
    return browser.ask("POST", "/api/v1/entitlement-imports", data=data, query_string=query)


def test_a_file_is_taken_whole_or_told_line_by_line(as_agent: SignIn, cast: Cast, store: Store) -> None:
    sam: Any = as_agent(cast.sam)
    with store.unit_of_work(STAGE) as work:
        work.session.add(Category(name="Fault"))
    good = (
        f"{HEAD}W-1,cleo@example.org,warranty,Havn,2025-01-01,2026-12-31,fault,\n"
        "C-1,K-9,contract,*,2026-01-01,2026-12-31,,5\n"
    )
    dry = send_file(sam, good, dry_run="true").json
    assert (dry["taken"], dry["added"], dry["new_customers"]) == (False, 2, 1)
    assert kept(store) == []
    bad = good + (
        "W-2,cleo@example.org,warranty,Havn,2026-01-01,2025-01-01,,\n"
        "W-3,a@b.example,gift,Havn,2026-01-01,2026-02-01,,\n"
        "W-4,a@b.example,contract,*,2026-01-01,2026-02-01,,-2\n"
        "W-5,a@b.example,contract,*,2026-01-01,2026-02-01,Miracles,\n"
    )
    told = send_file(sam, bad).json
    assert (told["taken"], len(told["problems"])) == (False, 4)
    assert told["problems"][0] == "Line 4: It would end on 2025-01-01, before it begins on 2026-01-01."
    assert kept(store) == []
    assert {**send_file(sam, good).json, "taken": False} == dry
    assert [(one.product, one.allowance) for one in kept(store)] == [("Havn", None), ("", 5)]
    refused = send_file(sam, "id,customer\n")
    assert (refused.status_code, "Missing: kind, product" in refused.json["error"]["sentence"]) == (422, True)
    assert as_agent(cast.ada).api("POST", "/entitlements", WARRANTY).status_code == 403


def test_a_signed_call_brings_both_or_neither(
    app: Flask,
    source: dict[str, Any],  # noqa: F811
    store: Store,
) -> None:
    wrong = call(app, source, {"entitlements": [WARRANTY, {**WARRANTY, "external_id": "W-2", "kind": "x"}]})
    assert (wrong.status_code, kept(store)) == (422, [])
    taken = call(app, source, {"entitlements": [WARRANTY]}).json
    assert (taken["added"], taken["entitlements"]["added"]) == (0, 1)
    assert call(app, source, {}).status_code == 422


def test_a_case_that_names_a_covered_product_cannot_be_billed_by_mistake(
    hand_in: Callable[..., Any], as_agent: SignIn, cast: Cast, store: Store, leak: int
) -> None:
    ada: Any = as_agent(cast.ada)
    assert shown(ada, leak)["cover"] is None
    hand_in()
    case = shown(ada, leak)
    assert (case["cover"]["standing"], case["cover"]["entitlement"], case["billable"]) == (
        "covered",
        "W-1",
        False,
    )
    assert case["cover"]["sentence"] == "The warranty for Machine Havn covers it, until 2026-12-31."
    refused = ada.api("PUT", f"/cases/{leak}/billing", {"billable": True, "reason": "It is old"})
    assert (refused.status_code, "cannot be billed" in refused.json["error"]["sentence"]) == (403, True)
    sam: Any = as_agent(cast.sam)
    assert sam.api("PUT", f"/cases/{leak}/billing", {"billable": True}).json["error"]["field"] == "reason"
    assert not shown(ada, leak)["billable"]
    overruled = sam.api("PUT", f"/cases/{leak}/billing", {"billable": True, "reason": "Dropped from a roof"})
    assert (overruled.json["billable"], overruled.json["cover"]["overruled"]) == (True, True)
    assert history(store, leak)[-1].why == "Dropped from a roof"
    assert not ada.api("DELETE", f"/cases/{leak}/billing").json["billable"]


def test_whoever_only_claims_to_be_the_customer_is_covered_by_something_without_a_number(
    hand_in: Callable[..., Any], as_agent: SignIn, cast: Cast, store: Store
) -> None:
    hand_in()
    with store.unit_of_work(STAGE, now=MORNING) as work:
        claimed = an_address(work, cast.cleo, "c.patterson@mail.example", verified=False)
        case = a_case(work, cast.cleo, "My machine Havn leaks", queue=cast.support)
        a_message(work, case, "It is me, Cleo", address=claimed.value)
    ada: Any = as_agent(cast.ada)
    ada.api("PUT", f"/cases/{case.id}/product", {"product": "Machine Havn"})
    seen = ada.api("GET", f"/cases/{case.id}")
    cover = seen.json["case"]["cover"]
    assert (cover["standing"], cover["entitlement"]) == ("covered", None)
    assert "W-1" not in seen.text

    with store.unit_of_work(cast.actor(cast.ada)) as work:
        verify_address(work, claimed.id)
    assert shown(ada, case.id)["cover"]["entitlement"] == "W-1"


def test_an_uncovered_case_is_billable_in_its_list_until_it_is_covered(
    hand_in: Callable[..., Any], as_agent: SignIn, cast: Cast, leak: int
) -> None:
    ada: Any = as_agent(cast.ada)
    hand_in(until="2026-03-01")
    case = shown(ada, leak)
    assert (case["billable"], case["cover"]["sentence"]) == (
        True,
        "The warranty for Machine Havn ended on 2026-03-01.",
    )
    assert [row["id"] for row in ada.api("GET", "/cases?billable=true").json["rows"]] == [leak]
    assert ada.api("GET", "/cases?billable=false").json["rows"] == []
    waived = ada.api("PUT", f"/cases/{leak}/billing", {"billable": False})
    assert (waived.status_code, "not covered" in waived.json["error"]["sentence"]) == (403, True)
    agreed = ada.api("PUT", f"/cases/{leak}/agreement", {"note": "On the phone"}).json
    assert (agreed["cover"]["agreed_note"], bool(agreed["cover"]["agreed_at"])) == ("On the phone", True)
    assert ada.api("DELETE", f"/cases/{leak}/agreement").json["cover"]["agreed_at"] is None
    hand_in(until="2026-03-02")
    assert not shown(ada, leak)["billable"]
    assert ada.api("PUT", f"/cases/{leak}/agreement", {"note": "Yes"}).status_code == 409


def test_a_person_picks_the_product_and_what_was_billed_without_knowing_is_not_once_it_is_covered(
    hand_in: Callable[..., Any], as_agent: SignIn, cast: Cast, store: Store
) -> None:
    ada: Any = as_agent(cast.ada)
    with store.unit_of_work(STAGE, now=MORNING) as work:
        case_id = a_case(work, cast.cleo, "It leaks", queue=cast.support).id
    assert ada.api("PUT", f"/cases/{case_id}/billing", {"billable": True}).json["billable"]
    hand_in()
    unknown = shown(ada, case_id)
    assert (unknown["cover"]["standing"], unknown["billable"]) == ("unknown", True)
    picked = ada.api("PUT", f"/cases/{case_id}/product", {"product": "machine havn"}).json
    assert (picked["cover"]["standing"], picked["billable"]) == ("covered", False)
    other = ada.api("PUT", f"/cases/{case_id}/product", {"product": "Grinder"}).json
    assert (other["cover"]["standing"], other["billable"]) == ("uncovered", True)
    assert ada.api("PUT", f"/cases/{case_id}/product", {"product": ""}).json["cover"]["standing"] == "unknown"


def test_a_mail_opens_a_case_that_says_at_once_whether_it_is_covered(
    hand_in: Callable[..., Any], store: Store, cast: Cast
) -> None:
    hand_in(until="2025-12-31")
    said = "My Machine Havn leaks."
    inbound = InboundMessage(
        channel=ChannelKind.EMAIL,
        source_key="1",
        sender=Participant("cleo@example.org", "Cleo"),
        subject="Help",
        text=said,
        reply=said,
    )
    with store.unit_of_work(STAGE, now=MORNING) as work:
        case_id = receive_message(work, inbound, channel_id=cast.mail.id).case_id
    with store.reading(STAGE) as work:
        assert work.session.get_one(Case, case_id).billable


def test_two_cases_do_not_both_take_the_last_of_an_allowance(
    hand_in: Callable[..., Any], as_agent: SignIn, cast: Cast, store: Store
) -> None:
    with store.unit_of_work(STAGE, now=MORNING) as work:
        cases = [a_case(work, cast.cleo, f"Number {n}", queue=cast.support).id for n in range(3)]
    hand_in(product="*", allowance=1, kind="contract")
    ada: Any = as_agent(cast.ada)
    assert [shown(ada, case_id)["billable"] for case_id in cases] == [False, True, True]
    hand_in(product="*", allowance=2, kind="contract")
    browsers = [as_agent(cast.ada) for _ in cases]
    threads = [
        threading.Thread(
            target=lambda browser=browser, case_id=case_id: browser.api(
                "PUT", f"/cases/{case_id}/product", {"product": "Havn"}
            )
        )
        for browser, case_id in zip(browsers, cases, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [shown(ada, case_id)["billable"] for case_id in cases] == [False, False, True]


def test_a_colleague_is_covered_by_what_is_for_the_whole_organisation(
    hand_in: Callable[..., Any], as_agent: SignIn, cast: Cast, store: Store
) -> None:
    with store.unit_of_work(STAGE, now=MORNING) as work:
        cafe = Organisation(name="Café", created_at=work.now)
        work.session.add(cafe)
        work.session.flush()
        work.session.get_one(Customer, cast.cleo.id).organisation_id = cafe.id
        colleague = a_customer(work, "Mia", "mia@example.org")
        colleague.organisation_id = cafe.id
        case_id = a_case(work, colleague, "It leaks", queue=cast.support).id
    ada: Any = as_agent(cast.ada)
    hand_in(product="*")
    assert shown(ada, case_id)["cover"] is None
    hand_in(product="*", organisation=True)
    assert shown(ada, case_id)["cover"]["standing"] == "covered"
    face = ada.api("GET", f"/customers/{colleague.id}").json
    assert [(one["external_id"], one["used"]) for one in face["entitlements"]] == [("W-1", 1)]


def test_a_merge_of_customers_brings_the_entitlements_and_its_undoing_takes_them(
    hand_in: Callable[..., Any], as_agent: SignIn, cast: Cast, store: Store
) -> None:
    hand_in(product="*")
    with store.unit_of_work(STAGE, now=MORNING + timedelta(hours=1)) as work:
        other = a_customer(work, "Cleo P.", "cp@example.org")
        case_id = a_case(work, other, "It leaks", queue=cast.support).id
        merge = merge_customers(work, cast.cleo.id, other.id)
    ada: Any = as_agent(cast.ada)
    assert shown(ada, case_id)["cover"]["standing"] == "covered"
    with store.unit_of_work(STAGE) as work:
        undo_customer_merge(work, merge.id)
    assert [one.customer_id for one in kept(store)] == [cast.cleo.id]
    assert shown(ada, case_id)["cover"]["standing"] == "unknown"
