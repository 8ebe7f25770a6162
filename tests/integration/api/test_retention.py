"""Customers who are leaving get a task; what came of it is kept; lists show it all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from desk.actions.customers.worth import ask_for_values
from desk.jobs.value import value_customers
from desk.model.agent import Agent
from desk.model.customer import Customer
from desk.model.purchase import Purchase
from desk.model.retention import RetentionTask
from desk.settings import Settings
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_customer
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]
NOW = datetime.now(UTC)


def buys(work: Any, customer: Customer, amount: str, *days_ago: int) -> None:
    for ago in days_ago:
        work.session.add(
            Purchase(
                customer_id=customer.id, order_number=f"{customer.id}/{ago}", description="Tea",
                amount=Decimal(amount), currency="EUR", bought_at=NOW - timedelta(days=ago),
            )
        )  # fmt: skip
    work.session.flush()


def compute(store: Store) -> None:
    with store.unit_of_work(STAGE) as work:
        ask_for_values(work)
    value_customers(store, Settings())


@pytest.fixture
def less(store: Store, cast: Cast) -> Customer:
    """Whose thousand a month became five hundred, among others who go on."""
    with store.unit_of_work(STAGE, now=NOW) as work:
        for number in range(12):
            buys(work, a_customer(work, f"Small {number}"), "20.00", *range(10 + number, 300, 60 + number))
        customer = a_customer(work, "=Less")
        buys(work, customer, "1000.00", *range(140, 600, 30))
        buys(work, customer, "500.00", 5, 35, 65, 95)
    compute(store)
    return customer


def tasks(browser: Browser, state: str = "open") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = browser.api("GET", f"/retention-tasks?state={state}").json["rows"]
    return rows


def test_who_is_leaving_gets_one_task_with_the_action_of_their_tier(
    as_agent: SignIn, store: Store, cast: Cast, less: Customer
) -> None:
    compute(store)
    [task] = tasks(as_agent(cast.ada))
    assert (task["customer_id"], task["tier"], task["action"]) == (less.id, "platinum", "call")
    assert task["reason"].startswith("Spends less: 5")
    assert Decimal(task["worth"]) > 0


def test_a_task_is_taken_and_closed_with_what_came_of_it(
    as_agent: SignIn, store: Store, cast: Cast, less: Customer
) -> None:
    ada = as_agent(cast.ada)
    [task] = tasks(ada)
    assert ada.api("PUT", f"/retention-tasks/{task['id']}/agent").json["agent"] == "Ada Lovelace"
    outcome = {"outcome": "kept", "note": "Called her.", "cost": "12.50"}
    closed = ada.api("PUT", f"/retention-tasks/{task['id']}/outcome", outcome).json
    assert (closed["outcome"], closed["cost"], closed["spent_since"]) == ("kept", "12.50", "0")
    assert ada.api("PUT", f"/retention-tasks/{task['id']}/outcome", outcome).status_code == 422
    with store.unit_of_work(STAGE) as work:
        work.session.add(
            Purchase(
                customer_id=less.id, order_number="N", description="Tea", amount=Decimal("700"),
                currency="EUR", bought_at=datetime.now(UTC) + timedelta(seconds=5),
            )
        )  # fmt: skip
    assert tasks(ada) == []
    assert [row["spent_since"] for row in tasks(ada, "closed")] == ["700.00"]


def test_after_a_task_there_is_a_rest(as_agent: SignIn, store: Store, cast: Cast, less: Customer) -> None:
    ada = as_agent(cast.ada)
    [task] = tasks(ada)
    ada.api("PUT", f"/retention-tasks/{task['id']}/outcome", {"outcome": "unreached"})
    compute(store)
    assert tasks(ada) == []
    with store.unit_of_work(STAGE) as work:
        work.session.get_one(RetentionTask, task["id"]).closed_at = NOW - timedelta(days=91)
    compute(store)
    assert len(tasks(ada)) == 1


def test_a_task_that_nobody_took_closes_when_the_customer_buys_again(
    as_agent: SignIn, store: Store, cast: Cast, less: Customer
) -> None:
    with store.unit_of_work(STAGE) as work:
        buys(work, less, "3000.00", 2)
    compute(store)
    assert tasks(as_agent(cast.ada)) == []
    assert [row["outcome"] for row in tasks(as_agent(cast.ada), "closed")] == ["unprompted"]


def test_a_policy_may_suggest_nothing(as_agent: SignIn, store: Store, cast: Cast, less: Customer) -> None:
    sam = as_agent(cast.sam)
    sam.api("PATCH", "/policies", {"value": {"actions": {"platinum": "none"}, "rest_days": 0}})
    [task] = tasks(sam)
    sam.api("PUT", f"/retention-tasks/{task['id']}/outcome", {"outcome": "declined"})
    compute(store)
    assert tasks(sam) == []
    assert sam.api("GET", "/policies").json["value"]["actions"]["gold"] == "call"


def test_lists_and_totals_are_of_the_same_customers(
    as_agent: SignIn, store: Store, cast: Cast, less: Customer
) -> None:
    sam = as_agent(cast.sam)
    leaving = sam.api("GET", "/values/customers?leaving=true").json["rows"]
    assert [row["customer_id"] for row in leaving] == [less.id]
    first = sam.api("GET", "/values/customers?limit=5").json
    rest = sam.api("GET", f"/values/customers?limit=200&cursor={first['next']}").json
    everybody = first["rows"] + rest["rows"]
    assert len({row["customer_id"] for row in everybody}) == 13
    worth = [Decimal(row["value"]) for row in everybody]
    assert worth == sorted(worth, reverse=True)
    totals = sam.api("GET", "/values").json["tiers"]
    assert [total["tier"] for total in totals] == ["platinum", "gold", "silver", "bronze"]
    assert sum(total["customers"] for total in totals) == 13
    assert sum(Decimal(total["value"]) for total in totals) == sum(worth)
    assert totals[0]["leaving"] == 1


def test_the_table_holds_what_the_list_shows_and_no_formula(
    as_agent: SignIn, cast: Cast, less: Customer
) -> None:
    text = as_agent(cast.sam).get("/api/v1/exports/values.csv?leaving=true").text
    head, row = text.split()[:2]
    assert head.startswith("customer_id,customer,tier")
    assert row.startswith(f"{less.id},'=Less,platinum")
    assert as_agent(cast.ada).get("/api/v1/exports/values.csv").status_code == 403
    assert as_agent(cast.ada).api("GET", "/values/customers").status_code == 403


def test_an_auditor_sees_tasks_and_does_none(
    as_agent: SignIn, store: Store, cast: Cast, less: Customer
) -> None:
    otto = as_agent(cast.otto)
    [task] = tasks(otto)
    assert otto.api("PUT", f"/retention-tasks/{task['id']}/outcome", {"outcome": "lost"}).status_code == 403
    with store.reading(STAGE) as work:
        assert work.session.scalars(select(RetentionTask)).one().is_open


def test_who_is_held_to_their_own_cases_sees_no_other_customers_task(
    as_agent: SignIn, store: Store, cast: Cast, less: Customer
) -> None:
    with store.unit_of_work(STAGE) as work:
        work.session.get_one(Agent, cast.ben.id).assigned_only = True
        number = work.session.scalars(select(RetentionTask.id)).one()
    ben = as_agent(cast.ben)
    assert tasks(ben) == []
    assert ben.api("PUT", f"/retention-tasks/{number}/agent").status_code == 404
