"""Whether the held-out share tells what suggestions spare, by simulation: python -m benchmarks.deflection.

Thirteen weeks of sessions, a tenth of them held out by the draw that the desk makes. How readily people
contact us differs from one to the next and from week to week, and the rush of a week changes how many come.
In half of the runs the share held out is doubled midway. Planted: nothing, 4 and 8 points of contact share
spared. Counted: whether the interval holds what was planted; how often nothing is called something, at one
look and by whoever looks every week; what is found; and whether the draw is even and stays as it is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np

from benchmarks.bar import Bar, told
from desk.insights.holdout import Spared, Stratum, held_out, spared

WEEKS = 13
SESSIONS = 6_000
"""In all weeks together, on the average."""

PERCENT = 10
PLANTED = (0.0, 0.04, 0.08)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=2_000)
    runs = parser.parse_args().runs
    dice = np.random.default_rng(31)
    measured = {planted: [_looks(dice, planted, run) for run in range(runs)] for planted in PLANTED}
    last = {planted: [looks[-1] for looks in those] for planted, those in measured.items()}
    held = [
        low <= planted <= high
        for planted, those in last.items()
        for low, high in ((one.low, one.high) for one in those)
    ]
    errors = [one.points - planted for planted, those in last.items() for one in those]
    naive = 100 * np.mean([any(one.low > 0 or one.high < 0 for one in looks) for looks in measured[0.0]])
    any_look = 100 * np.mean([any(one.proven or one.harmful for one in looks) for looks in measured[0.0]])
    print(f"“it works” at one of {WEEKS} weekly looks by the interval alone, of nothing: {naive:.1f} %")
    print(f"found of {100 * PLANTED[1]:.0f} points: {_found(measured[PLANTED[1]]):.1f} %", flush=True)
    return told(
        [
            Bar("95 % interval holds what was planted (%)", 100 * float(np.mean(held)), 93.5, "at least"),
            Bar(
                "95 % interval holds what was planted (%)", 100 * float(np.mean(held)), 97.5, "", at_most=True
            ),
            Bar(
                "Of nothing, the interval leaves out zero (%)",
                _missed(last[0.0]),
                6,
                "one look",
                at_most=True,
            ),
            Bar("Of nothing, anything said (%)", float(any_look), 5, f"{WEEKS} looks", at_most=True),
            Bar("Found of 8 points (%)", _found(measured[0.08]), 80, f"{WEEKS} looks"),
            Bar("Bias (points)", abs(100 * float(np.mean(errors))), 0.2, "", at_most=True),
            *_draws(),
        ]
    )


def _looks(dice: np.random.Generator, planted: float, run: int) -> list[Spared]:
    """What is said at the end of each week."""
    strata: list[Stratum] = []
    found: list[Spared] = []
    for week in range(WEEKS):
        percent = 2 * PERCENT if run % 2 and week > WEEKS // 2 else PERCENT
        count = dice.poisson(SESSIONS / WEEKS * dice.gamma(4, 1 / 4))
        held = dice.random(count) < percent / 100
        ready = 0.12 + 0.54 * dice.beta(2, 4, count) + 0.04 * np.sin(week)
        contacts = dice.random(count) < ready - np.where(held, 0, planted)
        strata.append(
            Stratum(
                int((~held).sum()), int(contacts[~held].sum()), int(held.sum()), int(contacts[held].sum())
            )
        )
        if (now := spared(strata)) is not None:
            found.append(now)
    return found


def _found(measured: Sequence[Sequence[Spared]]) -> float:
    return 100 * float(np.mean([any(one.proven for one in looks) for looks in measured]))


def _missed(measured: Sequence[Spared]) -> float:
    return 100 * float(np.mean([one.low > 0 or one.high < 0 for one in measured]))


def _draws() -> list[Bar]:
    """The draw by key: even, the same each time, nested when the share grows, and that of no other draw."""
    keys = [f"browser {number}" for number in range(50_000)]
    small = {key for key in keys if held_out(key, PERCENT, "suggestions")}
    again = {key for key in keys if held_out(key, PERCENT, "suggestions")}
    large = {key for key in keys if held_out(key, 2 * PERCENT, "suggestions")}
    other = {key for key in keys if held_out(key, PERCENT, "message 7")}
    share = 100 * len(small) / len(keys)
    return [
        Bar("Drawn, off the share (points)", abs(share - PERCENT), 0.5, f"{share:.2f}", at_most=True),
        Bar("Drawn otherwise again", float(len(small ^ again) + len(small - large)), 0, "", at_most=True),
        Bar(
            "Drawn by another experiment too (%)",
            100 * len(small & other) / len(small), PERCENT + 2, "", at_most=True,
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
