"""The looks at a change that are planned before it: when, at what, and what each says in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from desk.insights.effect import (
    FEWEST_CONTROLS,
    LEVEL,
    WASH_OUT_DAYS,
    Counts,
    Effect,
    controls_for,
    effect_of,
    first_proven,
)

WEEKS = (2, 3, 4, 5, 6)
"""Weeks after the wash-out at which is looked; after the last one it is proven, or not."""

NEAREST = 3


def day_of(weeks: int) -> int:
    """Days from the change until the look after so many full weeks."""
    return WASH_OUT_DAYS + 7 * weeks


@dataclass(frozen=True)
class Look:
    """`effect` is None where nothing can be told; `proven` by the bound for all looks together. `why` says
    it in words; `shares` are weekly, of the topic and of its controls, against their mean before (1 is as
    before)."""

    weeks: int
    proven: bool
    why: str
    effect: Effect | None = None
    together: Effect | None = None
    moved: str = ""
    topic_shares: list[float] = field(default_factory=list)
    control_shares: list[float] = field(default_factory=list)
    weeks_before: int = 0


def look_at(
    counts: Counts, topic: int, changed: int, untouched: Sequence[int], near: Sequence[int], weeks: int,
    excluded: Sequence[int] = (),
) -> Look:  # fmt: skip
    """What the look after `weeks` says of a change on day `changed`; later days are not looked at.

    `untouched` are the topics without a change of their own, `near` the nearest to this one: they are no
    controls, as what is no longer asked here may be asked there.
    """
    seen = counts[:, : changed + day_of(weeks)]
    controls = [one for one in controls_for(seen, topic, changed, untouched) if one not in near]
    if seen.shape[1] < changed + day_of(weeks):
        raise ValueError(f"The days do not reach to the look after {weeks} weeks.")
    try:
        effect = effect_of(seen, topic, changed, controls, excluded)
        looks = [day_of(one) for one in WEEKS if one <= weeks]
        # The bound is that of all planned looks, of which those still to come see nothing new.
        first = first_proven(seen, topic, changed, controls, [day_of(one) for one in WEEKS], excluded)
    except ValueError as trouble:
        return Look(weeks, False, str(trouble))
    proven = (
        first is not None and first in looks and not effect.weak and effect.trend_p >= LEVEL
        and effect.low > 0
    )  # fmt: skip
    together = _together(seen, topic, changed, controls, near, excluded)
    topic_shares, control_shares, before = _shares(seen, topic, changed, controls)
    return Look(
        weeks=weeks,
        proven=proven,
        why=_why(effect, proven=proven),
        effect=effect,
        together=together,
        moved=_moved_where(effect, together),
        topic_shares=topic_shares,
        control_shares=control_shares,
        weeks_before=before,
    )


def detectable(counts: Counts, topic: int, untouched: Sequence[int], near: Sequence[int]) -> float | None:
    """The smallest fall that the last look would find in 8 of 10 cases, from how the controls moved lately;
    None where there is too little to tell."""
    changed = counts.shape[1] - day_of(WEEKS[-1])
    if changed < 14:
        return None
    controls = [one for one in controls_for(counts, topic, changed, untouched) if one not in near]
    if len(controls) < FEWEST_CONTROLS:
        return None
    return effect_of(counts, topic, changed, controls).detectable


def _why(effect: Effect, *, proven: bool) -> str:
    if proven:
        return "Fewer ask, and neither chance nor a trend from before explains it."
    if effect.weak:
        return (
            f"Not proven: there are {effect.controls} other topics to compare with, and "
            f"{FEWEST_CONTROLS} are needed."
        )
    if effect.trend_p < LEVEL:
        return "Not proven: it had begun to move four weeks before the change."
    if effect.low <= 0 <= effect.high:
        return "Not proven: the interval spans zero, so that chance may be all of it."
    if effect.high < 0:
        return "Not proven: more ask than before."
    return "Not proven yet: it may be chance, as there are several looks."


def _together(
    counts: Counts, topic: int, changed: int, controls: Sequence[int], near: Sequence[int],
    excluded: Sequence[int],
) -> Effect | None:  # fmt: skip
    """The effect on the topic and its nearest ones taken together."""
    if not near:
        return None
    summed = np.vstack([counts[[topic, *near]].sum(0), counts[list(controls)]])
    return effect_of(summed, 0, changed, range(1, len(summed)), excluded)


def _moved_where(effect: Effect, together: Effect | None) -> str:
    if together is None or effect.change <= 0:
        return ""
    if together.change < 0:
        return "Together with the nearest topics more ask: they may have moved there."
    return f"Together with the nearest topics it is {100 * together.change:.0f} % fewer."


def _shares(
    counts: Counts, topic: int, changed: int, controls: Sequence[int]
) -> tuple[list[float], list[float], int]:
    """Weekly shares of everything, against their mean before: of the topic and of its controls."""
    start = changed % 7
    before = (changed - start) // 7
    after = (counts.shape[1] - changed) // 7
    days = range(start, changed + 7 * after, 7)
    everything = np.array([counts[:, day : day + 7].sum() for day in days], np.float64).clip(1)
    mine = np.array([counts[topic, day : day + 7].sum() for day in days]) / everything
    theirs = np.array([counts[list(controls), day : day + 7].sum() for day in days]) / everything

    def against(series: np.ndarray) -> list[float]:
        usual = series[:before].mean() if before else 0.0
        return [round(float(one / usual), 4) if usual else 0.0 for one in series]

    return against(mine), against(theirs), before
