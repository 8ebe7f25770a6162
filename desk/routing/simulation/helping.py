"""Who helps out in which topic on a simulated floor, and from when on: by the rules of the live desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import inf

from desk.routing.at_work import Skill
from desk.routing.board import Board
from desk.routing.overflow import first_cause
from desk.routing.simulation.scenario import Scenario


class Helping:
    """The overflows of a scenario, on a board."""

    def __init__(self, scenario: Scenario, board: Board) -> None:
        self._overflow, self._board = scenario.overflow, board

    def skills(self, own: Mapping[str, Skill]) -> dict[str, Skill]:
        """Where somebody with these skills helps out: they do as they do in their own topic."""
        return {
            topic: own[over.to]
            for topic, over in self._overflow.items()
            if topic not in own and over.to in own
        }

    def since(self, topic: str, waits_since: float, now: float) -> float:
        """From when on others may take a case of the topic; inf while nothing tells."""
        over = self._overflow.get(topic)
        if over is None:
            return inf
        found = first_cause(
            waits_since,
            waited=waits_since + over.minutes if over.minutes else None,
            closed_since=next((begins for begins, ends in over.closed if begins <= now < ends), None),
            now=now,
            somebody_here=lambda: self._somebody_here(topic),
        )
        return inf if found is None else found[0]

    def changed(self, now: float) -> list[int]:
        """What waits is looked at anew, as somebody came or went, or a topic closed or opened; the cases that
        others may take from now on, whoever stands further forward first.
        """
        found = []
        for standing in self._board.cases.all(now) if self._overflow else ():
            case = standing.case
            since = self.since(case.line.topic, case.since, now)
            if since == case.overflows_at or max(since, case.overflows_at) <= now:
                continue
            self._board.leave(case.case_id)
            self._board.join(replace(case, overflows_at=since), now)
            if since <= now:
                found.append(standing)
        found.sort(key=lambda one: (-one.score(now), one.case.case_id))
        return [one.case.case_id for one in found]

    def moments(self) -> Iterator[float]:
        """When a topic closes or opens."""
        for over in self._overflow.values():
            for span in over.closed:
                yield from (moment for moment in span if 0 < moment < inf)

    def _somebody_here(self, topic: str) -> bool:
        return any(
            agent.available and (skill := agent.skills.get(topic)) is not None and skill.margin >= 0
            for agent in self._board.agents.values()
        )
