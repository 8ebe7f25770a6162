"""The laws of BG/NBD and Gamma-Gamma, and whether parameters that made the data are found again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import check_grad
from scipy.special import hyp2f1

from desk.customers import bgnbd, spending
from desk.customers.bgnbd import Buying, Floats, Histories, chance_alive, fit_buying, purchases_if_alive
from desk.customers.lifetime import Horizon, lifetimes
from desk.customers.spending import Spending, expected_amount, fit_spending
from tests.unit.customers.shoppers import population

TRUE_BUYING, TRUE_SPENDING = Buying(0.6, 6.0, 0.8, 2.5), Spending(6.2, 3.7, 150.0)
SEEN, MEAN, LATER, SPENT = population(TRUE_BUYING, TRUE_SPENDING, 6000, weeks=100, ahead=52, seed=3)

positive = st.floats(0.05, 20)
models = st.builds(Buying, positive, positive, positive, positive)
repeats = st.integers(0, 300)


def history(x: int, silent: float, weeks: float) -> Histories:
    t_x = weeks * (1 - silent) if x else 0.0
    return Histories(np.array([float(x)]), np.array([t_x]), np.array([weeks]))


@given(models, repeats, st.floats(0, 1), st.floats(0.2, 500))
def test_nobody_is_alive_by_more_or_less_than_a_chance(
    model: Buying, x: int, silent: float, weeks: float
) -> None:
    alive = chance_alive(model, history(x, silent, weeks))[0]
    assert 0 <= alive <= 1
    assert x or alive == 1


@given(models, st.integers(1, 300), st.floats(0, 0.9), st.floats(0.2, 500))
def test_the_longer_the_silence_the_smaller_the_chance(
    model: Buying, x: int, silent: float, weeks: float
) -> None:
    sooner, later = (chance_alive(model, history(x, s, weeks))[0] for s in (silent, silent + 0.1))
    assert later <= sooner


@given(
    st.builds(Buying, positive, st.floats(0.5, 20), st.floats(1.05, 20), positive), st.integers(0, 40),
    st.floats(1, 200), st.floats(1, 100),
)  # fmt: skip
def test_expected_purchases_agree_with_the_closed_form(
    model: Buying, x: int, weeks: float, ahead: float
) -> None:
    assume(x <= 7 * weeks)  # purchases of a day are one
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    z = ahead / (alpha + weeks + ahead)
    shrunk = ((alpha + weeks) / (alpha + weeks + ahead)) ** (r + x)
    # Equation (10) without the part that is P(alive); two large numbers, one from the other.
    closed = (a + b + x - 1) / (a - 1) * (1 - shrunk * hyp2f1(r + x, b + x, a + b + x - 1, z))
    ours = purchases_if_alive(model, np.array([float(x)]), np.array([weeks]), ahead)[0]
    assert ours == pytest.approx(closed, rel=1e-4, abs=1e-9)


@given(models, st.integers(0, 100_000), st.floats(0, 5000))
def test_expected_purchases_are_finite_and_grow_with_the_time_ahead(
    model: Buying, x: int, weeks: float
) -> None:
    at, seen = np.array([float(x)]), np.array([weeks])
    near, far = (purchases_if_alive(model, at, seen, ahead)[0] for ahead in (4.0, 52.0))
    assert 0 < near <= far < np.inf


def test_the_slopes_are_those_of_the_likelihoods() -> None:
    weights = np.ones(len(SEEN.x))
    told = SEEN.x > 0
    likelihood: Callable[[Floats], tuple[float, Floats]]
    for likelihood, at in (
        (lambda logs: bgnbd._log_likelihood(logs, SEEN, weights), np.log([0.5, 5.0, 1.0, 3.0])),
        (lambda logs: spending._log_likelihood(logs, SEEN.x[told], MEAN[told]), np.log([5.0, 2.0, 120.0])),
    ):
        off = check_grad(lambda logs, f=likelihood: f(logs)[0], lambda logs, f=likelihood: f(logs)[1], at)
        assert off < 1e-4 * np.abs(likelihood(at)[1]).max()


def test_parameters_that_made_the_data_are_found_again() -> None:
    buying, doubt = fit_buying(SEEN)
    amounts, other = fit_spending(SEEN.x, MEAN, otherwise=1.0)
    assert doubt is None
    assert other is None
    assert (buying.r, buying.alpha) == pytest.approx((TRUE_BUYING.r, TRUE_BUYING.alpha), rel=0.15)
    assert buying.a / (buying.a + buying.b) == pytest.approx(0.8 / 3.3, rel=0.15)
    assert amounts.mean == pytest.approx(TRUE_SPENDING.mean, rel=0.1)


def test_values_come_true_on_average_and_their_intervals_hold() -> None:
    ahead = lifetimes(TRUE_BUYING, TRUE_SPENDING, SEEN, MEAN, Horizon(52, 0.0))
    assert ahead.purchases.sum() == pytest.approx(LATER.sum(), rel=0.05)
    assert ahead.value.sum() == pytest.approx(SPENT.sum(), rel=0.05)
    assert np.all((ahead.low <= ahead.value) & (ahead.value <= ahead.high))
    busy = (ahead.alive > 0.8) & (SEEN.x > 2)
    assert 0.07 < (ahead.high < SPENT)[SEEN.x > 0].mean() < 0.11
    assert (ahead.low > SPENT)[busy].mean() < 0.13


def test_what_is_later_is_worth_less() -> None:
    plain, discounted = (
        lifetimes(TRUE_BUYING, TRUE_SPENDING, SEEN, MEAN, Horizon(52, share)).value for share in (0.0, 0.1)
    )
    assert np.all(discounted < plain)
    assert np.all(discounted > plain / 1.1)


def test_customers_without_a_repeat_purchase_have_the_amounts_of_the_cohort() -> None:
    amounts = expected_amount(TRUE_SPENDING, np.array([0.0, 50.0]), np.array([0.0, 400.0]))
    assert amounts[0] == pytest.approx(TRUE_SPENDING.mean)
    assert amounts[1] == pytest.approx(400, rel=0.03)


@pytest.mark.parametrize(
    "seen",
    [
        Histories(np.zeros(5), np.zeros(5), np.arange(5.0)),
        Histories(np.zeros(1), np.zeros(1), np.zeros(1)),
        Histories(np.full(9, 4.0), np.full(9, 20.0), np.full(9, 25.0)),
    ],
    ids=["nobody came again", "one purchase today", "all alike"],
)
def test_data_that_settle_nothing_say_so_and_still_give_a_model(seen: Histories) -> None:
    buying, doubt = fit_buying(seen)
    amounts, other = fit_spending(seen.x, np.full(len(seen.x), 10.0), otherwise=10.0)
    assert doubt is not None
    assert other is not None
    ahead = lifetimes(buying, amounts, seen, np.full(len(seen.x), 10.0), Horizon())
    assert np.all(np.isfinite(ahead.value) & (ahead.value > 0))
    assert amounts.mean == pytest.approx(10, rel=0.5)
