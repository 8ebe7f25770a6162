"""The order in which cases wait: by the minute, with a head start of minutes that can be told aloud."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.model.case import Priority
from desk.model.customer import Tier

PRIORITY_LEAD: Mapping[Priority, timedelta] = {
    Priority.LOW: timedelta(0),
    Priority.NORMAL: timedelta(minutes=15),
    Priority.HIGH: timedelta(minutes=45),
    Priority.URGENT: timedelta(minutes=120),
}

TIER_MINUTES: Mapping[Tier, int] = {Tier.BRONZE: 0, Tier.SILVER: 10, Tier.GOLD: 20, Tier.PLATINUM: 30}
"""What a desk starts with; a manager changes it as the policy `tier_minutes`."""

MOST_TIER_MINUTES = 240


@dataclass(frozen=True, slots=True)
class InLine:
    """A case in line: since when it waits, and by how much it stands further forward."""

    case_id: int
    waiting_since: datetime
    lead: timedelta

    @property
    def place(self) -> tuple[datetime, int]:
        """Smaller is served sooner. Fixed when the wait begins, so that no time passing reorders the line."""
        return self.waiting_since - self.lead, self.case_id


def lead(tier: Tier, priority: Priority, tier_minutes: Mapping[Tier, int] = TIER_MINUTES) -> timedelta:
    """The head start of a case: its customer's tier in minutes, and its priority.

    A case is overtaken only by one that began to wait less than the difference of their leads
    later. Nobody who begins to wait more than `overtaking_bound` after it ever passes it, so
    every case is reached, whatever the others are worth.
    """
    minutes = min(max(tier_minutes.get(tier, 0), 0), MOST_TIER_MINUTES)
    return timedelta(minutes=minutes) + PRIORITY_LEAD[priority]


def overtaking_bound(own: timedelta, tier_minutes: Mapping[Tier, int] = TIER_MINUTES) -> timedelta:
    """How much later another case may begin to wait and still be served before one with this lead."""
    greatest = max(lead(tier, priority, tier_minutes) for tier in Tier for priority in Priority)
    return greatest - own


def in_order(cases: Iterable[InLine]) -> list[InLine]:
    """The line, the next to be served first."""
    return sorted(cases, key=lambda case: case.place)


class Lines:
    """Several lines side by side, e.g. one a queue and channel; the first of any choice of them in O(log n).

    A freed agent looks only at the heads of the lines they may serve.
    """

    def __init__(self) -> None:
        self._heaps: dict[Hashable, list[tuple[tuple[datetime, int], InLine]]] = {}

    def join(self, line: Hashable, case: InLine) -> None:
        """Stand in a line."""
        heapq.heappush(self._heaps.setdefault(line, []), (case.place, case))

    def take(self, lines: Collection[Hashable]) -> InLine | None:
        """The case to be served next among these lines, taken out; None when all are empty."""
        filled = [heap for line in lines if (heap := self._heaps.get(line))]
        if not filled:
            return None
        return heapq.heappop(min(filled, key=lambda heap: heap[0][0]))[1]
