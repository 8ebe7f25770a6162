"""Free agents by topic, as heaps: the best for a case in O(log n)."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from itertools import chain

from desk.routing.at_work import AgentAtWork, turn
from desk.routing.policy import AgentOrder, Policy

Entry = tuple[tuple[float, float, int], int, int]

SLACK = 64
"""A heap is cleaned of void entries when it holds this many more than four times what was true last."""


class AgentHeaps:
    """Agents with room, for each topic by how many cases they hold and how much room is left; a change is
    a new entry, the old one is void.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._agents: dict[int, AgentAtWork] = {}
        self._version: dict[int, int] = {}
        self._heaps: dict[str, dict[tuple[int, int], list[Entry]]] = {}
        self._clean_at: dict[int, int] = {}

    def put(self, agent: AgentAtWork) -> None:
        """Take the agent in as they are now."""
        self._agents[agent.agent_id] = agent
        version = self._version[agent.agent_id] = self._version.get(agent.agent_id, 0) + 1
        room = agent.capacity - agent.used
        if not agent.available or room <= 0:
            return
        since, _ = turn(agent, self._policy)
        by_fit = self._policy.agents is AgentOrder.BEST_FIT
        for topic, skill in chain(agent.skills.items(), agent.overflow.items()):
            heap = self._heaps.setdefault(topic, {}).setdefault((agent.held, room), [])
            fit = -skill.fit if by_fit else 0.0
            heapq.heappush(heap, ((fit, since, agent.agent_id), agent.agent_id, version))
            if len(heap) > self._clean_at.get(id(heap), SLACK):
                self._clean(heap)

    def firsts(
        self, topic: str, units: int, least_speed: float, fits: Callable[[AgentAtWork], bool]
    ) -> Iterator[AgentAtWork]:
        """For each number of cases held, the first agent for whom `fits` is true: the best is among them.

        Agents without room for `units`, and where the fastest come first also those slower than
        `least_speed`, are not looked at.
        """
        for (_, room), heap in self._heaps.get(topic, {}).items():
            if room >= units and (found := self._first(heap, topic, least_speed, fits)) is not None:
                yield found

    def _first(
        self, heap: list[Entry], topic: str, least_speed: float, fits: Callable[[AgentAtWork], bool]
    ) -> AgentAtWork | None:
        by_fit = self._policy.agents is AgentOrder.BEST_FIT
        passed: list[Entry] = []
        found = None
        while heap and found is None:
            _, agent_id, version = heap[0]
            agent = self._agents[agent_id]
            if self._version[agent_id] != version:
                heapq.heappop(heap)
            elif by_fit and agent.skill_at(topic).speed < least_speed:
                break
            elif fits(agent):
                found = agent
            else:
                passed.append(heapq.heappop(heap))
        for entry in passed:
            heapq.heappush(heap, entry)
        return found

    def _clean(self, heap: list[Entry]) -> None:
        heap[:] = [entry for entry in heap if self._version[entry[1]] == entry[2]]
        heapq.heapify(heap)
        self._clean_at[id(heap)] = SLACK + 4 * len(heap)
