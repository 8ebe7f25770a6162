"""A run's figures from its purchases: the bridge between rows and the pure functions of `desk/customers`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desk.actions.customers.worth import Found
from desk.customers.ledger import settle
from desk.customers.lifetime import Horizon
from desk.customers.tiers import EARNED, LADDER, Cuts, cuts_by_share, ranks
from desk.customers.value import Valuation, valuation
from desk.model.worth import ValueRun
from desk.store.customers.worth import Standing


def computed(rows: Sequence[tuple[int, int, float]], run: ValueRun, before: Mapping[int, Standing]) -> Found:
    """What a run finds in (customer, day, amount), given how customers stood before."""
    if not rows or run.until is None:
        return _nothing()
    numbers, days, amounts = (np.array(column) for column in zip(*rows, strict=True))
    customers, who = np.unique(numbers, return_inverse=True)
    settled = settle(
        [str(number) for number in customers.tolist()],
        who.astype(np.int32), days.astype(np.int32), amounts.astype(np.float64),
    )  # fmt: skip
    if not settled.ledger.customers:
        return _nothing()
    horizon = Horizon(float(run.policy["horizon_weeks"]), float(run.policy["discount_a_year"]))
    valued = valuation(settled.ledger, run.until, horizon)
    numbered = [int(name) for name in settled.ledger.customers]
    cuts = _cuts(valued.lifetimes.value, run.policy)
    stood = np.array([_place(before.get(number)) for number in numbered], np.int64)
    places = ranks(valued.lifetimes.value, cuts, stood)
    earned = {number: LADDER[place] for number, place in zip(numbered, places.tolist(), strict=True)}
    remarks = list(valued.remarks)
    if settled.returned_too_much:
        remarks.append(f"Returns beyond what was bought before: {settled.returned_too_much:,}.")
    above = {tier.value: round(cuts.above[tier], 2) for tier in EARNED}
    return Found(_columns(valued, numbered), earned, above, valued.parameters, len(rows), remarks)


def _nothing() -> Found:
    return Found({name: [] for name in _NAMES}, {}, {tier.value: 0.0 for tier in EARNED})


def _cuts(values: NDArray[np.float64], policy: Mapping[str, Any]) -> Cuts:
    given = {tier: float(policy[tier.value]) for tier in EARNED}
    if policy["tiers_by"] == "amount":
        return Cuts(given, float(policy["band"]))
    return cuts_by_share(values, given, float(policy["band"]))


def _place(stood: Standing | None) -> int:
    """Only a tier that a value gave resists by the band; any other gives way to the first value."""
    return LADDER.index(stood.tier) if stood is not None and stood.valued else -1


_NAMES = (
    "customer_id", "recency", "frequency", "monetary", "r", "f", "m", "alive", "purchases", "value", "low",
    "high", "above", "prior", "spends_less", "fell_silent", "habit", "lately",
)  # fmt: skip


def _columns(valued: Valuation, numbers: list[int]) -> dict[str, list[Any]]:
    scores, ahead, left = valued.rfm, valued.lifetimes, valued.desertion
    order = np.sort(ahead.value)
    above = np.searchsorted(order, ahead.value) / len(order)
    columns = (
        scores.recency, scores.frequency, scores.monetary, scores.r, scores.f, scores.m, ahead.alive,
        ahead.purchases, ahead.value, ahead.low, ahead.high, above, valued.prior, left.spends_less,
        left.fell_silent,
    )  # fmt: skip
    listed: list[list[Any]] = [numbers, *(column.tolist() for column in columns)]
    for part in (left.habit, left.lately):
        listed.append([None if np.isnan(amount) else amount for amount in part.tolist()])
    return dict(zip(_NAMES, listed, strict=True))
