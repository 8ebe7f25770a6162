"""Rising topics: what is asked more than its share of today's contacts would have it.

Counts are overdispersed, so both tests are of a negative binomial: a limit that one day alone passes (a
trebling), and a cumulative sum of what stands above the expected (a doubling that goes on). Expected is the
topic's usual share of what the *others* ask today, so that a rush in everything is no burst. CUSUM on
residuals of counts: Fricker, Hegler & Dunfee 2008.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom

Counts = NDArray[np.int64]
"""Contacts, one row a topic, one column a day."""

HISTORY = 56
GAP = 3
"""A burst of these days may not raise what is expected of today."""

FIRST_DAY = HISTORY + GAP
WEEK = 7
LIMIT = 0.001
SLACK = 0.75
HEIGHT = 5.0
TOPICS_USUAL = 30
"""For more topics than these, limit and height are such that together they give as many false alarms a
day."""

FEWEST = 5
WEEKDAY_SHRINKAGE = 40.0
LEAST_DISPERSION = 0.01


@dataclass(frozen=True)
class Watched:
    """One row a topic, one column a day. Days before FIRST_DAY have nothing to be compared with: no alarm,
    and `expected` is NaN. `excess` is in standard deviations. `level` is what a person takes for usual: the
    topic's share of what the others asked in the week before, which no single day moves."""

    expected: NDArray[np.float64]
    level: NDArray[np.float64]
    excess: NDArray[np.float64]
    alarms: NDArray[np.bool_]


def watched(counts: Counts) -> Watched:
    """What was expected of every topic on every day, and the days that were out of it."""
    topics, days = counts.shape
    expected = np.full((topics, days), np.nan)
    level = np.full((topics, days), np.nan)
    excess = np.zeros((topics, days))
    alarms = np.zeros((topics, days), np.bool_)
    limit = min(LIMIT, LIMIT * TOPICS_USUAL / max(topics, 1))
    height = HEIGHT + max(0.0, log(max(topics, 1) / TOPICS_USUAL)) / (2 * SLACK)
    cumulative = np.zeros(topics)
    for day in range(FIRST_DAY, days) if topics else ():
        share, mean, dispersion = _usual(counts, day)
        today = counts[:, day]
        excess[:, day] = (today - mean) / np.sqrt(mean + dispersion * mean**2)
        beyond = nbinom.sf(today - 1, 1 / dispersion, 1 / (1 + dispersion * mean)) < limit
        cumulative = np.maximum(0, cumulative + excess[:, day] - SLACK)
        alarms[:, day] = (beyond | (cumulative > height)) & (today >= FEWEST) & (today > mean)
        cumulative[cumulative > height] = 0
        expected[:, day] = mean
        week = counts[:, day - WEEK : day].mean(1)
        level[:, day] = share * (week.sum() - week)
    return Watched(expected, level, excess, alarms)


def _usual(counts: Counts, day: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The share of each topic beside the others, by the days before this one; its mean and dispersion for the
    day (variance = m + d m²)."""
    past = counts[:, day - GAP - HISTORY : day - GAP].astype(np.float64)
    others = past.sum(0) - past
    share = (past.sum(1) + 0.5) / (others.sum(1) + 0.5)
    fitted = share[:, None] * others
    # Many topics have a weekday of their own; eight of each are few, so it is drawn to the usual.
    same = np.arange(day - GAP - HISTORY, day - GAP) % 7 == day % 7
    weekday = (past[:, same].sum(1) + WEEKDAY_SHRINKAGE) / (fitted[:, same].sum(1) + WEEKDAY_SHRINKAGE)
    today = counts[:, day]
    mean = np.maximum(share * weekday * (today.sum() - today), 0.05)
    return share, mean, _dispersion(past, fitted)


def _dispersion(past: NDArray[np.float64], fitted: NDArray[np.float64]) -> NDArray[np.float64]:
    """By moments, drawn half-way to that of all topics: one topic's eight weeks say little of it alone."""
    surplus = ((past - fitted) ** 2 - fitted).sum(1)
    squared = np.maximum((fitted**2).sum(1), 1e-9)
    own, common = surplus / squared, surplus.sum() / squared.sum()
    drawn: NDArray[np.float64] = np.maximum(0.5 * own + 0.5 * common, LEAST_DISPERSION)
    return drawn
