"""Recency, frequency, monetary value: each customer's fifth among all, 5 being the best.

Source: A. Hughes, Strategic Database Marketing, 1994. Equal customers have equal scores here: the fifth
of a value is that of the middle of all who share it, so that half the customers buying once do not
fall into different fifths by chance, and where all are alike everybody has a 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.customers.ledger import Ledger

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

FIFTHS = 5


@dataclass(frozen=True)
class Rfm:
    """One entry a customer: days since the last purchase, purchases, mean amount of one; and their fifths."""

    recency: Counts
    frequency: Counts
    monetary: Floats
    r: Counts
    f: Counts
    m: Counts


def rfm(ledger: Ledger, until: int) -> Rfm:
    """At the end of day `until` (a proleptic ordinal)."""
    recency = until - ledger.last.astype(np.int64)
    frequency = ledger.purchases
    monetary = ledger.spend / frequency
    return Rfm(recency, frequency, monetary, fifths(-recency), fifths(frequency), fifths(monetary))


def fifths(values: NDArray[np.generic]) -> Counts:
    """1 for the lowest fifth of the values to 5 for the highest."""
    _, back, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = (np.cumsum(counts) - counts / 2) / len(values)
    score = np.minimum(np.floor(middle * FIFTHS) + 1, FIFTHS).astype(np.int64)
    return np.asarray(score[back], np.int64)
