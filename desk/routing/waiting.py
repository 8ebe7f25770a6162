"""How long it may take until it is one's turn: said only where the line itself has shown it, and as a span.

The line moves at the pace at which its heads were taken lately; whoever stands at place k waits for
k of these steps. That is the queue-length estimate of Whitt (1999, “Predicting queueing delays”) with
the pace measured instead of assumed; the spread is that of a sum of k such steps, and of the measuring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, sqrt

ENOUGH = 5
"""So many of the line must have been taken lately for anything to be said."""

LATELY = timedelta(hours=1)
MOST = 20
HALF = 0.67
"""Half of all values of a normal spread lie within so many standard deviations."""

_STEP = 15


@dataclass(frozen=True, slots=True)
class Taken:
    """One who stood in the line: when they came, and when somebody took them."""

    came: datetime
    taken: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Between these, as often as not."""

    low: timedelta
    high: timedelta


def expected_wait(place: int, taken: Sequence[Taken], now: datetime) -> Wait | None:
    """The wait of whoever stands at `place` (from 1); None where the line has shown too little of late."""
    steps = steps_of(taken, now)
    if len(steps) < ENOUGH or place < 1:
        return None
    centre = place * sum(steps, timedelta()) / len(steps)
    spread = HALF * sqrt(1 / place + 1 / len(steps))
    return Wait(_rounded(centre * max(0.0, 1 - spread)), _rounded(centre * (1 + spread)))


def steps_of(taken: Sequence[Taken], now: datetime) -> list[timedelta]:
    """How long each stood first in line: since they came, or the one before them was taken."""
    lately = sorted((one for one in taken if now - LATELY <= one.taken <= now), key=lambda one: one.taken)
    steps, before = [], None
    for one in lately:
        first_since = one.came if before is None else max(one.came, before)
        steps.append(max(one.taken - first_since, timedelta()))
        before = one.taken
    return steps[-MOST:]


def _rounded(span: timedelta) -> timedelta:
    """Up to the next quarter of a minute, and from two minutes on to the next minute."""
    step = _STEP if span <= timedelta(minutes=2) else 60
    return timedelta(seconds=ceil(span.total_seconds() / step) * step)
