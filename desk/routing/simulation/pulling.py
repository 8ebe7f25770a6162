"""What is offered to nobody on a simulated floor, and who may take the next of it: as in the live desk."""

from __future__ import annotations

from math import inf

from desk.routing.at_work import AgentAtWork
from desk.routing.case_heaps import CaseHeaps
from desk.routing.decision import Decision, next_for
from desk.routing.policy import Policy
from desk.routing.simulation.hands import Hands
from desk.routing.simulation.scenario import Scenario


class Pulling:
    """The cases of the topics that are pulled from."""

    def __init__(self, scenario: Scenario, policy: Policy, hands: Hands) -> None:
        self._limits, self._policy, self._hands = scenario.pulled, policy, hands
        self.cases = CaseHeaps(policy)

    def takes_next(self, agent: AgentAtWork, now: float) -> Decision | None:
        """What an agent takes now; it waits no more. None where there is nothing for them.

        Of a topic with a limit they take as long as they have fewer of it at hand, and a place for one more;
        of one without, when their hands are empty.
        """
        if not self.cases or not agent.available:
            return None
        below = {topic for topic in self._limits if self._is_below(agent, topic)}
        waiting = [one for one in self.cases.all(now) if one.case.line.topic in below]
        decision = next_for(now, waiting, agent, policy=self._policy) if waiting else None
        if decision is None or decision.chosen is None:
            return None
        self.cases.leave(decision.chosen.case_id)
        return decision

    def _is_below(self, agent: AgentAtWork, topic: str) -> bool:
        most = self._limits[topic] or (inf if not agent.held else 0)
        return topic in agent.skills and self._hands.at_hand(agent.agent_id, topic) < most
