"""Who is held out of something that is meant to spare contacts, and what it spared by comparison.

A small share of those who would get it do not, by a stable draw, and everything else is the same for them.
The difference of the two contact shares is what it does, whatever season or rush there is. Whoever was drawn
to get it counts there whether they looked at it or not (intention to treat): those who look differ from
those who do not by more than by looking.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import NormalDist

LEVEL = 0.05
FEWEST = 30
"""Of fewer on either side nothing is said."""

TUNED_FOR = 560.0
"""The bound for any number of looks is narrowest at about eight times this information, where the difference
is known to within 1.5 points (one standard error)."""


def held_out(key: str, percent: float, what: str) -> bool:
    """Whether the one of this key is among the held-out `percent` in 100; the same answer every time.

    `what` keeps the draws of different experiments apart.
    """
    drawn = hashlib.sha256(f"{what}\0{key}".encode()).digest()
    return int.from_bytes(drawn[:8]) < percent / 100 * 2**64


@dataclass(frozen=True, slots=True)
class Stratum:
    """What was seen where the share held out, and the time, were the same: how many, and how many of them
    contacted us."""

    given: int
    given_contacts: int
    held: int
    held_contacts: int


@dataclass(frozen=True, slots=True)
class Spared:
    """Shares are of 1. `points` is the share of those held out that contacted us less that of the others:
    positive where contacts were spared. `low` and `high` are its interval at the level asked for.

    `bound` is how far from zero it must be to be believed by somebody who looks every day and stops when
    they like what they see.
    """

    given: int
    held: int
    given_share: float
    held_share: float
    points: float
    low: float
    high: float
    bound: float

    @property
    def proven(self) -> bool:
        """Contacts are spared, and looking often does not explain it."""
        return self.is_enough and self.points > self.bound

    @property
    def harmful(self) -> bool:
        """More contact us than without, and looking often does not explain it."""
        return self.is_enough and self.points < -self.bound

    @property
    def is_enough(self) -> bool:
        return min(self.given, self.held) >= FEWEST

    @property
    def contacts(self) -> tuple[float, float, float]:
        """Contacts spared of those who got it, with the ends of the interval."""
        return self.points * self.given, self.low * self.given, self.high * self.given


def spared(strata: Sequence[Stratum], *, level: float = LEVEL) -> Spared | None:
    """The difference of the contact shares over all strata; None where no stratum has both sides.

    Shares are weighted as by Mantel and Haenszel, so that neither a change of the share held out nor a rush
    in one week passes for an effect. The interval is Newcombe's (1998, method 10: of Wilson's) with these
    weights, after Yan and Su (2010); the bound is that of a normal mixture (Robbins 1970), which holds at
    every look at once.
    """
    both = [one for one in strata if one.given and one.held]
    if not both:
        return None
    weights = [one.given * one.held / (one.given + one.held) for one in both]
    total = sum(weights)
    weights = [weight / total for weight in weights]
    given = sum(w * one.given_contacts / one.given for w, one in zip(weights, both, strict=True))
    held = sum(w * one.held_contacts / one.held for w, one in zip(weights, both, strict=True))
    # What a stratified share is worth, as that of so many drawn at once.
    given_worth = 1 / sum(w * w / one.given for w, one in zip(weights, both, strict=True))
    held_worth = 1 / sum(w * w / one.held for w, one in zip(weights, both, strict=True))
    given_low, given_high = _wilson(given, given_worth, level)
    held_low, held_high = _wilson(held, held_worth, level)
    points = held - given
    return Spared(
        given=sum(one.given for one in both),
        held=sum(one.held for one in both),
        given_share=given,
        held_share=held,
        points=points,
        low=max(-1.0, points - sqrt((held - held_low) ** 2 + (given_high - given) ** 2)),
        high=min(1.0, points + sqrt((held_high - held) ** 2 + (given - given_low) ** 2)),
        bound=_bound(_variance(given, given_worth) + _variance(held, held_worth), level),
    )


def _wilson(share: float, worth: float, level: float) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927)."""
    z = NormalDist().inv_cdf(1 - level / 2)
    middle = (share + z * z / (2 * worth)) / (1 + z * z / worth)
    width = z / (1 + z * z / worth) * sqrt(share * (1 - share) / worth + z * z / (4 * worth * worth))
    return max(0.0, middle - width), min(1.0, middle + width)


def _variance(share: float, worth: float) -> float:
    """Of a share, with two contacts and two others added: none seen is not none possible (Agresti 1998)."""
    likely = (share * worth + 2) / (worth + 4)
    return likely * (1 - likely) / worth


def _bound(variance: float, level: float) -> float:
    information = 1 / variance
    tuned = information + TUNED_FOR
    return sqrt(tuned * log(tuned / (TUNED_FOR * level * level))) / information
