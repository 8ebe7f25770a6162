"""The ledger after returns, fifths, and tiers that do not flip."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.customers.ledger import Settled, histories, settle
from desk.customers.rfm import fifths, rfm
from desk.customers.tiers import Cuts, cuts_by_share, ranks
from desk.model.customer import Tier

rows = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(-5000, 5000).filter(bool)), min_size=1
)
CUTS = Cuts({Tier.SILVER: 100.0, Tier.GOLD: 1000.0, Tier.PLATINUM: 5000.0}, band=0.1)
values = st.lists(st.floats(0, 10_000), min_size=1, max_size=30)


def settled(*bought: tuple[int, int, float]) -> Settled:
    who, day, amount = zip(*bought, strict=True)
    names = [str(number) for number in range(max(who) + 1)]
    return settle(names, np.array(who, np.int32), np.array(day, np.int32), np.array(amount, float))


def test_purchases_of_a_day_are_one() -> None:
    ledger = settled((0, 5, 10.0), (0, 5, 2.5), (0, 9, 1.0)).ledger
    assert ledger.day.tolist() == [5, 9]
    assert ledger.amount.tolist() == [12.5, 1.0]


def test_a_return_is_taken_off_the_latest_purchases_before_it() -> None:
    ledger = settled((0, 1, 10.0), (0, 2, 30.0), (0, 3, -35.0), (0, 4, 7.0)).ledger
    assert ledger.day.tolist() == [1, 4]
    assert ledger.amount.tolist() == [5.0, 7.0]


def test_what_exceeds_the_purchases_is_dropped_and_counted() -> None:
    both = settled((0, 1, 10.0), (0, 2, -12.0), (1, 1, 3.0))
    assert (both.returned_too_much, both.nothing_left) == (1, 1)
    assert both.ledger.customers == ["1"]


@given(rows)
def test_no_return_makes_money_or_outlives_its_purchase(bought: list[tuple[int, int, int]]) -> None:
    cents = [(who, day, amount / 100) for who, day, amount in bought]
    ledger = settled(*cents).ledger
    assert np.all(ledger.amount > 0)
    for at, customer in enumerate(ledger.customers):
        own = [amount for who, _, amount in cents if str(who) == customer]
        assert sum(own) - 0.001 <= ledger.spend[at] <= sum(a for a in own if a > 0) + 0.001
        assert ledger.day[ledger.starts[at] : ledger.starts[at + 1]].tolist() == sorted(
            set(ledger.day[ledger.starts[at] : ledger.starts[at + 1]].tolist())
        )


def test_the_models_see_weeks_from_the_first_purchase() -> None:
    seen, mean = histories(settled((0, 0, 50.0), (0, 14, 10.0), (0, 28, 20.0)).ledger, 70)
    assert (seen.x[0], seen.t_x[0], seen.T[0]) == (2, 4, 10)
    assert mean[0] == 15


def test_five_customers_have_five_fifths_and_equals_have_the_same() -> None:
    assert fifths(np.array([3, 1, 5, 2, 4])).tolist() == [3, 1, 5, 2, 4]
    assert fifths(np.array([7, 7, 7])).tolist() == [3, 3, 3]


@given(values)
def test_a_greater_value_is_never_in_a_lower_fifth(some: list[float]) -> None:
    scores = fifths(np.array(some))
    assert all(
        scores[a] <= scores[b] for a in range(len(some)) for b in range(len(some)) if some[a] <= some[b]
    )


def test_recency_counts_days_and_fewer_are_better() -> None:
    scores = rfm(settled((0, 1, 10.0), (1, 9, 20.0), (1, 8, 40.0)).ledger, 10)
    assert scores.recency.tolist() == [9, 1]
    assert scores.frequency.tolist() == [1, 2]
    assert scores.monetary.tolist() == [10, 30]
    assert scores.r[0] < scores.r[1]


def test_shares_give_each_tier_its_part() -> None:
    some = np.arange(1.0, 1001.0)
    counted = np.bincount(ranks(some, cuts_by_share(some)), minlength=4)
    assert counted.tolist() == [500, 300, 150, 50]


def test_where_all_are_alike_nobody_stands_out() -> None:
    some = np.full(50, 9.0)
    assert not ranks(some, cuts_by_share(some)).any()


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        (1, 1050, 1), (1, 1101, 2), (2, 950, 2), (2, 899, 1), (3, 50, 0), (0, 9000, 3),
        (2, 4999, 2), (3, 4501, 3), (-1, 1050, 2), (-1, 950, 1),
    ],
)  # fmt: skip
def test_a_tier_changes_only_beyond_the_band(before: int, value: float, after: int) -> None:
    assert ranks(np.array([float(value)]), CUTS, np.array([before]))[0] == after


@given(st.floats(0, 10_000), st.integers(0, 3), st.floats(0.95, 1.05))
def test_a_value_that_wavers_flips_nobody(value: float, before: int, wave: float) -> None:
    settled_at = ranks(np.array([value]), CUTS, np.array([before]))
    again = ranks(np.array([value * wave]), CUTS, settled_at)
    back = ranks(np.array([value]), CUTS, again)
    assert back.tolist() == again.tolist()
