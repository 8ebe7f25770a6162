"""What customers will spend: discounted customer lifetime value over a set horizon, and how sure that is.

The value is expected spend (not margin): P(alive) x discounted purchases x amount of a purchase, with
BG/NBD for the first two and Gamma-Gamma for the third. Source of putting them together: P. Fader,
B. Hardie, K. Lee, RFM and CLV, Journal of Marketing Research 42(4), 2005.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.customers.bgnbd import Buying, Histories, chance_alive, purchases_if_alive
from desk.customers.spending import Spending, expected_amount

Floats = NDArray[np.float64]

WEEKS_A_YEAR = 365.25 / 7
INTERVAL = 0.8
DRAWS = 400
_MOMENTS = 5
"""Points of the Gauss-Legendre quadrature over the horizon."""
_AT_ONCE = 20_000
"""Customers looked at together: bounds memory, not results."""


@dataclass(frozen=True)
class Horizon:
    """How far we look, in weeks, and what money of a year later is worth less (0.1 is 10 %)."""

    weeks: float = 52.0
    discount_a_year: float = 0.1

    @property
    def discount_a_week(self) -> float:
        return math.log1p(self.discount_a_year) / WEEKS_A_YEAR


@dataclass(frozen=True)
class Lifetimes:
    """One entry a customer. Purchases are within the horizon; `value` is discounted and lies between
    `low` and `high`."""

    alive: Floats
    purchases: Floats
    value: Floats
    low: Floats
    high: Floats


def lifetimes(
    buying: Buying, spending: Spending, seen: Histories, mean: Floats, horizon: Horizon
) -> Lifetimes:
    """Value of each customer with `mean` spend of the repeat purchases (any value where there is none).

    The interval is predictive, 80 % (`INTERVAL`): the spend itself, not its mean, falls below `low` for
    one customer in ten and above `high` for one in ten. It counts what is not known of the customer
    (gone or not, rate, chance of leaving, spend) and chance; the parameters are taken as known, which
    for some hundred customers and more adds little. It is widened to hold the mean, where a customer is
    so surely gone that the quantile is below it. See `_quantiles` for the method.
    """
    alive = chance_alive(buying, seen)
    pairs, back = np.unique(np.column_stack((seen.x, seen.T)), axis=0, return_inverse=True)
    count, discounted = _ahead(buying, pairs, horizon)
    purchases = alive * count[back]
    amount = expected_amount(spending, seen.x, mean)
    value = alive * discounted[back] * amount
    low, high = _quantiles(buying, spending, seen, mean, alive, horizon)
    # Purchases come sooner or later in the horizon: the mean discount stands for all of them.
    kept = (discounted / count)[back]
    return Lifetimes(alive, purchases, value, np.minimum(low * kept, value), np.maximum(high * kept, value))


def _ahead(buying: Buying, pairs: Floats, horizon: Horizon) -> tuple[Floats, Floats]:
    """Purchases, and discounted purchases, within the horizon of those who are alive, by (x, T)."""
    parts = [_part_ahead(buying, pairs[at : at + _AT_ONCE], horizon) for at in range(0, len(pairs), _AT_ONCE)]
    count, discounted = zip(*parts, strict=True)
    return np.concatenate(count), np.concatenate(discounted)


def _part_ahead(buying: Buying, pairs: Floats, horizon: Horizon) -> tuple[Floats, Floats]:
    """Discounted, the purchases to week u, N(u), count as the integral of e^(-d u) N'(u) over the horizon H.

    By parts that is e^(-d H) N(H) + d times the integral of e^(-d u) N(u), in which N is smooth and an
    error counts d H times only: a few points are enough.
    """
    x, T, d = pairs[:, 0], pairs[:, 1], horizon.discount_a_week
    count = purchases_if_alive(buying, x, T, horizon.weeks)
    discounted = math.exp(-d * horizon.weeks) * count
    points, weights = np.polynomial.legendre.leggauss(_MOMENTS)
    for u, share in zip((1 + points) * horizon.weeks / 2, weights * horizon.weeks / 2, strict=True):
        discounted += d * share * math.exp(-d * u) * purchases_if_alive(buying, x, T, float(u))
    return count, discounted


def _quantiles(
    buying: Buying, spending: Spending, seen: Histories, mean: Floats, alive: Floats, horizon: Horizon
) -> tuple[Floats, Floats]:
    """The lower and upper quantile of the undiscounted spend of each customer, by simulation.

    Who is alive buys N = min(Poisson(rate x weeks), Geometric(p)) times, all three drawn from what is
    known of them; the sum of N amounts is (gamma + x mean) times a ratio of gammas that depends on
    (x, T) alone. So each (x, T), with T in whole weeks, is drawn `DRAWS` times, and every customer reads
    their quantile from it: that of the living, moved by the chance of being gone, which spends nothing.
    Seeded: the same customers have the same interval.
    """
    rng = np.random.default_rng(20050501)
    pairs, back = np.unique(np.column_stack((seen.x, np.rint(seen.T))), axis=0, return_inverse=True)
    order = np.argsort(back, kind="stable")
    starts = np.searchsorted(back[order], np.arange(len(pairs) + 1))
    scale = spending.gamma + np.where(seen.x > 0, seen.x * mean, 0.0)
    ends = [np.empty_like(alive), np.empty_like(alive)]
    for first in range(0, len(pairs), _AT_ONCE // 4):
        part = pairs[first : first + _AT_ONCE // 4]
        drawn = np.sort(_spent(buying, spending, part[:, 0], part[:, 1], horizon.weeks, rng), axis=1)
        who = order[starts[first] : starts[first + len(part)]]
        row = back[who] - first
        for end, share in zip(ends, ((1 - INTERVAL) / 2, (1 + INTERVAL) / 2), strict=True):
            among_living = (share - (1 - alive[who])) / alive[who].clip(1e-300)
            place = np.clip(among_living, 0, 1) * (DRAWS - 1)
            below = np.minimum(place.astype(np.int64), DRAWS - 2)
            spend = drawn[row, below] + (place - below) * (drawn[row, below + 1] - drawn[row, below])
            end[who] = np.where(among_living > 0, spend * scale[who], 0.0)
    return ends[0], ends[1]


def _spent(
    buying: Buying, spending: Spending, x: Floats, T: Floats, weeks: float, rng: np.random.Generator
) -> Floats:
    """Draws, (len(x), DRAWS), of what the living spend, in units of the customer's own scale."""
    shape = (len(x), DRAWS)
    rate = rng.gamma(np.broadcast_to((buying.r + x)[:, None], shape)) / (buying.alpha + T)[:, None]
    p = rng.beta(buying.a, np.broadcast_to((buying.b + x)[:, None], shape)).clip(1e-9, 1.0)
    bought = np.minimum(rng.poisson(rate * weeks), rng.geometric(p))
    amounts = rng.gamma(spending.p * np.maximum(bought, 1))
    scales = rng.gamma(np.broadcast_to((spending.q + spending.p * x)[:, None], shape))
    return np.where(bought > 0, amounts / scales, 0.0)
