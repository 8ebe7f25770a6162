"""Rising topics, by simulation: python -m benchmarks.bursts [--runs N].

Thirty topics with shared shocks, weekdays, growth, drift and overdispersed counts; a burst of ten days is
planted in one of them. Counted: alarms where nothing was planted, bursts that raised one, and after how many
days.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from benchmarks.bar import Bar, told
from benchmarks.contact_days import contact_days
from desk.insights.bursts import FIRST_DAY, watched

TOPICS = 30
QUIET = 60
LENGTH = 10


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200)
    runs = parser.parse_args().runs
    dice = np.random.default_rng(11)
    bars = [
        Bar(
            "False alarms a day over 30 topics", _false_alarms(dice, runs), 0.15, f"{runs} runs", at_most=True
        )
    ]
    delays: list[int] = []
    for factor, bar in ((2.0, 90.0), (3.0, 100.0)):
        found = [_delay(dice, factor) for _ in range(runs)]
        late = [delay for delay in found if delay is not None]
        delays += late
        bars.append(Bar(f"Found of ×{factor:.0f} (%)", 100 * len(late) / runs, bar, f"{len(late)} of {runs}"))
    bars.append(Bar("Median delay (days)", float(np.median(delays)), 2, "", at_most=True))
    return told(bars)


def _rates(dice: np.random.Generator) -> np.ndarray:
    return 8 * np.exp(0.6 * dice.standard_normal(TOPICS)) + 4


def _false_alarms(dice: np.random.Generator, runs: int) -> float:
    alarms = [watched(contact_days(dice, _rates(dice), FIRST_DAY + QUIET)).alarms.sum() for _ in range(runs)]
    return float(np.mean(alarms)) / QUIET


def _delay(dice: np.random.Generator, factor: float) -> int | None:
    days = FIRST_DAY + 14 + LENGTH
    factors = np.ones((TOPICS, days))
    factors[0, -LENGTH:] = factor
    alarms = watched(contact_days(dice, _rates(dice), days, factors)).alarms[0, -LENGTH:]
    return int(alarms.argmax()) if alarms.any() else None


if __name__ == "__main__":
    sys.exit(main())
