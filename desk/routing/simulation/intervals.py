"""Means with their 95 % intervals, and ratios of paired days."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

STUDENT = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Student's t for 95 % by degrees of freedom, from 1; beyond the table 2."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, and how far the truth may be from it, 19 times of 20. Of one value nothing is known."""

    mean: float
    half: float

    @property
    def low(self) -> float:
        return self.mean - self.half

    @property
    def high(self) -> float:
        return self.mean + self.half


def interval(values: Sequence[float]) -> Interval:
    """The mean of independent values with its interval by Student's t."""
    mean = statistics.fmean(values)
    freedom = len(values) - 1
    if not freedom:
        return Interval(mean, inf)
    t = STUDENT[freedom - 1] if freedom <= len(STUDENT) else 2.0
    return Interval(mean, t * statistics.stdev(values) / sqrt(len(values)))


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Interval:
    """The mean of day-by-day ratios: as both had the same day, what made the day busy falls out."""
    return interval([mine / other if other else 1.0 for mine, other in zip(ours, theirs, strict=True)])
