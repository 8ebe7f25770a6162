"""Free agents by topic, as heaps: the best for a case in O(log n)."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

from desk.routing.at_work import AgentAtWork, turn
from desk.routing.policy import AgentOrder, Policy

Entry = tuple[tuple[float, float, int], int, int]

SLACK = 64
"""A heap is cleaned of void entries when it holds this many more than four times what was true last."""


class AgentHeaps:
    """Agents with room, for each topic by how many cases they hold; a change is a new entry, the old one is
    void.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._agents: dict[int, AgentAtWork] = {}
        self._version: dict[int, int] = {}
        self._heaps: dict[str, dict[int, list[Entry]]] = {}
        self._clean_at: dict[int, int] = {}

    def put(self, agent: AgentAtWork) -> None:
        """Take the agent in as they are now."""
        self._agents[agent.agent_id] = agent
        version = self._version[agent.agent_id] = self._version.get(agent.agent_id, 0) + 1
        if not agent.available or agent.used >= agent.capacity:
            return
        since, _ = turn(agent, self._policy)
        by_fit = self._policy.agents is AgentOrder.BEST_FIT
        for topic, skill in agent.skills.items():
            heap = self._heaps.setdefault(topic, {}).setdefault(agent.held, [])
            fit = -skill.fit if by_fit else 0.0
            heapq.heappush(heap, ((fit, since, agent.agent_id), agent.agent_id, version))
            if len(heap) > self._clean_at.get(id(heap), SLACK):
                self._clean(heap)

    def firsts(self, topic: str, fits: Callable[[AgentAtWork], bool]) -> Iterator[AgentAtWork]:
        """For each number of cases held, the first agent for whom `fits` is true: the best is among them."""
        for heap in self._heaps.get(topic, {}).values():
            found = self._first(heap, fits)
            if found is not None:
                yield found

    def _first(self, heap: list[Entry], fits: Callable[[AgentAtWork], bool]) -> AgentAtWork | None:
        passed: list[Entry] = []
        found = None
        while heap and found is None:
            _, agent_id, version = heap[0]
            if self._version[agent_id] != version:
                heapq.heappop(heap)
            elif fits(self._agents[agent_id]):
                found = self._agents[agent_id]
            else:
                passed.append(heapq.heappop(heap))
        for entry in passed:
            heapq.heappush(heap, entry)
        return found

    def _clean(self, heap: list[Entry]) -> None:
        heap[:] = [entry for entry in heap if self._version[entry[1]] == entry[2]]
        heapq.heapify(heap)
        self._clean_at[id(heap)] = SLACK + 4 * len(heap)
