"""Maximum likelihood over positive parameters, and what is done where the data do not settle them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Likelihood = Callable[[Floats], tuple[float, Floats]]

FARTHEST = 9.0
"""A parameter that wants to leave its start by more than e⁹ is running away: nothing holds it."""
PRIOR_SPREAD = 1.0


@dataclass(frozen=True)
class Fit:
    """Logarithms of the parameters; `settled` when the data alone hold them."""

    logs: Floats
    settled: bool


def maximise(likelihood: Likelihood, prior: Floats) -> Fit:
    """The logarithms at which `likelihood` (value and gradient) is greatest, searched from `prior`.

    Where the search ends at a border or does not converge, `prior` has to hold them.
    """
    free = _search(likelihood, prior, precision=0.0)
    return held(likelihood, prior) if free is None else Fit(free, settled=True)


def held(likelihood: Likelihood, prior: Floats) -> Fit:
    """The same with a normal prior around `prior`, standard deviation 1 in logarithms: it always exists."""
    found = _search(likelihood, prior, precision=PRIOR_SPREAD**-2)
    return Fit(prior if found is None else found, settled=False)


def _search(likelihood: Likelihood, prior: Floats, *, precision: float) -> Floats | None:
    scale = 1.0

    def loss(logs: Floats) -> tuple[float, Floats]:
        value, gradient = likelihood(logs)
        away = logs - prior
        penalty = precision * float(away @ away) / 2
        return (penalty - value) / scale, (precision * away - gradient) / scale

    scale = max(abs(loss(prior)[0]), 1.0)
    found = minimize(
        loss, prior, jac=True, method="L-BFGS-B", bounds=[(at - FARTHEST, at + FARTHEST) for at in prior],
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-9},
    )  # fmt: skip
    logs = np.asarray(found.x, np.float64)
    inside = bool(np.all(np.abs(logs - prior) < FARTHEST - 1e-3))
    if not inside or not np.isfinite(found.fun):
        return None
    # Not every stop is a summit: there the slope is flat beside the height.
    return logs if float(np.abs(loss(logs)[1]).max()) < 1e-5 else None
