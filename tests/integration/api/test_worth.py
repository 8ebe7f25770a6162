"""Values are computed on demand and by night; tiers follow, those set by hand stay, all is traced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import select

from desk.actions.customers.faces import customer_shown
from desk.actions.customers.merges import merge_customers
from desk.actions.customers.profile import Description, describe_customer
from desk.actions.customers.worth import ask_for_values, ask_nightly, follow_value, last_hour, value_traced
from desk.actions.setup.policies import change_policies
from desk.customers.ledger import settle
from desk.customers.lifetime import Horizon
from desk.customers.value import valuation
from desk.jobs.value import value_customers
from desk.model.agent import Agent
from desk.model.customer import Customer, Tier
from desk.model.errors import Forbidden, Invalid
from desk.model.purchase import Purchase
from desk.model.transit import JournalEntry
from desk.model.worth import CustomerValue, TierChange, ValueRun
from desk.settings import Settings
from desk.store.customers.worth import last_run
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_customer
from tests.security.browser import Browser

NOW = datetime.now(UTC)


def buys(work: Any, customer: Customer, amount: str, *days_ago: int, currency: str = "EUR") -> None:
    for ago in days_ago:
        work.session.add(
            Purchase(
                customer_id=customer.id, order_number=f"{customer.id}/{ago}", description="Tea",
                amount=Decimal(amount), currency=currency, bought_at=NOW - timedelta(days=ago),
            )
        )  # fmt: skip
    work.session.flush()


@pytest.fixture
def shop(store: Store, cast: Cast) -> dict[str, Customer]:
    """Twenty who came once or twice, a big one, and one whose thousand a month became five hundred."""
    with store.unit_of_work(STAGE, now=NOW) as work:
        people = {f"small {n}": a_customer(work, f"Small {n}") for n in range(20)}
        for number, customer in enumerate(people.values()):
            buys(work, customer, f"{10 + number}.00", *range(30 + number, 300, 140 + 7 * number))
        people["big"], people["less"] = a_customer(work, "Big"), a_customer(work, "Less")
        buys(work, people["big"], "400.00", *range(3, 600, 15))
        buys(work, people["less"], "1000.00", *range(140, 600, 30))
        buys(work, people["less"], "500.00", 5, 35, 65, 95)
        return people


def compute(store: Store) -> ValueRun:
    with store.unit_of_work(STAGE) as work:
        ask_for_values(work)
    assert value_customers(store, Settings()) == 1
    with store.reading(STAGE) as work:
        run = last_run(work.session)
    assert run is not None
    return run


def tier_of(store: Store, customer: Customer) -> Tier:
    with store.reading(STAGE) as work:
        return work.session.get_one(Customer, customer.id).tier


def test_a_run_values_everybody_who_bought(store: Store, shop: dict[str, Customer]) -> None:
    run = compute(store)
    assert (run.customers, run.currency) == (22, "EUR")
    assert run.parameters["unit"] == "week"
    assert tier_of(store, shop["big"]) is Tier.PLATINUM
    assert tier_of(store, shop["small 0"]) is Tier.BRONZE
    with store.reading(STAGE) as work:
        face = customer_shown(work, shop["less"].id)
        assert face["worth"]["risk"].startswith("Spends less: 5")
        assert "Worth more than" in face["worth"]["why"]
        assert customer_shown(work, shop["big"].id)["worth"]["risk"] is None
    assert value_customers(store, Settings()) == 0


def test_what_a_manager_sees_can_be_computed_again_from_the_purchases(
    store: Store, shop: dict[str, Customer]
) -> None:
    run = compute(store)
    assert run.until is not None
    with store.reading(STAGE) as work:
        traced = value_traced(work, shop["big"].id)
        everything = [
            (purchase["bought_at"], customer.id, purchase["amount"])
            for customer in shop.values()
            for purchase in value_traced(work, customer.id)["purchases"]
        ]
    assert traced["run"]["id"] == run.id
    numbers = sorted({number for _, number, _ in everything})
    ledger = settle(
        [str(number) for number in numbers],
        np.array([numbers.index(number) for _, number, _ in everything], np.int32),
        np.array([bought.date().toordinal() for bought, _, _ in everything], np.int32),
        np.array([float(amount) for _, _, amount in everything]),
    ).ledger
    again = valuation(ledger, run.until, Horizon(52, 0.1))
    at = ledger.customers.index(str(shop["big"].id))
    assert again.lifetimes.value[at] == pytest.approx(float(traced["figures"]["value"]), abs=0.01)
    assert again.lifetimes.alive[at] == pytest.approx(traced["figures"]["alive"])
    assert again.parameters == pytest.approx({**run.parameters, "unit": "week"})


def test_a_tier_set_by_hand_stays_until_it_follows_the_value_again(
    store: Store, shop: dict[str, Customer], cast: Cast
) -> None:
    sam = cast.actor(cast.sam)
    with store.unit_of_work(sam) as work:
        describe_customer(work, shop["big"].id, Description(frozenset({"tier"}), tier=Tier.SILVER))
    compute(store)
    assert tier_of(store, shop["big"]) is Tier.SILVER
    with store.reading(STAGE) as work:
        assert customer_shown(work, shop["big"].id)["worth"]["why"].startswith("Set by hand.")
    with store.unit_of_work(sam) as work:
        follow_value(work, shop["big"].id)
    assert tier_of(store, shop["big"]) is Tier.PLATINUM


def test_every_change_of_a_tier_is_kept_and_told(store: Store, shop: dict[str, Customer], cast: Cast) -> None:
    run = compute(store)
    with store.reading(STAGE) as work:
        [change] = work.session.scalars(
            select(TierChange).where(TierChange.customer_id == shop["big"].id)
        ).all()
        assert (change.before, change.after, change.run_id) == (Tier.BRONZE, Tier.PLATINUM, run.id)
        told = work.session.scalars(select(JournalEntry).where(JournalEntry.kind == "TierChanged")).all()
        assert shop["big"].id in {entry.payload["customer_id"] for entry in told}


def test_computing_again_changes_no_tier(store: Store, shop: dict[str, Customer]) -> None:
    compute(store)
    with store.reading(STAGE) as work:
        before = len(work.session.scalars(select(TierChange)).all())
    compute(store)
    with store.reading(STAGE) as work:
        assert len(work.session.scalars(select(TierChange)).all()) == before


def test_a_value_within_the_band_keeps_its_tier(store: Store, shop: dict[str, Customer], cast: Cast) -> None:
    compute(store)
    with store.reading(STAGE) as work:
        worth = float(work.session.get_one(CustomerValue, shop["big"].id).value)
    cut = {"tiers_by": "amount", "silver": 1.0, "gold": 2.0, "platinum": worth * 1.05}
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        change_policies(work, {"value": cut})
    compute(store)
    assert tier_of(store, shop["big"]) is Tier.PLATINUM
    with store.reading(STAGE) as work:
        assert "within the band" in customer_shown(work, shop["big"].id)["worth"]["why"]
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        change_policies(work, {"value": {"platinum": worth * 1.2}})
    compute(store)
    assert tier_of(store, shop["big"]) is Tier.GOLD


def test_who_gave_everything_back_is_bronze_again(store: Store, shop: dict[str, Customer]) -> None:
    compute(store)
    with store.unit_of_work(STAGE) as work:
        for purchase in work.session.scalars(
            select(Purchase).where(Purchase.customer_id == shop["big"].id)
        ).all():
            work.session.delete(purchase)
    compute(store)
    assert tier_of(store, shop["big"]) is Tier.BRONZE
    with store.reading(STAGE) as work:
        assert customer_shown(work, shop["big"].id)["worth"] is None


def test_purchases_in_another_currency_are_left_out_and_said(store: Store, shop: dict[str, Customer]) -> None:
    with store.unit_of_work(STAGE) as work:
        buys(work, shop["small 0"], "90000.00", 2, currency="JPY")
    run = compute(store)
    assert run.remarks[0] == "Purchases in JPY are not counted (1): values are in EUR."
    assert tier_of(store, shop["small 0"]) is Tier.BRONZE


def test_a_face_that_was_put_into_another_has_no_figures(
    store: Store, shop: dict[str, Customer], cast: Cast
) -> None:
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        merge_customers(work, shop["small 1"].id, shop["big"].id)
    assert compute(store).customers == 21


def test_without_a_purchase_a_run_ends_with_nobody(store: Store, cast: Cast) -> None:
    assert compute(store).customers == 0


def test_a_run_is_asked_for_once_a_night(store: Store, shop: dict[str, Customer]) -> None:
    noon = NOW.replace(hour=12)
    with store.unit_of_work(STAGE, now=noon) as work:
        assert ask_nightly(work)
    with store.unit_of_work(STAGE, now=noon + timedelta(hours=1)) as work:
        assert not ask_nightly(work)
    with store.unit_of_work(STAGE, now=noon + timedelta(days=1)) as work:
        assert ask_nightly(work)


def test_where_nothing_was_bought_no_night_asks(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        assert not ask_nightly(work)


def test_a_run_whose_worker_died_is_begun_anew(store: Store, shop: dict[str, Customer]) -> None:
    with store.unit_of_work(STAGE) as work:
        ask_for_values(work).started_at = work.now - timedelta(minutes=1)
    assert value_customers(store, Settings()) == 0
    with store.unit_of_work(STAGE) as work:
        ask_for_values(work).started_at = work.now - timedelta(minutes=16)
    assert value_customers(store, Settings()) == 1


def test_only_who_edits_policies_asks_for_a_run(store: Store, cast: Cast) -> None:
    with pytest.raises(Forbidden), store.unit_of_work(cast.actor(cast.ada)) as work:
        ask_for_values(work)


@pytest.mark.parametrize("wrong", [{"gold": 0.6}, {"platinum": 0.3}, {"tiers_by": "amount"}])
def test_tiers_that_do_not_rise_are_refused(store: Store, cast: Cast, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid), store.unit_of_work(cast.actor(cast.sam)) as work:
        change_policies(work, {"value": wrong})


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-02T12:00:00", "2026-03-02T02:00:00"),
        ("2026-03-02T01:59:59", "2026-03-01T02:00:00"),
        ("2026-07-01T01:00:00", "2026-07-01T01:00:00"),
        ("2026-10-25T03:00:00", "2026-10-25T02:00:00"),
    ],
)
def test_the_night_is_the_desks_own(now: str, due: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert last_hour(moment, 3, ZoneInfo("Europe/Berlin")) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_over_http_a_run_is_asked_for_and_traced(
    as_agent: Callable[[Agent], Browser],
    store: Store,
    shop: dict[str, Customer],
    cast: Cast,
) -> None:
    sam = as_agent(cast.sam)
    assert sam.api("POST", "/value-runs").status_code == 202
    assert sam.api("GET", "/values").json["waiting"]
    value_customers(store, Settings())
    shown = sam.api("GET", "/values").json
    assert not shown["waiting"] and shown["run"]["customers"] == 22
    traced = as_agent(cast.ada).api("GET", f"/customers/{shop['big'].id}/value").json
    assert (traced["tier"], len(traced["purchases"])) == ("platinum", 40)
    assert sam.api("PATCH", "/policies", {"value": {"hour": 25}}).status_code == 422
    assert sam.api("PATCH", "/policies", {"value": {"hour": 4}}).json["value"]["hour"] == 4
    assert sam.api("PATCH", f"/customers/{shop['big'].id}", {"tier": "gold"}).json["tier_by_hand"]
    back = sam.api("DELETE", f"/customers/{shop['big'].id}/tier-by-hand").json
    assert (back["tier"], back["tier_by_hand"]) == ("platinum", False)
