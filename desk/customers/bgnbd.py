"""How often customers buy and whether they still do: the BG/NBD model, in logarithms.

A customer buys at a rate of their own (gamma among customers) until, after any purchase, they may
leave for good with a chance of their own (beta among customers). Source: P. Fader, B. Hardie, K. Lee,
“Counting Your Customers” the Easy Way, Marketing Science 24(2), 2005; numbers of equations are theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln

from desk.customers.likelihood import held, maximise

Floats = NDArray[np.float64]

NODES = 32
"""Points of the quadrature over the chance of leaving: usually the exact integral to 1e-12; to 3e-6 for who
bought 13 times in a week and is looked at a year ahead."""


UNSETTLED = (
    "The purchases do not settle how often customers buy and when they leave "
    "(too few repeat purchases, or all alike); a weak prior was used."
)


@dataclass(frozen=True)
class Buying:
    """The fitted model. Rates are gamma (r, alpha, in weeks), chances of leaving beta (a, b)."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True)
class Histories:
    """What the model needs of each customer, one entry each: repeat purchases `x`, the week of the last
    one `t_x` and the weeks observed `T`, both counted from the first purchase."""

    x: Floats
    t_x: Floats
    T: Floats


def fit_buying(seen: Histories) -> tuple[Buying, str | None]:
    """The parameters under which these histories are likeliest, and a sentence when a prior had to help.

    The search runs over the distinct histories with their counts, so that it grows with the variety of
    customers and not with their number. Where the histories do not settle all four parameters (nobody
    bought twice, or all are alike), weak priors in logarithms hold them: one purchase in as long as was
    seen on average, one customer in five leaving after a purchase.
    """
    triples, counts = np.unique(np.column_stack((seen.x, seen.t_x, seen.T)), axis=0, return_counts=True)
    distinct = Histories(*triples.T)
    weights = counts.astype(np.float64)
    weeks, repeats = float(weights @ distinct.T), float(weights @ distinct.x)
    per_purchase = weeks / repeats if weeks and repeats else max(2 * weeks / weights.sum(), 52.0)
    prior = np.log([1.0, per_purchase, 1.0, 4.0])
    likelihood = partial(_log_likelihood, seen=distinct, weights=weights)
    fit = maximise(likelihood, prior) if repeats else held(likelihood, prior)
    return Buying(*np.exp(fit.logs).tolist()), None if fit.settled else UNSETTLED


def chance_alive(model: Buying, seen: Histories) -> Floats:
    """P(alive) of each customer at the end of observation; 1 for whoever bought once, as the paper has it
    (customers leave after a repeat purchase)."""
    k = model.r + seen.x
    odds_gone = (
        np.log(model.a)
        - np.log(np.maximum(model.b + seen.x - 1, 1e-300))
        + k * (np.log(model.alpha + seen.T) - np.log(model.alpha + seen.t_x))
    )
    return np.where(seen.x > 0, 1 / (1 + np.exp(np.minimum(odds_gone, 700))), 1.0)


def purchases_if_alive(model: Buying, x: Floats, T: Floats, weeks: float) -> Floats:
    """Expected purchases in the next `weeks` of a customer who is still there; times `chance_alive` it is
    equation (10).

    Given the data and life, the rate is Gamma(r + x, alpha + T) and the chance of leaving p is
    Beta(a, b + x), independent; the rate integrates in closed form and leaves one smooth integral over
    p. Unlike the hypergeometric form it has no pole at a = 1 and does not overflow for many purchases.
    """
    k = (model.r + x)[:, None]
    p, weight = leaving(model, x)
    total = -np.expm1(-k * np.log1p(p * weeks / (model.alpha + T)[:, None])) / p
    return np.asarray((weight * total).sum(axis=1), np.float64)


def leaving(model: Buying, x: Floats) -> tuple[Floats, Floats]:
    """Gauss-Jacobi points and weights, (len(x), NODES) each, of Beta(a, b + x): the chance of leaving.

    Golub and Welsch (1969): eigenvalues of the Jacobi matrix, and first components of its vectors.
    """
    distinct, back = np.unique(x, return_inverse=True)
    left, right = np.full_like(distinct, model.a - 1), model.b + distinct - 1
    total = (left + right)[:, None]
    n = np.arange(NODES, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (left**2 - right**2)[:, None] / ((2 * n + total) * (2 * n + total + 2))
    middle[:, 0] = (left - right) / (left + right + 2)
    m = n[1:]
    # m + total and 2m + total - 1 cancel at m = 1; written out there, as total may be -1.
    ratio = np.ones((len(distinct), NODES - 1))
    ratio[:, 1:] = (m[1:] + total) / (2 * m[1:] + total - 1)
    beside = (
        4 * m * (m + left[:, None]) * (m + right[:, None]) * ratio
        / ((2 * m + total) ** 2 * (2 * m + total + 1))
    )  # fmt: skip
    matrix = np.zeros((len(distinct), NODES, NODES))
    at = np.arange(NODES)
    matrix[:, at, at] = middle
    matrix[:, at[1:], at[:-1]] = np.sqrt(beside)
    values, vectors = np.linalg.eigh(matrix)
    points = np.clip((1 + values) / 2, 1e-15, 1.0)
    return points[back], (vectors[:, 0, :] ** 2)[back]


def _log_likelihood(logs: Floats, seen: Histories, weights: Floats) -> tuple[float, Floats]:
    """Equation (6) in logarithms, summed, and its gradient by the logarithms of r, alpha, a, b."""
    r, alpha, a, b = np.exp(logs)
    x, repeat = seen.x, seen.x > 0
    k = r + x
    log_T, log_t = np.log(alpha + seen.T), np.log(alpha + seen.t_x)
    left_since = np.maximum(b + x - 1, 1e-300)
    stayed = -k * log_T
    gone = np.where(repeat, np.log(a) - np.log(left_since) - k * log_t, -np.inf)
    either = np.logaddexp(stayed, gone)
    share_gone = np.where(repeat, np.exp(gone - either), 0.0)
    share_stayed = 1 - share_gone
    counts = gammaln(k) - gammaln(r) + r * np.log(alpha)
    leaving_ = gammaln(a + b) - gammaln(b) + gammaln(b + x) - gammaln(a + b + x)
    of_ab, of_abx = digamma(a + b), digamma(a + b + x)
    by = np.stack((
        digamma(k) - digamma(r) + np.log(alpha) - share_stayed * log_T - share_gone * log_t,
        r / alpha - k * (share_stayed / (alpha + seen.T) + share_gone / (alpha + seen.t_x)),
        of_ab - of_abx + share_gone / a,
        of_ab - of_abx + digamma(b + x) - digamma(b) - np.where(repeat, share_gone / left_since, 0.0),
    ))  # fmt: skip
    gradient = (by @ weights) * np.exp(logs)
    return float(weights @ (counts + leaving_ + either)), gradient
