"""What each customer bought on which day, after returns: the ground of every figure of value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.customers.bgnbd import Histories

Floats = NDArray[np.float64]
Days = NDArray[np.int32]
Counts = NDArray[np.int64]

DAYS_A_WEEK = 7


@dataclass(frozen=True)
class Ledger:
    """Days with a purchase, by customer and day. Customer i has the entries starts[i] to starts[i + 1],
    at least one; `day` are proleptic ordinals, `amount` is above 0."""

    customers: Sequence[str]
    starts: Counts
    day: Days
    amount: Floats

    @property
    def purchases(self) -> Counts:
        """How many days with a purchase each customer has."""
        return np.diff(self.starts)

    @property
    def first(self) -> Days:
        return self.day[self.starts[:-1]]

    @property
    def last(self) -> Days:
        return self.day[self.starts[1:] - 1]

    @property
    def spend(self) -> Floats:
        """The sum of each customer."""
        return np.asarray(np.add.reduceat(self.amount, self.starts[:-1]), np.float64)


@dataclass(frozen=True)
class Settled:
    """The ledger, and what did not fit into it: money given back beyond what was bought, and customers of
    whom no purchase is left."""

    ledger: Ledger
    returned_too_much: int
    nothing_left: int


def settle(customers: Sequence[str], who: NDArray[np.int32], day: Days, amount: Floats) -> Settled:
    """Add up each customer's days, and take returns (negative amounts) off what was bought. At least one row.

    Purchases of one day are one purchase, as the models have it. A return is taken off the same day
    first, then off the latest purchases before it; a purchase that was given back whole did not happen.
    What exceeds the customer's earlier purchases is dropped, and counted.
    """
    order = np.lexsort((day, who))
    who, day, amount = who[order], day[order], amount[order]
    new = np.ones(len(who), np.bool_)
    new[1:] = (who[1:] != who[:-1]) | (day[1:] != day[:-1])
    at = np.flatnonzero(new)
    who, day = who[at], day[at]
    # Sums of cents in binary: what is left of 30.00 - 29.70 must be 0.30.
    net: Floats = np.round(np.add.reduceat(amount, at), 4).astype(np.float64)
    beyond = _take_back(who, net)
    kept = net > 0
    who, day, net = who[kept], day[kept], net[kept]
    present, starts = np.unique(who, return_index=True)
    ledger = Ledger([customers[i] for i in present], np.append(starts, len(who)).astype(np.int64), day, net)
    return Settled(ledger, beyond, len(customers) - len(present))


def _take_back(who: NDArray[np.int32], net: Floats) -> int:
    """Take each negative entry off the entries before it, in place; how many exceed them."""
    beyond = 0
    for at in np.flatnonzero(net < 0):
        owed, net[at] = -net[at], 0.0
        before = at - 1
        while owed > 0 and before >= 0 and who[before] == who[at]:
            taken = min(owed, net[before])
            net[before], owed = round(net[before] - taken, 4), round(owed - taken, 4)
            before -= 1
        beyond += owed > 0
    return beyond


def histories(ledger: Ledger, until: int) -> tuple[Histories, Floats]:
    """The models' view in weeks at the end of day `until`, and the mean spend of the repeat purchases
    (0 for none)."""
    repeats = (ledger.purchases - 1).astype(np.float64)
    first = ledger.first.astype(np.float64)
    seen = Histories(repeats, (ledger.last - first) / DAYS_A_WEEK, (until - first) / DAYS_A_WEEK)
    after_first = ledger.spend - ledger.amount[ledger.starts[:-1]]
    return seen, np.where(repeats > 0, after_first / np.maximum(repeats, 1), 0.0)
