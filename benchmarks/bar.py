"""One figure of a benchmark, and what it must reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure and what it must reach."""

    name: str
    figure: float
    bar: float
    of: str
    at_most: bool = False

    @property
    def holds(self) -> bool:
        return self.figure <= self.bar if self.at_most else self.figure >= self.bar

    def __str__(self) -> str:
        sign = "≤" if self.at_most else "≥"
        word = "PASS" if self.holds else "FAIL"
        return f"{word}  {self.name:<48} {self.figure:8.2f}  {sign} {self.bar:6.2f}  {self.of}".rstrip()


def told(bars: Sequence[Bar]) -> int:
    """Prints every bar and, last, how many hold; the exit code."""
    for bar in bars:
        print(bar, flush=True)
    held = sum(bar.holds for bar in bars)
    print(f"{held} of {len(bars)} bars hold")
    return 0 if held == len(bars) else 1
