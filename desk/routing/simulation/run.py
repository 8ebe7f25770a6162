"""One day under one policy: an event loop around the board, and what became of everybody.

Agents share their pace among the cases they hold (processor sharing): with n cases each moves on at speed
times e(n) / n. Offers are taken at once; whoever runs out of patience leaves.
"""

from __future__ import annotations

import heapq
from bisect import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf

from desk.routing.at_work import AgentAtWork, Skill, turn
from desk.routing.board import Board
from desk.routing.case_heaps import CaseHeaps
from desk.routing.decision import Decision, next_for
from desk.routing.policy import Policy
from desk.routing.simulation.contacts import Contact
from desk.routing.simulation.helping import Helping
from desk.routing.simulation.scenario import Scenario
from desk.routing.standing import Line, WaitingCase

LONGEST_EVENING = 24 * 60.0

PULLS_AGAIN = 2.0
"""Minutes after which idle agents look again at what they may take themselves, where no policy sweeps."""

ARRIVE, LEAVE, FINISH, SWEEP, SHIFT, HOURS = range(6)

Watch = Callable[[Decision], None]


@dataclass(slots=True)
class Outcome:
    """What became of a contact: how long it waited for an agent or until it left, and when it was done."""

    contact: Contact
    waited: float = inf
    agent_id: int | None = None
    abandoned: bool = False
    done_at: float = inf


@dataclass(frozen=True)
class Day:
    """A day that was simulated. `busy` and `late_busy`: minutes each agent worked, within and after hours;
    of recorded days also `by_day`, and of one of these `at_work`, the minutes in which they took work.
    """

    outcomes: list[Outcome]
    busy: Mapping[int, float]
    late_busy: Mapping[int, float]
    by_day: Mapping[int, Mapping[int, float]] = field(default_factory=dict)
    at_work: Mapping[int, float] | None = None


@dataclass(slots=True)
class _Desk:
    """An agent's hands: the work left of each case, and when it was last brought up to date."""

    left: dict[int, float] = field(default_factory=dict)
    speeds: dict[int, float] = field(default_factory=dict)
    at: float = 0.0
    version: int = 0
    busy: float = 0.0
    late: float = 0.0
    by_day: dict[int, float] = field(default_factory=dict)


def simulate(
    scenario: Scenario,
    policy: Policy,
    contacts: list[Contact],
    *,
    forecast_factor: float = 1.0,
    known_speeds: Mapping[int, Mapping[str, float]] | None = None,
    watch: Watch | None = None,
) -> Day:
    """The day of these contacts. `forecast_factor` scales what the policy expects; `known_speeds` is what it
    believes of agents, where that is not the truth; `watch` is told every decision that gave a case.
    """
    return _Run(scenario, policy, contacts, forecast_factor, known_speeds, watch).day()


