"""The decision: which of these cases is given to which of these agents, and what kept the others apart.

One pure function over plain values. The desk, the explanation and the simulator call it; they differ only in
what they hand it: the heads of lines (`desk/routing/board.py` shows that these are enough) or everybody
there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf, log

from desk.routing.at_work import AgentAtWork, Outlook, Skill, turn
from desk.routing.policy import AgentOrder, Order, Policy
from desk.routing.standing import Standing, terms

SPARE = 0.2
"""While fewer of those at work than this share have empty hands, nobody is preferred for having begun: every
hand fills anyway, and what is saved in pace is lost in speed. Measured: docs/decisions, how near the bound.
"""

TIE = 1e-3
"""Weighs what only decides between agents, in orders that count whole minutes."""


class Block(StrEnum):
    """The rule that keeps a case and an agent apart, from what lasts to what passes."""

    UNSKILLED = "unskilled"
    ABSENT = "absent"
    OVERFLOW = "overflow"
    LEVEL = "level"
    KEPT = "kept"
    REFUSED = "refused"
    FULL = "full"
    DRAINING = "draining"
    EMPTY_RESERVE = "empty_reserve"
    MATCH = "match"
    RESERVE = "reserve"


@dataclass(frozen=True, slots=True)
class Blocked:
    """`has` and `needs` are the numbers of the rule, `topic` whose; it ends by itself at `until` (inf: it
    does not, something has to happen).
    """

    case_id: int
    agent_id: int
    rule: Block
    has: float = 0.0
    needs: float = 0.0
    topic: str = ""
    until: float = inf


@dataclass(frozen=True, slots=True)
class Pair:
    """A case with an agent, and its score J. `of_agent` are its parts that depend on the agent, as they
    were.
    """

    standing: Standing
    agent: AgentAtWork
    of_agent: Mapping[str, float]
    score: float

    @property
    def case_id(self) -> int:
        return self.standing.case.case_id


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided at `at` under a policy. `chosen` is None while nothing can be given.

    `drains_for` is a case that stands before all others, fits only an agent with empty hands, and
    for which the one agent asked shall take nothing less.
    """

    at: float
    policy: Policy
    chosen: Pair | None
    runner_up: Pair | None
    blocked: tuple[Blocked, ...]
    drains_for: Standing | None = None

    @property
    def terms(self) -> dict[str, float]:
        """The named parts of the chosen pair's score; they sum to it."""
        return pair_terms(self.chosen, self.policy, self.at) if self.chosen else {}


def decide(
    now: float,
    cases: Sequence[Standing],
    agents: Sequence[AgentAtWork],
    *,
    ahead: Outlook,
    policy: Policy,
) -> Decision:
    """The best pair at this moment: the greatest score; of equal cases the one that waits longest, of equal
    agents the one whose turn it is. The order in which they are handed over plays no part.
    """
    best: Pair | None = None
    second: Pair | None = None
    blocked: list[Blocked] = []
    for agent in agents:
        for standing in cases:
            block = obstacle(standing, agent, ahead=ahead, policy=policy, now=now)
            if block is not None:
                blocked.append(block)
                continue
            pair = paired(standing, agent, policy, now, ahead)
            if best is None or _before(pair, best, policy):
                best, second = pair, best
            elif second is None or _before(pair, second, policy):
                second = pair
    drains_for = None
    if policy.drain and len(agents) == 1:
        drains_for = _worth_draining(cases, agents[0], best, blocked, ahead, policy, now)
        if drains_for is not None:
            best = second = None
    return Decision(now, policy, best, second, tuple(blocked), drains_for)


def next_for(now: float, cases: Sequence[Standing], agent: AgentAtWork, *, policy: Policy) -> Decision:
    """What an agent takes who asks for the next case: who asks is there, and nobody else is asked, so that no
    rule of looking ahead keeps a case from them.
    """
    return decide(now, cases, (replace(agent, available=True),), ahead=Outlook(), policy=policy)


def paired(standing: Standing, agent: AgentAtWork, policy: Policy, now: float, ahead: Outlook) -> Pair:
    """The two with their score: larger is served sooner."""
    of_agent = agent_terms(standing, agent, policy, ahead)
    return Pair(standing, agent, of_agent, standing.score(now) + sum(of_agent.values()))


def pair_terms(pair: Pair, policy: Policy, now: float) -> dict[str, float]:
    """Every named part of a pair's score; their sum is the score."""
    return terms(pair.standing, policy, now) | dict(pair.of_agent)


def agent_terms(standing: Standing, agent: AgentAtWork, policy: Policy, ahead: Outlook) -> dict[str, float]:
    """The parts of a score that depend on the agent."""
    if policy.agents is AgentOrder.LEAST_BUSY:
        return {"load": -TIE * agent.held}
    if policy.agents is not AgentOrder.BEST_FIT:
        return {}
    if policy.order is Order.PRIORITY:
        return {"fit": TIE * agent.skill_at(standing.case.line.topic).fit}
    skill = agent.skill_at(standing.case.line.topic)
    found = {"fit": skill.fit, "crowding": policy.crowd_terms[agent.held]}
    if agent.held and ahead.idle >= SPARE:
        found["crowding"] += policy.packing
    if standing.case.knows == agent.agent_id:
        found["knows"] = log(1 + policy.knows_customer)
    return found


