"""What goes together in cases: a fact of them and an outcome. Where to look, and never why.

Of cases with the fact, a share p1 = a / n1 had the outcome, of the others p0 = b / n0. Told are the risk
ratio p1 / p0 with its interval (log ratio -/+ 1.96 root of 1/a - 1/n1 + 1/b - 1/n0; Katz et al., 1978),
Cramér's V of the two (root of chi-square over n; 0 to 1), and the chance of Pearson's chi-square, adjusted
for all looks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import erfc, exp, sqrt

from desk.insights.many_looks import adjusted

FEWEST_EXPECTED = 5.0
"""Pairs are looked at where as many cases would be expected in each of the four fields (Cochran, 1954)."""
LEVEL = 0.05
LEAST_RATIO = 1.25
"""A ratio nearer to 1, either way, is no news, however sure it is."""
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Counted:
    """How many cases have this value of a fact and are known in the outcome, and how many of them had it."""

    fact: str
    value: str
    outcome: str
    cases: int
    events: int


@dataclass(frozen=True, slots=True)
class Together:
    """A pair: shares are of 1, `excess` is how many cases more had the outcome than of as many others.

    `strength` is Cramér's V, `chance` the p-value by itself, `adjusted` that among all looks.
    """

    fact: str
    value: str
    outcome: str
    cases: int
    events: int
    share: float
    others_share: float
    ratio: float
    low: float
    high: float
    strength: float
    excess: float
    chance: float
    adjusted: float = 1.0

    @property
    def is_worth_a_look(self) -> bool:
        """Sure among all looks, and large enough to matter."""
        return self.adjusted <= LEVEL and not 1 / LEAST_RATIO < self.ratio < LEAST_RATIO


def looked_at(counted: Iterable[Counted]) -> list[Together]:
    """Every pair with enough cases, what most cases more had first; corrected together.

    `counted` holds all values of a fact for an outcome, one of them the absence of any, where there is one.
    """
    tables: dict[tuple[str, str], list[Counted]] = defaultdict(list)
    for one in counted:
        tables[one.fact, one.outcome].append(one)
    pairs = [pair for rows in tables.values() for pair in _pairs(rows)]
    stands = zip(pairs, adjusted([one.chance for one in pairs]), strict=True)
    told = [replace(one, adjusted=among) for one, among in stands]
    return sorted(told, key=lambda one: (-abs(one.excess), one.fact, one.value, one.outcome))


def _pairs(rows: list[Counted]) -> Iterable[Together]:
    cases, events = sum(one.cases for one in rows), sum(one.events for one in rows)
    for one in rows:
        others, other_events = cases - one.cases, events - one.events
        if not one.value or not others:
            continue
        smallest = min(one.cases, others) * min(events, cases - events) / cases
        if smallest >= FEWEST_EXPECTED:
            yield _together(one, others, other_events)


def _together(one: Counted, others: int, other_events: int) -> Together:
    cases, events = one.cases + others, one.events + other_events
    share, others_share = one.events / one.cases, other_events / others
    pooled = events / cases
    chi = (share - others_share) ** 2 / (pooled * (1 - pooled) * (1 / one.cases + 1 / others))
    # Half a case to every field where one is empty (Haldane, 1956), so that there is a ratio at all.
    half = 0.0 if one.events and other_events else 0.5
    mine, theirs = (one.events + half) / (one.cases + 2 * half), (other_events + half) / (others + 2 * half)
    error = sqrt((1 - mine) / (one.events + half) + (1 - theirs) / (other_events + half))
    ratio = mine / theirs
    return Together(
        fact=one.fact,
        value=one.value,
        outcome=one.outcome,
        cases=one.cases,
        events=one.events,
        share=share,
        others_share=others_share,
        ratio=ratio,
        low=ratio * exp(-_Z * error),
        high=ratio * exp(_Z * error),
        strength=sqrt(chi / cases),
        excess=one.events - one.cases * others_share,
        chance=erfc(sqrt(chi / 2)),
    )
