"""Days of made-up contacts: shocks that all share, growth or decline, weekdays, moods of single topics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DISPERSION = 0.15
SHARED_MEMORY, SHARED_NOISE = 0.8, 0.08
OWN_MEMORY, OWN_NOISE = 0.7, 0.05
GROWTH = 0.002
DRIFT = 0.0005


def contact_days(
    dice: np.random.Generator,
    rates: NDArray[np.float64],
    days: int,
    factors: NDArray[np.float64] | float = 1.0,
) -> NDArray[np.int64]:
    """Counts of a topic (row) and day (column), negative binomial; `rates` a day, `factors` what is
    planted."""
    topics = len(rates)
    weekday = np.array([1.25, 1.1, 1.0, 1.0, 0.95, 0.7, 0.6])[np.arange(days) % 7]
    own_weekday = np.exp(0.08 * dice.standard_normal((topics, 7)))[:, np.arange(days) % 7]
    shared = np.exp(_remembering(dice, 1, days, SHARED_MEMORY, SHARED_NOISE))
    own = np.exp(_remembering(dice, topics, days, OWN_MEMORY, OWN_NOISE))
    slopes = dice.choice([-GROWTH, GROWTH]) + DRIFT * dice.standard_normal((topics, 1))
    trend = np.exp(slopes * np.arange(days))
    rush = np.where(dice.random(days) < 0.02, 1.8, 1.0)
    means = rates[:, None] * weekday * own_weekday * shared * own * trend * rush * factors
    shape = 1 / DISPERSION
    counts: NDArray[np.int64] = dice.negative_binomial(shape, shape / (shape + means)).astype(np.int64)
    return counts


def _remembering(
    dice: np.random.Generator, rows: int, days: int, memory: float, noise: float
) -> NDArray[np.float64]:
    """AR(1), from its standing state."""
    steps = noise * dice.standard_normal((rows, days))
    values = np.empty((rows, days))
    values[:, 0] = steps[:, 0] / np.sqrt(1 - memory**2)
    for day in range(1, days):
        values[:, day] = memory * values[:, day - 1] + steps[:, day]
    return values
