"""What a change would spare in a year: by dice with a fixed seed, never a single figure.

    contacts = weekly volume · 52 · addressable share · effect
    hours    = contacts · (1 + repeat rate) · hours a contact

Each factor is drawn from what is known of it; the effect is a guess (Beta(2, 4): a third, give or take) until
changes of the kind were measured here, and those then say more and more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SEED = 20_251
DRAWS = 20_000
GUESS = (2.0, 4.0)
WEIGHT = 2.0
"""A change that was measured here is worth so many guesses."""

FORMULA = "contacts a week × 52 × addressable share × effect × (1 + repeat rate) × hours a contact"


@dataclass(frozen=True)
class Saving:
    """Of a year; (P10, P50, P90): in one of ten cases it is less, or more, than the outer ones."""

    contacts: tuple[float, float, float]
    hours: tuple[float, float, float]
    formula: str
    weekly: float
    addressable: float
    effect: tuple[float, float, float]
    repeat_rate: float
    minutes: float


def saving_of(
    *, contacts: int, weeks: int, hits: int, of: int, repeat_rate: float, minutes: float,
    measured: Sequence[float] = (),
) -> Saving:  # fmt: skip
    """`contacts` in `weeks`; `hits` of `of` can be spared; `minutes` a contact takes; `measured` are the
    effects (0 to 1) of earlier changes of the kind."""
    dice = np.random.default_rng(SEED)
    weekly = dice.gamma(contacts + 0.5, 1 / weeks, DRAWS)
    share = dice.beta(min(hits, of) + 1, max(0, of - hits) + 1, DRAWS)
    known = np.clip(np.array(measured, np.float64), 0, 1)
    effect = dice.beta(GUESS[0] + WEIGHT * known.sum(), GUESS[1] + WEIGHT * (1 - known).sum(), DRAWS)
    spared = weekly * 52 * share * effect
    hours = spared * (1 + repeat_rate) * minutes / 60
    return Saving(
        contacts=_tenths(spared),
        hours=_tenths(hours),
        formula=FORMULA,
        weekly=contacts / weeks,
        addressable=min(hits, of) / max(1, of),
        effect=_tenths(effect),
        repeat_rate=repeat_rate,
        minutes=minutes,
    )


def _tenths(draws: np.ndarray) -> tuple[float, float, float]:
    low, middle, high = np.quantile(draws, (0.1, 0.5, 0.9))
    return float(low), float(middle), float(high)
