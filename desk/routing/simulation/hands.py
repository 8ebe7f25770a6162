"""The hands of a simulated floor: what everybody is at work on, how far they are, and for how long they were.

Agents share their pace among the cases they hold (processor sharing): with n cases each moves on at speed
times e(n) / n.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from dataclasses import dataclass, field
from math import inf

from desk.routing.simulation.scenario import Scenario


@dataclass(slots=True)
class _Held:
    left: float
    speed: float
    topic: str


@dataclass(slots=True)
class Worker:
    """An agent's hands, brought up to date `at`; `version` tells a plan of theirs that is none any more.

    Minutes of work within hours and after, and, of recorded days, by day.
    """

    held: dict[int, _Held] = field(default_factory=dict)
    at: float = 0.0
    version: int = 0
    busy: float = 0.0
    late: float = 0.0
    by_day: dict[int, float] = field(default_factory=dict)


class Hands:
    """Everybody's hands, by the number of the agent."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._days = scenario.recorded.days if scenario.recorded else ()
        self._holders: dict[int, int] = {}
        self._topics: Counter[tuple[int, str]] = Counter()
        self.workers = {number: Worker() for number, _ in enumerate(scenario.agents, start=1)}

    def take(self, agent_id: int, case_id: int, topic: str, work: float, now: float) -> None:
        """So much work, in minutes at speed 1, comes into somebody's hands."""
        self._bring_up(agent_id, now)
        speed = self._scenario.speed(self._scenario.agents[agent_id - 1], topic)
        self.workers[agent_id].held[case_id] = _Held(work, speed, topic)
        self._holders[case_id] = agent_id
        self._topics[agent_id, topic] += 1

    def lay_down(self, case_id: int, now: float) -> float:
        """A case leaves the hands it is in; what is left of its work, in minutes at speed 1."""
        agent_id = self._holders.pop(case_id)
        self._bring_up(agent_id, now)
        held = self.workers[agent_id].held.pop(case_id)
        self._topics[agent_id, held.topic] -= 1
        return max(0.0, held.left)

    def holder(self, case_id: int) -> int | None:
        """Who has the case in hand."""
        return self._holders.get(case_id)

    def at_hand(self, agent_id: int, topic: str) -> int:
        """How many cases of the topic somebody has."""
        return self._topics[agent_id, topic]

    def next_done(self, agent_id: int, now: float) -> tuple[float, int] | None:
        """When the next of an agent's cases is done, and the version of that plan; None with empty hands."""
        worker = self.workers[agent_id]
        worker.version += 1
        count = len(worker.held)
        if not count:
            return None
        soonest = min(one.left / one.speed for one in worker.held.values())
        return now + max(0.0, soonest) * count / self._scenario.pace(count), worker.version

    def done_first(self, agent_id: int, now: float) -> int:
        """Which of an agent's cases is done at the moment that `next_done` told."""
        self._bring_up(agent_id, now)
        held = self.workers[agent_id].held
        return min(held, key=lambda one: held[one].left / held[one].speed)

    def _bring_up(self, agent_id: int, now: float) -> None:
        worker = self.workers[agent_id]
        count = len(worker.held)
        if count:
            gone = now - worker.at
            late = max(0.0, now - max(worker.at, self._scenario.minutes))
            worker.late += late
            worker.busy += gone - late
            if self._days:
                self._note_days(worker, now)
            share = gone * self._scenario.pace(count) / count
            for one in worker.held.values():
                one.left -= share * one.speed
        worker.at = now

    def _note_days(self, worker: Worker, now: float) -> None:
        """Of recorded days, which of them the minutes since `at` belong to; the last one runs on."""
        at = worker.at
        for day in range(max(0, bisect(self._days, at) - 1), len(self._days)):
            ends = self._days[day + 1] if day + 1 < len(self._days) else inf
            worker.by_day[day] = worker.by_day.get(day, 0.0) + max(0.0, min(now, ends) - at)
            at = ends
            if now <= ends:
                return
