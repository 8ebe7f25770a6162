"""What is to come, by half hour, from what came: level and trend, the week, the day's shape, and intervals.

Days are first rid of the week (each weekday against the mean one, over eight weeks), then a line is fitted
to them that forgets by half in four weeks; its slope counts only when it is twice its error, and fades as the
days go on. A day is spread over its half hours as its weekday was, shrunk to the mean day where little came.
Counts of calls vary more than Poisson's (Jongbloed & Koole 2001), so intervals are those of a gamma mixed
with it (negative binomial), by the spread that the fitted weeks show and the error of the level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom, poisson

from desk.model.errors import Invalid

SLOTS = 48
LEAST_DAYS = 28
"""Four of each weekday: with fewer the week cannot be told from chance."""

FITTED_DAYS = 56
HALF_LIFE_DAYS = 28.0
FADING = 0.97
SHARED_COUNTS = 100.0
"""The shape of a weekday counts as much as the mean shape once so many contacts came on such days."""

BUSY_WEEKDAY = 5.0
LEAST_SPREAD = 1e-6

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DayAhead:
    """A day to come: of each of its half hours how many are expected, and between what nine of ten lie."""

    day: date
    mean: tuple[float, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]


def forecast(history: Sequence[Sequence[int]], first: date, days: int) -> list[DayAhead]:
    """The days after `history`, whose rows are whole days from `first` on, without a gap, in half hours.

    A day without anybody, on a weekday that is busy otherwise, was a holiday and teaches nothing. Raises
    Invalid when there are fewer than four weeks, or nobody ever came.
    """
    if len(history) < LEAST_DAYS:
        raise Invalid(
            f"The history is too short to forecast from: {len(history)} whole days, and it takes"
            f" {LEAST_DAYS}.",
            "forecast",
        )
    counts = np.array(history[-FITTED_DAYS:], dtype=float)
    begins = first + timedelta(days=len(history) - len(counts))
    weekdays = np.array([(begins + timedelta(days=n)).weekday() for n in range(len(counts))])
    works = _worked(counts.sum(axis=1), weekdays)
    if not counts[works].any():
        raise Invalid("Nobody came in these weeks; there is nothing to forecast from.", "forecast")
    return _ahead(counts, weekdays, works, begins + timedelta(days=len(counts)), days)


def _worked(totals: Array, weekdays: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Which days were like others of their weekday: all but those on which nobody came, out of the row."""
    usual = np.array([np.median(totals[weekdays == day]) for day in range(7)])
    return (totals > 0) | (usual[weekdays] < BUSY_WEEKDAY)


def _ahead(
    counts: Array, weekdays: NDArray[np.int_], works: NDArray[np.bool_], begins: date, days: int
) -> list[DayAhead]:
    counts, of, ages = counts[works], weekdays[works], (len(works) - 1 - np.arange(len(works)))[works]
    week = np.array([counts[of == day].sum(axis=1).mean() if (of == day).any() else 0.0 for day in range(7)])
    week = week / week.mean()
    shapes = _shapes(counts, of)
    level, slope, error = _line(counts.sum(axis=1), week[of], -ages.astype(float))
    fitted = np.maximum(level - slope * ages, 0.0)[:, None] * week[of][:, None] * shapes[of]
    spread = _spread(counts, fitted) + (error / level) ** 2
    found = []
    for ahead in range(1, days + 1):
        day = begins + timedelta(days=ahead - 1)
        grown = slope * (1 - FADING**ahead) / (1 - FADING)
        mean = max(0.0, level + grown) * week[day.weekday()] * shapes[day.weekday()]
        low, high = _interval(mean, spread)
        found.append(DayAhead(day, tuple(mean.tolist()), low, high))
    return found


def _shapes(counts: Array, weekdays: NDArray[np.int_]) -> Array:
    """By weekday, the share of each half hour."""
    mean = counts.sum(axis=0) / counts.sum()
    of = np.array([counts[weekdays == day].sum(axis=0) for day in range(7)]) + SHARED_COUNTS * mean
    shares: Array = of / of.sum(axis=1, keepdims=True)
    return shares


def _line(totals: Array, week: Array, at: Array) -> tuple[float, float, float]:
    """Level at 0 and slope a day of `totals / week`, and the level's error; weighted by recency, and by how
    much a weekday tells.
    """
    told = week > 0.02
    values, times, weights = (
        totals[told] / week[told],
        at[told],
        week[told] * 0.5 ** (-at[told] / HALF_LIFE_DAYS),
    )
    design = np.stack([np.ones_like(times), times], axis=1)
    inverse = np.linalg.inv(design.T @ (weights[:, None] * design))
    level, slope = inverse @ (design.T @ (weights * values))
    left = values - level - slope * times
    variance = float((weights * left**2).sum() / weights.sum())
    covariance = inverse @ (design.T @ ((weights**2)[:, None] * design)) @ inverse * variance
    if abs(slope) > 2 * np.sqrt(covariance[1, 1]) and level > 0:
        return float(level), float(slope), float(np.sqrt(covariance[0, 0]))
    mean = float((weights * values).sum() / weights.sum())
    return mean, 0.0, float(np.sqrt(variance * (weights**2).sum()) / weights.sum())


def _spread(counts: Array, fitted: Array) -> float:
    """The squared variation beyond Poisson's, of half hours about what was fitted."""
    beyond = ((counts - fitted) ** 2 - fitted).sum() / max((fitted**2).sum(), 1.0)
    return max(0.0, float(beyond)) * len(counts) / max(1, len(counts) - 9)


def _interval(mean: Array, spread: float) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if spread < LEAST_SPREAD:
        ends = [poisson.ppf(share, np.maximum(mean, 1e-9)) for share in (0.05, 0.95)]
    else:
        size = 1 / spread
        ends = [nbinom.ppf(share, size, size / (size + mean)) for share in (0.05, 0.95)]
    low, high = (tuple(int(count) for count in end) for end in ends)
    return low, high