class _Run:
    def __init__(
        self,
        scenario: Scenario,
        policy: Policy,
        contacts: list[Contact],
        forecast_factor: float,
        known_speeds: Mapping[int, Mapping[str, float]] | None,
        watch: Watch | None,
    ) -> None:
        self.scenario, self.policy, self.factor, self.watch = scenario, policy, forecast_factor, watch
        self.board = Board(policy)
        self.helping = Helping(scenario, self.board)
        self.pulled = CaseHeaps(policy)
        self.outcomes = {contact.number: Outcome(contact) for contact in contacts}
        self.desks = {number: _Desk() for number, _ in enumerate(scenario.agents, start=1)}
        self.unserved = len(contacts)
        self.days = scenario.recorded.days if scenario.recorded else ()
        look = policy.look_ahead
        self.horizon = look.horizon_minutes if look else 0.0
        self.live = [name for name in scenario.channels if policy.rule(name).live]
        self.whole = [n for n in self.live if policy.rule(n).units >= policy.whole_units]
        self.events: list[tuple[float, int, int, int]] = []
        for contact in contacts:
            self._at(contact.at, ARRIVE, contact.number)
        for number, agent in enumerate(scenario.agents, start=1):
            believed = (known_speeds or {}).get(number) or agent.believed(policy)
            skills = {topic: Skill(believed[topic], agent.levels.get(topic, 1) - 1) for topic in agent.speeds}
            here = any(starts <= 0 and (ends is None or ends > 0) for starts, ends in agent.spans)
            hands = agent.units(policy)
            self.board.put(
                [
                    AgentAtWork(
                        number,
                        skills,
                        capacity=hands,
                        limits=agent.limits,
                        available=here,
                        overflow=self.helping.skills(skills),
                    )
                ]
            )
            for starts, ends in agent.spans:
                if starts > 0:
                    self._at(starts, SHIFT, number, 1)
                if ends is not None and ends > 0:
                    self._at(ends, SHIFT, number, 0)
        for moment in self.helping.moments():
            self._at(moment, HOURS)
        self._expect(0.0)
        self.sweeps = look.sweep_minutes if look else PULLS_AGAIN if scenario.pulled else 0.0
        if self.sweeps:
            self._at(self.sweeps, SWEEP)

    def day(self) -> Day:
        """Run until everybody is served or gone."""
        deeds = {
            ARRIVE: self._arrive,
            LEAVE: self._leave,
            FINISH: self._finish,
            SWEEP: self._sweep,
            SHIFT: self._shift,
            HOURS: self._hours,
        }
        while self.unserved and (self.events or self.board.cases.next_change() is not None):
            change = self.board.cases.next_change()
            if change is not None and (not self.events or change <= self.events[0][0]):
                for case_id in self.board.cases.changed(change):
                    self._try_case(case_id, change)
                continue
            now, kind, number, detail = heapq.heappop(self.events)
            deeds[kind](now, number, detail)
        return Day(
            outcomes=list(self.outcomes.values()),
            busy={number: desk.busy for number, desk in self.desks.items()},
            late_busy={number: desk.late for number, desk in self.desks.items()},
            by_day={number: desk.by_day for number, desk in self.desks.items()},
        )

    def _at(self, moment: float, kind: int, number: int = 0, detail: int = 0) -> None:
        heapq.heappush(self.events, (moment, kind, number, detail))

    def _arrive(self, now: float, number: int, _: int) -> None:
        contact = self.outcomes[number].contact
        if contact.topic in self.scenario.pulled:
            self.pulled.join(_case(contact), now)
            self._pull_all(now)
        else:
            since = self.helping.since(contact.topic, now, now)
            self.board.join(_case(contact, since), now)
            self._try_case(number, now)
        if self.outcomes[number].agent_id is not None:
            return
        if contact.patience < inf:
            self._at(now + contact.patience, LEAVE, number)

    def _leave(self, now: float, number: int, _: int) -> None:
        if self.board.leave(number) is None and self.pulled.leave(number) is None:
            return
        outcome = self.outcomes[number]
        outcome.waited, outcome.abandoned, outcome.done_at = now - outcome.contact.at, True, now
        self.unserved -= 1

    def _finish(self, now: float, agent_id: int, version: int) -> None:
        desk = self.desks[agent_id]
        if desk.version != version:
            return
        self._bring_up(agent_id, now)
        number = min(desk.left, key=lambda one: desk.left[one] / desk.speeds[one])
        del desk.left[number], desk.speeds[number]
        self.outcomes[number].done_at = now
        self.unserved -= 1
        self.board.finish(agent_id, self.outcomes[number].contact.channel, now)
        self._next_finish(agent_id, now)
        self._refill(agent_id, now)

    def _sweep(self, now: float, _: int, __: int) -> None:
        self._expect(now)
        self._pull_all(now)
        waiting = self.board.held_back(now)
        while waiting:
            given = [case_id for case_id in waiting if self._try_case(case_id, now)]
            waiting = self.board.held_back(now) if given else []
        # A day that leaves somebody unanswered for good, as nobody is here any more, must end all the same.
        if now < self.scenario.minutes + LONGEST_EVENING:
            self._at(now + self.sweeps, SWEEP)

    def _hours(self, now: float, _: int, __: int) -> None:
        for case_id in self.helping.changed(now):
            self._try_case(case_id, now)

    def _shift(self, now: float, agent_id: int, here: int) -> None:
        agent = self.board.agents[agent_id]
        agent.available = bool(here)
        self.board.put([agent])
        self._hours(now, 0, 0)
        if here:
            self._refill(agent_id, now)

    def _expect(self, now: float) -> None:
        if not self.horizon:
            return
        scaled = [
            {topic: self.factor * number for topic, number in expected.items()}
            for expected in (
                self.scenario.expected(self.live, now, self.horizon),
                self.scenario.expected(self.whole, now, self.horizon),
            )
        ]
        self.board.expect(live=scaled[0], whole=scaled[1])

    def _try_case(self, case_id: int, now: float) -> bool:
        while (first := self.board.first_of_line(case_id, now)) != case_id and self._give(first, now):
            pass
        return self._give(case_id, now)

    def _give(self, case_id: int, now: float) -> bool:
        decision = self.board.for_case(case_id, now)
        if decision is None or decision.chosen is None:
            return False
        self._start(decision)
        return True

    def _refill(self, agent_id: int, now: float) -> None:
        if not self.board.agents[agent_id].available:
            return
        while self.board.cases and (decision := self.board.for_agent(agent_id, now)).chosen is not None:
            self._start(decision)
        self._pull(agent_id, now)

    def _pull_all(self, now: float) -> None:
        """Whoever has nothing in hand looks whether there is something to take, in turn."""
        if self.pulled:
            for agent in sorted(self.board.agents.values(), key=lambda one: turn(one, self.policy)):
                self._pull(agent.agent_id, now)

    def _pull(self, agent_id: int, now: float) -> None:
        """With empty hands one takes the next case oneself, where one's topics are pulled from."""
        agent = self.board.agents[agent_id]
        if not self.pulled or agent.held or not agent.available:
            return
        decision = next_for(now, self.pulled.all(now), agent, policy=self.policy)
        if decision.chosen is not None:
            self.pulled.leave(decision.chosen.case_id)
            self._start(decision)

    def _start(self, decision: Decision) -> None:
        assert decision.chosen is not None
        if self.watch is not None:
            self.watch(decision)
        now, agent_id = decision.at, decision.chosen.agent.agent_id
        case = self.board.give(decision)
        outcome = self.outcomes[case.case_id]
        outcome.waited, outcome.agent_id = now - case.since, agent_id
        self._bring_up(agent_id, now)
        desk = self.desks[agent_id]
        desk.left[case.case_id] = outcome.contact.work
        agent = self.scenario.agents[agent_id - 1]
        desk.speeds[case.case_id] = self.scenario.speed(agent, case.line.topic)
        self._next_finish(agent_id, now)

    def _bring_up(self, agent_id: int, now: float) -> None:
        desk = self.desks[agent_id]
        count = len(desk.left)
        if count:
            gone = now - desk.at
            late = max(0.0, now - max(desk.at, self.scenario.minutes))
            desk.late += late
            desk.busy += gone - late
            if self.days:
                self._note_days(desk, now)
            share = gone * self.scenario.pace(count) / count
            for number, speed in desk.speeds.items():
                desk.left[number] -= share * speed
        desk.at = now

    def _note_days(self, desk: _Desk, now: float) -> None:
        """Of recorded days, which of them the minutes since `desk.at` belong to; the last one runs on."""
        at = desk.at
        for day in range(max(0, bisect(self.days, at) - 1), len(self.days)):
            ends = self.days[day + 1] if day + 1 < len(self.days) else inf
            desk.by_day[day] = desk.by_day.get(day, 0.0) + max(0.0, min(now, ends) - at)
            at = ends
            if now <= ends:
                return

    def _next_finish(self, agent_id: int, now: float) -> None:
        desk = self.desks[agent_id]
        desk.version += 1
        count = len(desk.left)
        if not count:
            return
        soonest = min(desk.left[number] / speed for number, speed in desk.speeds.items())
        self._at(now + max(0.0, soonest) * count / self.scenario.pace(count), FINISH, agent_id, desk.version)


def _case(contact: Contact, overflows_at: float = inf) -> WaitingCase:
    return WaitingCase(
        case_id=contact.number,
        line=Line(contact.topic, contact.channel),
        since=contact.at,
        due=contact.at + contact.target,
        value=contact.value,
        tier=contact.tier,
        overflows_at=overflows_at,
    )
