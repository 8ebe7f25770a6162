"""Whether a change worked, by simulation: python -m benchmarks.effect [--runs N].

A topic of about 14 contacts a day, 24 others as controls, 90 days before a change and 60 after it, with
shared shocks, weekdays, growth and autocorrelated moods. A fall of none, 15 and 30 % is planted.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from benchmarks.bar import Bar, told
from benchmarks.contact_days import contact_days
from desk.insights.effect import LEVEL, effect_of, first_proven

CONTROLS = 24
BEFORE, AFTER, AFTER_LOOKS = 90, 60, 84
LOOKS = tuple(range(21, AFTER_LOOKS + 1, 7))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=400)
    runs = parser.parse_args().runs
    dice = np.random.default_rng(12)
    measured = {fall: [_measured(dice, fall) for _ in range(runs)] for fall in (0.0, 0.15, 0.30)}
    held = 100 * np.mean(
        [low <= fall <= high for fall, those in measured.items() for _, low, high, _ in those]
    )
    errors = [change - fall for fall, those in measured.items() for change, _, _, _ in those]
    weekly = 100 * np.mean([_stopped(dice, 0.0) for _ in range(runs)])
    naive = 100 * np.mean([_naive(dice) for _ in range(runs)])
    stopped = 100 * np.mean([_stopped(dice, 0.30) for _ in range(runs)])
    print(f"before and after alone says “it worked”, of nothing planted: {naive:.1f} %")
    print(f"found of a fall of 15 %: {_proven(measured[0.15]):.1f} %")
    print(f"found of a fall of 30 % by weekly looks: {stopped:.1f} %", flush=True)
    return told(
        [
            Bar("“It worked”, of nothing planted (%)", _proven(measured[0.0]), 6, "", at_most=True),
            Bar(f"  by {len(LOOKS)} weekly looks (%)", float(weekly), 6, "", at_most=True),
            Bar("95 % interval holds the truth (%)", float(held), 92, "at least"),
            Bar("95 % interval holds the truth (%)", float(held), 98, "at most", at_most=True),
            Bar("Found of a fall of 30 % (%)", _proven(measured[0.30]), 90, ""),
            Bar("Bias (points, median error)", abs(100 * float(np.median(errors))), 1, "", at_most=True),
        ]
    )


def _days(dice: np.random.Generator, fall: float, after: int) -> np.ndarray:
    rates = np.concatenate([[14.0], dice.uniform(6, 40, CONTROLS)])
    factors = np.ones((CONTROLS + 1, BEFORE + after))
    factors[0, BEFORE:] = 1 - fall
    return contact_days(dice, rates, BEFORE + after, factors)


def _measured(dice: np.random.Generator, fall: float) -> tuple[float, float, float, float]:
    found = effect_of(_days(dice, fall, AFTER), 0, BEFORE, range(1, CONTROLS + 1))
    return found.change, found.low, found.high, found.p


def _proven(measured: list[tuple[float, float, float, float]]) -> float:
    return 100 * float(np.mean([p < LEVEL for *_, p in measured]))


def _stopped(dice: np.random.Generator, fall: float) -> bool:
    days = _days(dice, fall, AFTER_LOOKS)
    return first_proven(days, 0, BEFORE, range(1, CONTROLS + 1), LOOKS) is not None


def _naive(dice: np.random.Generator) -> bool:
    """What everybody does: fewer after than before, by a Poisson test of both means."""
    topic = _days(dice, 0.0, AFTER)[0]
    before, after = topic[:BEFORE].mean(), topic[BEFORE:].mean()
    return bool((after - before) / np.sqrt(before / BEFORE + after / AFTER) < -1.645)


if __name__ == "__main__":
    sys.exit(main())
