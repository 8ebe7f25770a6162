"""Whether a goal is reached, and whether things get better: the two judgements on a scorecard."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from statistics import median

FEW = 20
"""Below so many observations a share jumps by five points or more with one of them."""

NEAR = 0.05
"""How far from its target, as a share of it, a figure is still near."""

LEAST_WEEKS = 5


class Verdict(StrEnum):
    """NONE: no target, or no figure to hold against it."""

    MET = "met"
    NEAR = "near"
    MISSED = "missed"
    NONE = "none"


class Course(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    STEADY = "steady"
    UNKNOWN = "unknown"


def verdict(value: float | None, target: float | None, *, more_is_better: bool) -> Verdict:
    """Met at the target itself; near when what is missing is at most a twentieth of the target."""
    if value is None or target is None:
        return Verdict.NONE
    short = target - value if more_is_better else value - target
    if short <= 0:
        return Verdict.MET
    return Verdict.NEAR if short <= NEAR * abs(target) else Verdict.MISSED


def course(weeks: Sequence[float | None], *, more_is_better: bool) -> Course:
    """Where the last four weeks went beside those before: median against median.

    Steady where they are no farther apart than the weeks before were from each other (their median
    absolute deviation): a wiggle is no trend. Unknown with fewer than five weeks before, or two of the last.
    """
    before = [value for value in weeks[:-4] if value is not None]
    lately = [value for value in weeks[-4:] if value is not None]
    if len(before) < LEAST_WEEKS or len(lately) < 2:
        return Course.UNKNOWN
    usual = median(before)
    spread = median(abs(value - usual) for value in before)
    moved = median(lately) - usual
    if abs(moved) <= max(spread, 1e-9):
        return Course.STEADY
    return Course.BETTER if (moved > 0) == more_is_better else Course.WORSE


def told(value: float, unit: str, currency: str) -> str:
    """A figure in words, in the unit of its metric: `83.3 %`, `2 h 5 min`, `12`, `800 EUR`."""
    if unit == "share":
        return f"{value * 100:.1f} %"
    if unit == "seconds":
        return worked(value)
    if unit == "money":
        return f"{value:,.{2 if abs(value) < 100 else 0}f} {currency}".rstrip()
    return f"{round(value, 2):,}".removesuffix(".0")


def worked(seconds: float) -> str:
    """Time as a person says it: 45 s, 15 min, 4 h, 2 d 6 h; days of 24 hours."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    parts = ((whole // 86_400, "d"), (whole % 86_400 // 3600, "h"), (whole % 3600 // 60, "min"))
    return " ".join([f"{count} {word}" for count, word in parts if count][:2])
