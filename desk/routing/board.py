"""The board: what waits and who is free, kept so that a decision looks only at a few of them.

It hands the heads of its heaps to `decide`, and what `decide` says of them is what it would say of everybody
(property-tested). It is a cache: whoever has the cases and the agents can build it again.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from desk.routing.agent_heaps import AgentHeaps
from desk.routing.at_work import (
    AgentAtWork,
    Outlook,
    Skill,
    agents_needed,
    idle_share,
    match_speed,
    seats_needed,
    seats_of,
)
from desk.routing.case_heaps import CaseHeaps, HeapKey
from desk.routing.decision import Decision, decide, obstacle
from desk.routing.policy import Policy
from desk.routing.standing import Standing, WaitingCase


class Counted(NamedTuple):
    """What of an agent is in the sums of each of their topics, and of the floor."""

    skills: Mapping[str, Skill]
    seats: int
    empty: bool
    here: bool


NOBODY = Counted({}, 0, False, False)


class Board:
    """One floor under one policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.cases = CaseHeaps(policy)
        self.agents: dict[int, AgentAtWork] = {}
        self._ranks = AgentHeaps(policy)
        self._seats: dict[str, float] = {}
        self._empty: dict[str, int] = {}
        self._speeds: dict[str, list[float]] = {}
        self._needed: dict[str, float] = {}
        self._empty_needed: dict[str, float] = {}
        self._match: dict[str, float] = {}
        self._counted: dict[int, Counted] = {}
        self._drained_by: dict[int, int] = {}
        self._here = 0
        self._idle = 0

    @property
    def ahead(self) -> Outlook:
        """What the look-ahead rules go by now."""
        idle = idle_share(self._idle, self._here)
        return Outlook(self._seats, self._needed, self._empty, self._empty_needed, self._match, idle)

    def expect(self, live: Mapping[str, float], whole: Mapping[str, float]) -> None:
        """The forecast, by topic: arrivals of live work in the horizon, and of work that takes a whole
        agent.
        """
        self._needed.clear()
        self._needed.update(seats_needed(self.policy, live))
        self._empty_needed.clear()
        self._empty_needed.update(agents_needed(self.policy, whole))

    def put(self, agents: Iterable[AgentAtWork]) -> None:
        """Take agents in as they are now: new ones, or others with other skills, capacity or presence."""
        for agent in agents:
            self.agents[agent.agent_id] = agent
            self._changed(agent)

    def join(self, case: WaitingCase, now: float) -> None:
        """A case waits, or waits with other values than before."""
        self.cases.join(case, now)

    def leave(self, case_id: int) -> WaitingCase | None:
        """A case waits no more; whoever was emptying their hands for it is free again."""
        drainer = self._drained_by.pop(case_id, None)
        if drainer is not None and self.agents[drainer].draining_for == case_id:
            self.agents[drainer].draining_for = None
        return self.cases.leave(case_id)

    def first_of_line(self, case_id: int, now: float) -> int:
        """Who is to be given first when this case comes: what was held back from whoever was free then may
        find somebody now, and nobody passes it meanwhile.
        """
        return self.cases.first_of_line(case_id, now)

    def for_case(self, case_id: int, now: float) -> Decision | None:
        """Whom the case is given to; None when it does not wait. Those before it in line are not asked."""
        standing = self.cases.standing(case_id, now)
        if standing is None:
            return None
        candidates = [] if self._short_of(standing) else list(self._firsts(standing, now))
        knows = self.agents.get(standing.case.knows or 0)
        if knows is not None and knows not in candidates:
            candidates.append(knows)
        if len(candidates) == 1 and not self._fits(standing, candidates[0], now):
            candidates = []
        return decide(now, (standing,), candidates, ahead=self.ahead, policy=self.policy)

    def for_agent(self, agent_id: int, now: float) -> Decision:
        """What the agent is given next. An agent who shall empty their hands first is marked so."""
        agent = self.agents[agent_id]
        decision = decide(now, self._heads(agent, now), (agent,), ahead=self.ahead, policy=self.policy)
        if decision.drains_for is not None:
            agent.draining_for = decision.drains_for.case.case_id
            self._drained_by[agent.draining_for] = agent_id
        return decision

    def give(self, decision: Decision) -> WaitingCase:
        """Carry a decision out: the case leaves the line and takes its place at the agent."""
        assert decision.chosen is not None
        pair = decision.chosen
        case = pair.standing.case
        self.leave(case.case_id)
        self.occupy(pair.agent.agent_id, case.line.channel, decision.at)
        return case

    def occupy(self, agent_id: int, channel: str, now: float) -> None:
        """A place of the agent is taken."""
        agent = self.agents[agent_id]
        agent.used += self.policy.rule(channel).units
        agent.held += 1
        agent.taken[channel] = agent.taken.get(channel, 0) + 1
        agent.given_at = now
        self._changed(agent)

    def finish(self, agent_id: int, channel: str, now: float) -> None:
        """A place of the agent is free again."""
        agent = self.agents[agent_id]
        agent.used -= self.policy.rule(channel).units
        agent.held -= 1
        agent.taken[channel] -= 1
        agent.idle_since = now
        self._changed(agent)

    def held_back(self, now: float) -> list[int]:
        """The first of each line whose work can wait, whoever stands further forward first."""
        heads = self.cases.held_heads(now)
        return [
            one.case.case_id for one in sorted(heads, key=lambda one: (-one.score(now), one.case.case_id))
        ]

    def _short_of(self, standing: Standing) -> bool:
        """Whether the reserve of the case's own topic keeps everybody from it."""
        topic, channel = standing.case.line
        takes = self.policy.rule(channel).units / self.policy.seat_units
        needed = self._needed.get(topic, 0.0)
        if standing.overflowed:
            # Whoever helps out leaves the seats of this topic as they are.
            return False
        return standing.held and needed > 0 and self._seats.get(topic, 0.0) - takes < needed

    def _firsts(self, standing: Standing, now: float) -> Iterator[AgentAtWork]:
        topic, channel = standing.case.line
        return self._ranks.firsts(
            topic,
            self.policy.rule(channel).units,
            self._match.get(topic, 0.0) if standing.held else 0.0,
            lambda agent: self._fits(standing, agent, now),
        )

    def _fits(self, standing: Standing, agent: AgentAtWork, now: float) -> bool:
        return obstacle(standing, agent, ahead=self.ahead, policy=self.policy, now=now) is None

    def _heads(self, agent: AgentAtWork, now: float) -> list[Standing]:
        def looks_at(key: HeapKey) -> bool:
            units = self.policy.rule(key.channel).units
            return (
                (key.overflowed or key.topic in agent.skills)
                and key.margin <= agent.skill_at(key.topic).margin
                and (agent.has_room(key.channel, units) or self._may_drain(units))
            )

        def passes_by(standing: Standing) -> bool:
            refused_until = standing.case.refused_until.get(agent.agent_id, 0.0)
            return refused_until > now or self._drained_elsewhere(standing, agent)

        return [
            head
            for topic in (*agent.skills, *agent.overflow)
            for head in self.cases.heads(agent.agent_id, topic, now, looks_at=looks_at, passes_by=passes_by)
        ]

    def _may_drain(self, units: int) -> bool:
        return self.policy.drain and units >= self.policy.whole_units

    def _drained_elsewhere(self, head: Standing, agent: AgentAtWork) -> bool:
        """One agent at a time empties their hands for a case; whose are empty may take it all the same."""
        drainer = self._drained_by.get(head.case.case_id, agent.agent_id)
        return drainer != agent.agent_id and agent.used > 0

    def _changed(self, agent: AgentAtWork) -> None:
        before = self._counted.get(agent.agent_id, NOBODY)
        now = (
            Counted(agent.skills, seats_of(agent, self.policy), agent.used == 0, True)
            if agent.available
            else NOBODY
        )
        self._counted[agent.agent_id] = now
        self._here += now.here - before.here
        self._idle += now.empty - before.empty
        for topic in before.skills:
            self._seats[topic] -= before.seats
            self._empty[topic] -= before.empty
        for topic in now.skills:
            self._seats[topic] = self._seats.get(topic, 0.0) + now.seats
            self._empty[topic] = self._empty.get(topic, 0) + now.empty
        if before.skills is not now.skills:
            self._sort_speeds(before.skills, now.skills)
        self._ranks.put(agent)

    def _sort_speeds(self, before: Mapping[str, Skill], now: Mapping[str, Skill]) -> None:
        for topic, skill in before.items():
            self._speeds[topic].remove(skill.speed)
        for topic, skill in now.items():
            insort(self._speeds.setdefault(topic, []), skill.speed)
        for topic in {*before, *now}:
            self._match[topic] = match_speed(self._speeds[topic], self.policy)
