"""Which tier a customer's value earns: by share of the customers or by amounts, with hysteresis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.model.customer import Tier

Floats = NDArray[np.float64]
Ranks = NDArray[np.int64]

LADDER = tuple(Tier)
EARNED = LADDER[1:]

TOP_SHARES: Mapping[Tier, float] = {Tier.SILVER: 0.5, Tier.GOLD: 0.2, Tier.PLATINUM: 0.05}
"""The best 5 % are platinum, the next 15 % gold, the next 30 % silver."""
BAND = 0.1


@dataclass(frozen=True)
class Cuts:
    """The value above which each tier begins, rising; and by which share a value must pass a cut before a
    customer who has a tier changes it (0.1 is 10 %)."""

    above: Mapping[Tier, float]
    band: float = BAND


def cuts_by_share(values: Floats, top: Mapping[Tier, float] = TOP_SHARES, band: float = BAND) -> Cuts:
    """Cuts that give each tier its share of these customers. Where all are alike, nobody stands out."""
    if not len(values):
        return Cuts(dict.fromkeys(EARNED, np.inf), band)
    return Cuts({tier: float(np.quantile(values, 1 - top[tier])) for tier in EARNED}, band)


def ranks(values: Floats, cuts: Cuts, before: Ranks | None = None) -> Ranks:
    """The place of each customer on `LADDER`, given the place before (-1 for none).

    Whoever has a tier rises only above a cut by the band, and falls only below one by the band: a value
    that moves within the band around a cut changes nobody's tier, however often it is computed.
    """
    plain, up, down = (_passed(values, cuts, share) for share in (1.0, 1 + cuts.band, 1 - cuts.band))
    if before is None:
        return plain
    return np.where(before < 0, plain, np.minimum(np.maximum(before, up), down))


def _passed(values: Floats, cuts: Cuts, share: float) -> Ranks:
    passed = [values > cuts.above[tier] * share for tier in EARNED]
    return np.asarray(np.sum(passed, axis=0), np.int64)
