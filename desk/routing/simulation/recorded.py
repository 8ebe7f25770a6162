"""Days as they were: the contacts that came, with what is known of each."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

LATELY = 60.0
"""Minutes by which the live desk, too, judges what is to come."""


@dataclass(frozen=True, slots=True)
class RecordedContact:
    """One who came; minutes since the first day began. `work` at speed 1, `patience` of one who left;
    `stayed` is how long one waited who did not leave. `agent` took it; `measured` says that `work` was.
    `hard_after` is after how many minutes of its work the first level passed it on for what it is.
    """

    number: int
    at: float
    channel: str
    topic: str
    work: float
    value: float
    tier: str
    target: float
    patience: float | None = None
    stayed: float = 0.0
    agent: str = ""
    measured: bool = False
    hard_after: float | None = None


@dataclass(frozen=True)
class RecordedDays:
    """`contacts` by arrival; `days` are the minutes at which each day begins, the first at 0."""

    contacts: tuple[RecordedContact, ...]
    days: tuple[float, ...]

    def expected(self, channels: Collection[str], start: float, horizon: float) -> dict[str, float]:
        """What comes by topic in so many minutes, if it goes on as it did in the last hour."""
        found: dict[str, float] = {}
        for (channel, topic), times in self._arrivals.items():
            count = bisect(times, start) - bisect(times, start - LATELY)
            if channel in channels and count:
                found[topic] = found.get(topic, 0.0) + count * horizon / LATELY
        return found

    @cached_property
    def _arrivals(self) -> Mapping[tuple[str, str], list[float]]:
        found: dict[tuple[str, str], list[float]] = defaultdict(list)
        for one in self.contacts:
            found[one.channel, one.topic].append(one.at)
        return dict(found)

    def __getstate__(self) -> dict[str, Any]:
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}
