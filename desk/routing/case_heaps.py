"""The lines in which cases wait, as heaps: the first of each in O(log n), exact at any moment.

Cases of one heap change their score at the same rate, so their order never changes. A case that becomes
overdue grows slower than its heap counts; it is moved when it reaches the head, which is soon enough, as
until then its true score is below what it is counted with. Every other change of phase has a timer.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import NamedTuple

from desk.routing.policy import Policy
from desk.routing.standing import Standing, WaitingCase, standings

Entry = tuple[float, float, int, Standing]


class HeapKey(NamedTuple):
    """What cases of a heap share. `known` is the agent who knows them, in the heaps of what that agent
    knows.
    """

    topic: str
    channel: str
    rate: float
    held: bool
    margin: int
    overflowed: bool
    known: int | None


class CaseHeaps:
    """All that waits, under one policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._phases: dict[int, tuple[Standing, ...]] = {}
        self._now: dict[int, Standing] = {}
        self._open: dict[str, dict[HeapKey, list[Entry]]] = {}
        self._known: dict[tuple[int, str], dict[HeapKey, list[Entry]]] = {}
        self._timers: list[tuple[float, int, Standing]] = []
        self._moves = 0

    def __len__(self) -> int:
        return len(self._now)

    def __contains__(self, case_id: int) -> bool:
        return case_id in self._now

    def join(self, case: WaitingCase, now: float) -> None:
        """Stand in line, in the phase that holds now; again with other values replaces the case."""
        phases = standings(case, self._policy)
        self._phases[case.case_id] = phases
        self._enter(next((one for one in reversed(phases) if one.starts <= now), phases[0]))

    def leave(self, case_id: int) -> WaitingCase | None:
        """The case waits no more; its entries go when they reach the head."""
        self._phases.pop(case_id, None)
        standing = self._now.pop(case_id, None)
        return standing.case if standing else None

    def standing(self, case_id: int, now: float) -> Standing | None:
        """The case in the phase it is in; None when it does not wait."""
        standing = self._now.get(case_id)
        return self._moved(standing, now) if standing and standing.ends <= now else standing

    def all(self, now: float) -> list[Standing]:
        """Everything that waits."""
        return [found for case_id in list(self._now) if (found := self.standing(case_id, now))]

    def next_change(self) -> float | None:
        """When a case enters a phase in which more may be possible."""
        while self._timers and self._now.get(self._timers[0][1]) is not self._timers[0][2]:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def changed(self, now: float) -> list[int]:
        """Let the phases that are due begin; returns whose, the earliest first."""
        found = []
        while (at := self.next_change()) is not None and at <= now:
            _, case_id, standing = heapq.heappop(self._timers)
            self._moved(standing, now)
            found.append(case_id)
        return found

    def heads(
        self,
        agent_id: int,
        topic: str,
        now: float,
        *,
        looks_at: Callable[[HeapKey], bool],
        passes_by: Callable[[Standing], bool],
    ) -> list[Standing]:
        """The first case of each heap of a topic that an agent looks at, what only they know included;
        those that the agent `passes_by` stand in nobody's way.
        """
        while True:
            moves = self._moves
            heaps = (*self._open.get(topic, {}).items(), *self._known.get((agent_id, topic), {}).items())
            found = [
                head
                for key, heap in heaps
                if heap and looks_at(key) and (head := self._first(heap, now, passes_by)) is not None
            ]
            # What became overdue meanwhile stands in another heap now, perhaps in one looked at before.
            if moves == self._moves:
                return found

    def first_of_line(self, case_id: int, now: float) -> int:
        """The case that stands first among those in the same phase of the same line; this one when it is
        first.
        """
        standing = self.standing(case_id, now)
        if standing is None or standing.kept:
            return case_id
        heap = self._heap(self._open[standing.case.line.topic], standing, None)
        head = self._first(heap, now)
        return head.case.case_id if head is not None else case_id

    def held_heads(self, now: float) -> list[Standing]:
        """The first case of each heap of work that can wait."""
        heaps = [heap for of in self._open.values() for key, heap in of.items() if key.held and heap]
        return [head for heap in heaps if (head := self._first(heap, now)) is not None]

    def _first(
        self, heap: list[Entry], now: float, passes_by: Callable[[Standing], bool] = lambda standing: False
    ) -> Standing | None:
        """The case that stands first in the heap, but for those that are passed by."""
        passed: list[Entry] = []
        found = None
        while heap and found is None:
            standing = heap[0][3]
            if self._now.get(heap[0][2]) is not standing:
                heapq.heappop(heap)
            elif standing.ends <= now:
                self._moved(standing, now)
            elif passes_by(standing):
                passed.append(heapq.heappop(heap))
            else:
                found = standing
        for entry in passed:
            heapq.heappush(heap, entry)
        return found

    def _moved(self, standing: Standing, now: float) -> Standing:
        phases = self._phases[standing.case.case_id]
        later = next(one for one in reversed(phases) if one.starts <= now)
        if later is not standing:
            self._moves += 1
            self._enter(later)
        return later

    def _enter(self, standing: Standing) -> None:
        case = standing.case
        self._now[case.case_id] = standing
        entry = (standing.key, case.since, case.case_id, standing)
        if not standing.kept:
            heapq.heappush(self._heap(self._open.setdefault(case.line.topic, {}), standing, None), entry)
        if case.knows is not None:
            known = self._known.setdefault((case.knows, case.line.topic), {})
            heapq.heappush(self._heap(known, standing, case.knows), entry)
        if self._needs_timer(standing):
            heapq.heappush(self._timers, (standing.ends, case.case_id, standing))

    def _heap(self, heaps: dict[HeapKey, list[Entry]], standing: Standing, known: int | None) -> list[Entry]:
        topic, channel = standing.case.line
        key = HeapKey(
            topic, channel, standing.rate, standing.held, standing.margin, standing.overflowed, known
        )
        return heaps.setdefault(key, [])

    def _needs_timer(self, standing: Standing) -> bool:
        """Only becoming overdue, and nothing else, can wait until the case is at the head."""
        phases = self._phases[standing.case.case_id]
        later = next((one for one in phases if one.starts == standing.ends), None)
        return later is not None and (
            later.held is not standing.held
            or later.margin != standing.margin
            or later.kept is not standing.kept
            or later.overflowed is not standing.overflowed
            or later.rate > standing.rate
            or later.base > standing.base
        )
