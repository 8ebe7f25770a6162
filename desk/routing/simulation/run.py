"""One day under one policy: an event loop around the board, and what became of everybody.

Offers are taken at once; whoever runs out of patience leaves. A case that is raised to the second level goes
back in line, be it from somebody's hands.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf

from desk.routing.at_work import AgentAtWork, Skill, turn
from desk.routing.board import Board
from desk.routing.decision import Decision
from desk.routing.policy import Policy
from desk.routing.simulation.contacts import Contact
from desk.routing.simulation.hands import Hands
from desk.routing.simulation.helping import Helping
from desk.routing.simulation.pulling import Pulling
from desk.routing.simulation.rising import Rising
from desk.routing.simulation.scenario import Scenario
from desk.routing.standing import Line, WaitingCase

LONGEST_EVENING = 24 * 60.0

PULLS_AGAIN = 2.0
"""Minutes after which idle agents look again at what they may take themselves, where no policy sweeps."""

ARRIVE, LEAVE, FINISH, RISE, SWEEP, SHIFT, HOURS = range(7)

Watch = Callable[[Decision], None]


@dataclass(slots=True)
class Outcome:
    """What became of a contact: how long it waited for an agent or until it left, and when it was done.

    Of what was raised to the second level, and when, `agent_id` is who took it there. Whoever is talked with
    waited until the first one joined; a mail that the first level passed on was not answered by it.
    """

    contact: Contact
    waited: float = inf
    agent_id: int | None = None
    abandoned: bool = False
    done_at: float = inf
    raised_at: float = inf


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
        self.hands = Hands(scenario)
        self.pulling = Pulling(scenario, policy, self.hands)
        self.rising = Rising(scenario)
        self.outcomes = {contact.number: Outcome(contact) for contact in contacts}
        self.left: dict[int, float] = {}
        self.back_in_line: set[int] = set()
        self.unserved = len(contacts)
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
            RISE: self._too_late,
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
            busy={number: worker.busy for number, worker in self.hands.workers.items()},
            late_busy={number: worker.late for number, worker in self.hands.workers.items()},
            by_day={number: worker.by_day for number, worker in self.hands.workers.items()},
        )

    def _at(self, moment: float, kind: int, number: int = 0, detail: int = 0) -> None:
        heapq.heappush(self.events, (moment, kind, number, detail))

    def _arrive(self, now: float, number: int, _: int) -> None:
        outcome = self.outcomes[number]
        contact = outcome.contact
        if self.rising.is_hard(contact) and not contact.hard_after:
            outcome.raised_at = now
        elif (late_at := self.rising.late_at(contact)) < inf:
            self._at(late_at, RISE, number)
        self._line_up(number, now)
        self._lose_patience(number, now)

    def _line_up(self, number: int, now: float) -> None:
        """The case waits in the line of its level, and is given if somebody can be found."""
        outcome = self.outcomes[number]
        contact, topic = outcome.contact, self._topic(outcome)
        if topic in self.scenario.pulled:
            self.pulling.cases.join(_case(contact, topic), now)
            self._pull_all(now)
        else:
            since = self.helping.since(topic, contact.at, now)
            self.board.join(_case(contact, topic, since), now)
            self._try_case(number, now)

    def _lose_patience(self, number: int, now: float) -> None:
        patience = self.outcomes[number].contact.patience
        if patience < inf and self.hands.holder(number) is None:
            self._at(now + patience, LEAVE, number, number in self.back_in_line)

    def _topic(self, outcome: Outcome) -> str:
        contact = outcome.contact
        return contact.topic if outcome.raised_at == inf else self.rising.target(contact)

    def _leave(self, now: float, number: int, back_in_line: int) -> None:
        if back_in_line != (number in self.back_in_line) or not self._waits_no_more(number):
            return
        outcome = self.outcomes[number]
        outcome.waited, outcome.abandoned, outcome.done_at = now - outcome.contact.at, True, now
        self.unserved -= 1

    def _waits_no_more(self, number: int) -> bool:
        """Out of line; whether it was in one."""
        return self.board.leave(number) is not None or self.pulling.cases.leave(number) is not None

    def _finish(self, now: float, agent_id: int, version: int) -> None:
        if self.hands.workers[agent_id].version != version:
            return
        number = self.hands.done_first(agent_id, now)
        outcome = self.outcomes[number]
        if outcome.raised_at == inf and self.rising.is_hard(outcome.contact):
            self._raise(number, now)
            return
        self._lay_down(agent_id, number, now)
        outcome.done_at = now
        self.unserved -= 1
        self._refill(agent_id, now)

    def _lay_down(self, agent_id: int, number: int, now: float) -> float:
        left = self.hands.lay_down(number, now)
        self.board.finish(agent_id, self.outcomes[number].contact.channel, now)
        self._plan(agent_id, now)
        return left

    def _too_late(self, now: float, number: int, _: int) -> None:
        outcome = self.outcomes[number]
        if outcome.done_at == inf == outcome.raised_at and self.rising.is_late(outcome.contact, now):
            self._raise(number, now)

    def _raise(self, number: int, now: float) -> None:
        """To the second level, out of the line it stands in or the hands it is in; there it waits anew, and
        what was done of it is done. A look at it is no part of its work.
        """
        outcome = self.outcomes[number]
        agent_id = self.hands.holder(number)
        outcome.raised_at = now
        if agent_id is None:
            self._waits_no_more(number)
            self._line_up(number, now)
            return
        left = self._lay_down(agent_id, number, now)
        self.left[number] = outcome.contact.work if self.rising.is_hard(outcome.contact) else left
        self.back_in_line.add(number)
        outcome.agent_id = None
        if not self.policy.rule(outcome.contact.channel).live:
            outcome.waited = inf
        self._line_up(number, now)
        self._lose_patience(number, now)
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
        """Everybody looks whether there is something that they take themselves, in turn."""
        if self.pulling.cases:
            for agent in sorted(self.board.agents.values(), key=lambda one: turn(one, self.policy)):
                self._pull(agent.agent_id, now)

    def _pull(self, agent_id: int, now: float) -> None:
        agent = self.board.agents[agent_id]
        while (decision := self.pulling.takes_next(agent, now)) is not None:
            self._start(decision)

    def _start(self, decision: Decision) -> None:
        assert decision.chosen is not None
        if self.watch is not None:
            self.watch(decision)
        now, agent_id = decision.at, decision.chosen.agent.agent_id
        case = self.board.give(decision)
        outcome = self.outcomes[case.case_id]
        if outcome.waited == inf:
            outcome.waited = now - case.since
        outcome.agent_id = agent_id
        self.hands.take(agent_id, case.case_id, case.line.topic, self._work(outcome), now)
        self._plan(agent_id, now)

    def _work(self, outcome: Outcome) -> float:
        """Minutes of work at speed 1 that whoever takes the case now has of it."""
        contact = outcome.contact
        if outcome.raised_at == inf and self.rising.is_hard(contact):
            return contact.hard_after or 0.0
        return self.left.get(contact.number, contact.work)

    def _plan(self, agent_id: int, now: float) -> None:
        done = self.hands.next_done(agent_id, now)
        if done is not None:
            self._at(done[0], FINISH, agent_id, done[1])


def _case(contact: Contact, topic: str, overflows_at: float = inf) -> WaitingCase:
    return WaitingCase(
        case_id=contact.number,
        line=Line(topic, contact.channel),
        since=contact.at,
        due=contact.at + contact.target,
        value=contact.value,
        tier=contact.tier,
        overflows_at=overflows_at,
    )
