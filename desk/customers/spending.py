"""What a purchase of a customer is worth: the Gamma-Gamma model.

Amounts of one customer are gamma around a mean of their own, and means are inverse-gamma among
customers, independent of how often they buy. Source: P. Fader, B. Hardie, The Gamma-Gamma Model of
Monetary Value, 2013 (brucehardie.com/notes/025).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln

from desk.customers.likelihood import maximise

Floats = NDArray[np.float64]

PRIOR = np.array([4.0, 2.0, 0.5])
"""p, q - 1 and gamma where amounts do not settle them, in units of the mean amount, which it keeps."""

UNSETTLED = (
    "The amounts do not settle how spending differs among customers "
    "(too few repeat purchases, or all alike); a weak prior was used."
)


@dataclass(frozen=True)
class Spending:
    """The fitted model: shape p of one customer's amounts, q (above 1) and gamma of the customers' scales."""

    p: float
    q: float
    gamma: float

    @property
    def mean(self) -> float:
        """The mean amount over all customers: the cohort's prior."""
        return self.p * self.gamma / (self.q - 1)


def fit_spending(x: Floats, mean: Floats, *, otherwise: float) -> tuple[Spending, str | None]:
    """The likeliest parameters for customers of `x` repeat purchases of `mean` each, and a sentence when a
    prior had to help.

    Customers without a repeat purchase say nothing here. `otherwise` (above 0) is the amount to expect
    where there is none at all. q is kept above 1, below which no mean exists.
    """
    told = x > 0
    if not told.any():
        return _model(PRIOR, otherwise), UNSETTLED
    level = float(mean[told] @ x[told] / x[told].sum())
    # In units of the mean amount, so that the search sees the same numbers in every currency.
    times, scaled = x[told], mean[told] / level
    fit = maximise(lambda logs: _log_likelihood(logs, times, scaled), np.log(PRIOR))
    return _model(np.exp(fit.logs), level), None if fit.settled else UNSETTLED


def expected_amount(model: Spending, x: Floats, mean: Floats) -> Floats:
    """The amount of each customer's next purchase: their own mean, drawn to the cohort's the more, the
    fewer repeat purchases there are; the cohort's for none."""
    return model.p * (model.gamma + x * mean) / (model.p * x + model.q - 1)


def _model(parameters: Floats, level: float) -> Spending:
    p, above, gamma = parameters.tolist()
    return Spending(p, 1 + above, gamma * level)


def _log_likelihood(logs: Floats, x: Floats, mean: Floats) -> tuple[float, Floats]:
    """Equation (1a) of the note, summed, and its gradient by the logarithms of p, q - 1, gamma."""
    p, above, gamma = np.exp(logs)
    q, shape, total = 1 + above, p * x, gamma + x * mean
    value = (
        gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma)
        + (shape - 1) * np.log(mean) + shape * np.log(x) - (shape + q) * np.log(total)
    )  # fmt: skip
    all_of = digamma(shape + q)
    gradient = np.array([
        p * np.sum(x * (all_of - digamma(shape) + np.log(mean) + np.log(x) - np.log(total))),
        above * np.sum(all_of - digamma(q) + np.log(gamma) - np.log(total)),
        gamma * np.sum(q / gamma - (shape + q) / total),
    ])  # fmt: skip
    return float(value.sum()), gradient
