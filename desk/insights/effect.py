"""Did it work? A topic's share before and after a change, beside topics that nobody touched.

Difference in differences on the logarithm of the share, with the untouched topics as placebos: how much
*they* moved by themselves over the same weeks tells how much a topic moves for no reason. A rush, a season
or growth that all share cancels out. Naive before and after finds an effect where there is none in one case
of five.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

LEVEL = 0.05
FEWEST_CONTROLS = 19
LEAST_SHARE = 0.3
PRE_TREND_DAYS = 28
WASH_OUT_DAYS = 3
FEWEST_WEEKS = 2

POCOCK = (1.645, 1.875, 1.992, 2.067, 2.122, 2.164, 2.197, 2.225, 2.249, 2.270, 2.289, 2.306)
"""Normal bounds for 1 … 12 looks that together err one-sided in 5 of 100 (Jennison & Turnbull 2000, table
2.1)."""

Counts = NDArray[np.int64]
"""Contacts, one row a topic, one column a day."""


@dataclass(frozen=True)
class Effect:
    """`change` is the share of contacts that fell away (negative: more came), with its 95 % interval.

    `p` is one-sided: how often so much would fall away for no reason. `detectable` is the smallest fall that
    would be found in 8 of 10 cases. `trend_p` is that of a change four weeks *before* the change, which must
    be none. `weak` says that there are too few controls to rely on.
    """

    change: float
    low: float
    high: float
    p: float
    detectable: float
    trend_p: float
    controls: int
    weak: bool

    @property
    def proven(self) -> bool:
        """Fewer ask, and neither chance nor a trend that was there before explains it."""
        return not self.weak and self.p < LEVEL and self.trend_p >= LEVEL


def controls_for(counts: Counts, topic: int, changed: int, untouched: Sequence[int]) -> list[int]:
    """Of the topics without a burst and a change of their own, those large enough to be placebos of this
    one."""
    before = counts[:, :changed].sum(1)
    return [one for one in untouched if one != topic and before[one] >= LEAST_SHARE * before[topic]]


def effect_of(
    counts: Counts, topic: int, changed: int, controls: Sequence[int], excluded: Sequence[int] = ()
) -> Effect:
    """The effect on `topic` of a change on day `changed`, a column of `counts`, until the last one.

    `excluded` are days to leave out, such as those of the burst that led to the change: what was unusually
    high falls by itself. The first WASH_OUT_DAYS after the change count for neither side. Raises ValueError
    when fewer than two weeks are left on either side, or there are fewer than two controls.
    """
    if len(controls) < 2:
        raise ValueError("An effect needs at least two other topics to be compared with.")
    moved, spread, degrees = _moved(counts, topic, changed, controls, excluded)
    error = spread * sqrt(1 + 1 / len(controls))
    width = float(t.ppf(0.975, degrees)) * error
    reach = float(t.ppf(1 - LEVEL, degrees) + t.ppf(0.8, degrees)) * error
    return Effect(
        change=1 - exp(moved),
        low=1 - exp(moved + width),
        high=1 - exp(moved - width),
        p=float(t.cdf(moved / error, degrees)),
        detectable=1 - exp(-reach),
        trend_p=_trend_p(counts, topic, changed, controls, excluded),
        controls=len(controls),
        weak=len(controls) < FEWEST_CONTROLS,
    )


def first_proven(
    counts: Counts,
    topic: int,
    changed: int,
    controls: Sequence[int],
    looks: Sequence[int],
    excluded: Sequence[int] = (),
) -> int | None:
    """The first of the planned looks, in days after the change, at which the effect is proven; None if at
    none.

    Whoever looks every week and stops at the first good one finds an effect where there is none in one case
    of five. The bound is therefore the same for every look and such that all of them together err in 5 of
    100 cases (Pocock 1977). There are at most twelve looks. `excluded` are days to leave out.
    """
    bound = float(norm.sf(POCOCK[len(looks) - 1]))
    for look in looks:
        moved, spread, degrees = _moved(counts[:, : changed + look], topic, changed, controls, excluded)
        if t.cdf(moved / (spread * sqrt(1 + 1 / len(controls))), degrees) < bound:
            return look
    return None


def _moved(
    counts: Counts, topic: int, changed: int, controls: Sequence[int], excluded: Sequence[int]
) -> tuple[float, float, int]:
    """By how much the topic's log share moved more than its controls', their spread, and its degrees of
    freedom."""
    left_out = frozenset(excluded)
    before = _weeks([day for day in range(changed) if day not in left_out], from_end=True)
    after = _weeks([d for d in range(changed + WASH_OUT_DAYS, counts.shape[1]) if d not in left_out])
    if min(len(before), len(after)) < FEWEST_WEEKS:
        raise ValueError("An effect needs at least two weeks before the change and two after it.")
    rows = np.array([topic, *controls])
    # The topic's own fall must not lift the shares of those that it is compared with.
    of_controls = counts[np.array(controls)].sum(0)
    moved = _log_shares(counts[rows], of_controls, after).mean(1) - _log_shares(
        counts[rows], of_controls, before
    ).mean(1)
    return float(moved[0] - moved[1:].mean()), float(moved[1:].std(ddof=1)), len(controls) - 1


def _log_shares(
    counts: Counts, of_controls: NDArray[np.int64], weeks: list[list[int]]
) -> NDArray[np.float64]:
    said = np.stack([counts[:, week].sum(1) for week in weeks], 1).astype(np.float64)
    others = np.array([of_controls[week].sum() for week in weeks], np.float64) - said
    # The first row is the topic's, which is in no sum.
    others[0] += said[0]
    shares: NDArray[np.float64] = np.log((said + 0.5) / (others + 0.5))
    return shares


def _trend_p(
    counts: Counts, topic: int, changed: int, controls: Sequence[int], excluded: Sequence[int]
) -> float:
    """Two-sided, of a change PRE_TREND_DAYS before the real one; 1 where the weeks are too few to tell."""
    earlier = changed - PRE_TREND_DAYS
    if earlier < 7 * FEWEST_WEEKS:
        return 1.0
    try:
        moved, spread, degrees = _moved(counts[:, :changed], topic, earlier, controls, excluded)
    except ValueError:
        return 1.0
    return 2 * float(t.sf(abs(moved) / (spread * sqrt(1 + 1 / len(controls))), degrees))


def _weeks(days: list[int], *, from_end: bool = False) -> list[list[int]]:
    """Sevens of days in their order; what is left over at the far end from the change is dropped."""
    spare = len(days) % 7
    if spare:
        days = days[spare:] if from_end else days[:-spare]
    return [days[first : first + 7] for first in range(0, len(days), 7)]
