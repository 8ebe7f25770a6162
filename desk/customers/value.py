"""What customers are worth: every figure of value from their purchases, in one pass and without I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from desk.customers.bgnbd import Buying, fit_buying
from desk.customers.desertion import Desertion, desertion
from desk.customers.ledger import Ledger, histories
from desk.customers.lifetime import Horizon, Lifetimes, lifetimes
from desk.customers.rfm import Rfm, rfm
from desk.customers.spending import Spending, fit_spending

UNRELATED = 0.3
"""Above this correlation, Gamma-Gamma's premise that amount and frequency are unrelated is doubtful."""


@dataclass(frozen=True)
class Valuation:
    """One entry a customer in each part, in the ledger's order; and the two models behind them.

    `prior` marks customers with a single purchase: their rate and amounts are those of the cohort.
    `remarks` are sentences about how far the figures carry.
    """

    ledger: Ledger
    rfm: Rfm
    lifetimes: Lifetimes
    desertion: Desertion
    buying: Buying
    spending: Spending
    prior: NDArray[np.bool_]
    remarks: list[str] = field(default_factory=list)

    @property
    def parameters(self) -> dict[str, str | float]:
        """The fitted parameters; rates are a week."""
        buying, spending = self.buying, self.spending
        return {
            "unit": "week", "r": buying.r, "alpha": buying.alpha, "a": buying.a, "b": buying.b,
            "p": spending.p, "q": spending.q, "gamma": spending.gamma,
        }  # fmt: skip


def valuation(ledger: Ledger, until: date, horizon: Horizon) -> Valuation:
    """Every figure of value for all customers of a ledger, as seen at the end of `until`.

    The cohort whose prior helps a customer with little history is everybody in the ledger.
    """
    end = until.toordinal()
    seen, mean = histories(ledger, end)
    scores = rfm(ledger, end)
    buying, doubt = fit_buying(seen)
    spending, other_doubt = fit_spending(seen.x, mean, otherwise=float(scores.monetary.mean()))
    ahead = lifetimes(buying, spending, seen, mean, horizon)
    left = desertion(ledger, until, ahead.alive)
    single = seen.x == 0
    remarks = [sentence for sentence in (doubt, other_doubt) if sentence]
    if single.any():
        remarks.append(
            f"Of {len(single):,} customers, {int(single.sum()):,} bought once: for them rate and amount are "
            "the cohort's, and the model cannot tell who of them has left."
        )
    remarks += _relation(seen.x, mean)
    return Valuation(ledger, scores, ahead, left, buying, spending, single, remarks)


def _relation(x: NDArray[np.float64], mean: NDArray[np.float64]) -> list[str]:
    told = x > 0
    if told.sum() < 3 or np.ptp(x[told]) == 0 or np.ptp(mean[told]) == 0:
        return []
    correlation = float(np.corrcoef(x[told], mean[told])[0, 1])
    if abs(correlation) <= UNRELATED:
        return []
    more = "more" if correlation > 0 else "less"
    return [
        f"Whoever buys more often spends {more} at a time (correlation {correlation:.2f}); the model of "
        "amounts takes them for unrelated, so read the values of frequent buyers with care."
    ]
