"""Measuring one thing against another on a machine that drifts: in turn, and as a ratio."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 3


@dataclass(frozen=True)
class Ratio:
    """Baseline over ours: 1 is as fast as the baseline, 2 twice as fast. Times in seconds a unit."""

    name: str
    ours: float
    baseline: float
    worst: float
    best: float
    target: float

    @property
    def value(self) -> float:
        return self.baseline / self.ours

    @property
    def passed(self) -> bool:
        return self.value >= self.target

    def __str__(self) -> str:
        return (
            f"RATIO {self.name} ours={1000 * self.ours:.2f}ms baseline={1000 * self.baseline:.2f}ms "
            f"ratio={self.value:.2f} (worst {self.worst:.2f}, best {self.best:.2f}) target={self.target:.2f} "
            f"{'PASS' if self.passed else 'FAIL'} load={os.getloadavg()[0]:.1f}"
        )


def compare(
    name: str,
    ours: Callable[[], float],
    baseline: Callable[[], float],
    *,
    target: float,
    rounds: int = ROUNDS,
) -> Ratio:
    """Run both sides ABBA for so many rounds; each side returns its own seconds a unit."""
    pairs: list[tuple[float, float]] = []
    for _ in range(rounds):
        first, second = ours(), baseline()
        third, fourth = baseline(), ours()
        pairs += [(first, second), (fourth, third)]
    values = sorted(theirs / mine for mine, theirs in pairs)
    return Ratio(
        name,
        statistics.median(mine for mine, _ in pairs),
        statistics.median(theirs for _, theirs in pairs),
        values[0],
        values[-1],
        target,
    )


def seconds_each(deed: Callable[[], object], count: int) -> float:
    """The mean seconds of a deed done so many times."""
    begun = time.perf_counter()
    for _ in range(count):
        deed()
    return (time.perf_counter() - begun) / count


def percentile(values: list[float], share: float) -> float:
    """The value below which the share lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def fsync_milliseconds() -> float:
    """What one durable write of 8 KB costs on this disk now; printed with every run that commits."""
    path = Path(tempfile.gettempdir()) / f"desk-fsync-{os.getpid()}"
    times = []
    handle = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        for _ in range(20):
            os.write(handle, b"x" * 8192)
            begun = time.perf_counter()
            os.fsync(handle)
            times.append(time.perf_counter() - begun)
    finally:
        os.close(handle)
        path.unlink()
    return 1000 * statistics.median(times)