def obstacle(
    standing: Standing, agent: AgentAtWork, *, ahead: Outlook, policy: Policy, now: float
) -> Blocked | None:
    """The first rule that keeps the two apart now; None when the case can be given."""
    case = standing.case
    skill = agent.skills.get(case.line.topic) or agent.overflow.get(case.line.topic)
    lasting = _lasting(standing, agent, skill)
    if lasting is not None:
        return lasting
    rule = policy.rule(case.line.channel)
    refused_until = case.refused_until.get(agent.agent_id, 0.0)
    if refused_until > now:
        return Blocked(case.case_id, agent.agent_id, Block.REFUSED, until=refused_until)
    if not agent.has_room(case.line.channel, rule.units):
        return Blocked(case.case_id, agent.agent_id, Block.FULL, agent.capacity - agent.used, rule.units)
    if agent.draining_for is not None and agent.draining_for != case.case_id:
        return Blocked(case.case_id, agent.agent_id, Block.DRAINING)
    assert skill is not None
    return _held_back(standing, agent, skill, rule.units, ahead, policy, now)


def _lasting(standing: Standing, agent: AgentAtWork, skill: Skill | None) -> Blocked | None:
    case_id = standing.case.case_id
    if skill is None:
        return Blocked(case_id, agent.agent_id, Block.UNSKILLED)
    if not agent.available:
        return Blocked(case_id, agent.agent_id, Block.ABSENT)
    if not standing.overflowed and standing.case.line.topic not in agent.skills:
        return Blocked(case_id, agent.agent_id, Block.OVERFLOW, until=standing.case.overflows_at)
    if skill.margin < standing.margin:
        return Blocked(
            case_id, agent.agent_id, Block.LEVEL, skill.margin, standing.margin, until=standing.ends
        )
    if standing.kept and standing.case.knows != agent.agent_id:
        return Blocked(case_id, agent.agent_id, Block.KEPT, until=standing.ends)
    return None


def _held_back(
    standing: Standing,
    agent: AgentAtWork,
    skill: Skill,
    units: int,
    ahead: Outlook,
    policy: Policy,
    now: float,
) -> Blocked | None:
    """The look-ahead rules: whole agents for calls, well-suited agents, seats for live work."""
    case = standing.case
    if ahead.empty_needed and agent.used == 0 and units < policy.whole_units and now < case.due:
        short = _short(agent.skills, ahead.empty, ahead.empty_needed, 1)
        if short is not None:
            return Blocked(case.case_id, agent.agent_id, Block.EMPTY_RESERVE, *short, case.due)
    if not standing.held:
        return None
    suited = ahead.match.get(case.line.topic, 0.0)
    if skill.speed < suited:
        return Blocked(
            case.case_id, agent.agent_id, Block.MATCH, skill.speed, suited, case.line.topic, standing.ends
        )
    short = _short(agent.skills, ahead.seats, ahead.needed, units / policy.seat_units)
    if short is not None:
        return Blocked(case.case_id, agent.agent_id, Block.RESERVE, *short, standing.ends)
    return None


def _short(
    topics: Iterable[str], has: Mapping[str, float], needs: Mapping[str, float], takes: float
) -> tuple[float, float, str] | None:
    """The first topic that would be left with fewer than it needs: what it has, what it needs, which."""
    for topic in topics:
        needed = needs.get(topic, 0.0)
        if needed and has.get(topic, 0.0) - takes < needed:
            return has.get(topic, 0.0), needed + takes, topic
    return None


def _before(one: Pair, other: Pair, policy: Policy) -> bool:
    if one.score != other.score:
        return one.score > other.score
    if one.standing is not other.standing:
        mine, theirs = one.standing.case, other.standing.case
        return (mine.since, mine.case_id) < (theirs.since, theirs.case_id)
    return turn(one.agent, policy) < turn(other.agent, policy)


def _worth_draining(
    cases: Sequence[Standing],
    agent: AgentAtWork,
    best: Pair | None,
    blocked: Sequence[Blocked],
    ahead: Outlook,
    policy: Policy,
    now: float,
) -> Standing | None:
    """The first of the cases that only want for empty hands, once it is due, if it stands before whatever
    could be given. Not sooner: hands that empty cost others, and most calls find an agent in time without it.
    """
    full = {block.case_id for block in blocked if block.rule is Block.FULL}
    if not full or not agent.held:
        return None
    whole = [
        (
            paired(standing, agent, policy, now, ahead).score,
            -standing.case.since,
            -standing.case.case_id,
            standing,
        )
        for standing in cases
        if standing.case.case_id in full
        and now >= standing.case.due
        and policy.rule(standing.case.line.channel).units >= policy.whole_units
    ]
    if not whole:
        return None
    top = max(whole)
    return top[-1] if best is None or top[0] > best.score else None
