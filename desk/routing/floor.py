"""The floor in the values that are decided over: queues as topics, agents at work, waiting cases, a board.

A topic is a queue. An agent has its skill when they work the queue and have every skill that it asks, be it
at a lower level: how far above the minimum is the margin, and the level says how fast they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import inf, prod

from desk.model.presence import PresenceState
from desk.routing.at_work import AgentAtWork, Skill
from desk.routing.board import Board
from desk.routing.decision import Decision, decide, next_for
from desk.routing.eligibility import Candidate, SkillAsked, Waiting, rest_of, works_in
from desk.routing.overflow import Overflow, overflows
from desk.routing.policy import Policy
from desk.routing.standing import Line, Standing, WaitingCase

NOWHERE: Mapping[int | None, Overflow] = {}
"""Nobody helps out in any queue."""

Asked = Mapping[int | None, tuple[SkillAsked, ...]]
"""What each queue asks; None stands for cases in no queue."""


@dataclass(frozen=True, slots=True)
class InLine:
    """A case that waits: what it asks, since when, when it is due, and what moves it.

    `worth` is the customer's, with the mean customer at 1; None where nothing is known but the tier.
    """

    waiting: Waiting
    since: datetime
    due: datetime | None
    tier: str
    priority: str
    worth: float | None = None
    knows: int | None = None


def due_of(due: datetime | None, left_at: datetime | None, policy: Policy) -> datetime | None:
    """When a case is to be answered: as promised; where the visitor has left and nobody is there to hear it,
    later than that by as long as a mail may take.
    """
    if left_at is None:
        return due
    return max(due or left_at, left_at) + timedelta(minutes=policy.left_minutes)


def minute(moment: datetime) -> float:
    """A moment as the decision counts it: minutes since 1970."""
    return moment.timestamp() / 60


def moment(minutes: float) -> datetime:
    """The same way back, in UTC."""
    return datetime.fromtimestamp(0, tz=UTC) + timedelta(minutes=minutes)


def topic_of(queue_id: int | None) -> str:
    """The topic of a queue; the empty one for cases in no queue."""
    return "" if queue_id is None else str(queue_id)


def agent_at_work(
    candidate: Candidate, asked: Asked, policy: Policy, overflow: Mapping[int | None, Overflow] = NOWHERE
) -> AgentAtWork:
    """An agent in plain values. One who may not be given cases at all has no skill.

    Where they help out (`overflow`, by the queue that is helped), they do as they do in their own queue.
    """
    taken = {channel.value: count for channel, count in candidate.taken.items()}
    own = {
        queue_id: skill
        for queue_id, skills in asked.items()
        if works_in(candidate, queue_id) and (skill := _skill(candidate, queue_id, skills, policy))
    }
    return AgentAtWork(
        agent_id=candidate.agent_id,
        skills={topic_of(queue_id): skill for queue_id, skill in own.items()},
        overflow={
            topic_of(queue_id): own[help.queue_id]
            for queue_id, help in overflow.items()
            if queue_id not in own and help.queue_id in own
        },
        capacity=policy.capacity,
        used=sum(policy.rule(channel).units * count for channel, count in taken.items()),
        held=sum(taken.values()),
        limits={channel.value: limit for channel, limit in candidate.limits.items()},
        taken=taken,
        available=candidate.state is PresenceState.AVAILABLE,
        idle_since=minute(candidate.idle_since),
        given_at=minute(candidate.idle_since),
    )


def waiting_case(
    case: InLine,
    candidates: Sequence[Candidate],
    refused_at: Mapping[int, datetime],
    policy: Policy,
    overflows_at: float = inf,
) -> WaitingCase:
    """A case in plain values. Without a promise of its own it is due when its channel's target is over."""
    waiting, since = case.waiting, minute(case.since)
    channel = waiting.channel.value
    return WaitingCase(
        case_id=waiting.case_id,
        line=Line(topic_of(waiting.queue_id), channel),
        since=since,
        due=since + policy.rule(channel).target_minutes if case.due is None else minute(case.due),
        value=policy.tier_values.get(case.tier, 1.0) if case.worth is None else case.worth,
        tier=case.tier,
        priority=case.priority,
        knows=case.knows,
        refused_until={
            agent_id: minute(at + rest_of(agent_id, candidates, waiting, refused_at, policy))
            for agent_id, at in refused_at.items()
        },
        overflows_at=overflows_at,
    )


def board_of(
    cases: Iterable[InLine],
    candidates: Sequence[Candidate],
    asked: Asked,
    *,
    refused: Mapping[int, Mapping[int, datetime]],
    live_expected: Mapping[str, float],
    policy: Policy,
    now: datetime,
    overflow: Mapping[int | None, Overflow] = NOWHERE,
) -> Board:
    """The board of this floor. `refused` is by case, then by agent; `live_expected` by topic, `overflow` by
    the queue that is helped.
    """
    board = Board(policy)
    board.put(agent_at_work(candidate, asked, policy, overflow) for candidate in candidates)
    board.expect(live_expected, {})
    for case in cases:
        at = refused.get(case.waiting.case_id, {})
        found = overflow.get(case.waiting.queue_id)
        over = found and overflows(found, case.waiting, case.since, candidates, now)
        board.join(waiting_case(case, candidates, at, policy, minute(over.at) if over else inf), minute(now))
    board.cases.changed(minute(now))
    return board


def hand_out(board: Board, now: datetime) -> Iterator[Decision]:
    """Give out what waits, whoever stands furthest forward first; each takes a place before the next.

    Giving only takes places, so whatever was passed over once stays so: one round is enough.
    """
    at = minute(now)
    line = sorted(board.cases.all(at), key=lambda one: (-one.score(at), one.case.since, one.case.case_id))
    for place, standing in enumerate(line):
        found = board.for_case(standing.case.case_id, at)
        if found is not None and found.chosen is not None:
            decision = _beside_everybody(board, standing, now)
            if decision.runner_up is None:
                decision = _before_the_next(decision, board, line[place + 1 :], now)
            board.give(decision)
            yield decision


def hand_to(board: Board, agent_id: int, now: datetime) -> Iterator[Decision]:
    """Give one agent what they should do next, as long as they have room."""
    while agent_id in board.agents:
        found = board.for_agent(agent_id, minute(now))
        if found.chosen is None:
            return
        decision = _beside_every_case(board, found.chosen.agent, now)
        board.give(decision)
        yield decision


def take_in_turn(board: Board, agent_id: int, now: datetime) -> Iterator[Decision]:
    """What the agent takes when they ask for the next case; what would be next if that is gone, and so on.
    The last one has chosen nothing and tells why.
    """
    at = minute(now)
    while True:
        decision = next_for(at, board.cases.all(at), board.agents[agent_id], policy=board.policy)
        yield decision
        if decision.chosen is None:
            return
        board.leave(decision.chosen.case_id)


def holds_of(board: Board, case_id: int, agent_ids: Collection[int], now: datetime) -> Decision | None:
    """What `decide` says of one case and these agents, everybody's rule among `blocked`."""
    standing = board.cases.standing(case_id, minute(now))
    if standing is None:
        return None
    agents = [board.agents[agent_id] for agent_id in agent_ids if agent_id in board.agents]
    return decide(minute(now), (standing,), agents, ahead=board.ahead, policy=board.policy)


def _beside_everybody(board: Board, standing: Standing, now: datetime) -> Decision:
    """The same decision with all who work the topic in it, so that it names who came next."""
    topic = standing.case.line.topic
    agents = [agent for agent in board.agents.values() if topic in agent.skills or topic in agent.overflow]
    return decide(minute(now), (standing,), agents, ahead=board.ahead, policy=board.policy)


def _before_the_next(decision: Decision, board: Board, behind: Iterable[Standing], now: datetime) -> Decision:
    """The same decision with the next case for that agent as its runner-up."""
    assert decision.chosen is not None
    for standing in behind:
        beside = decide(
            minute(now), (standing,), (decision.chosen.agent,), ahead=board.ahead, policy=board.policy
        )
        if beside.chosen is not None:
            return replace(decision, runner_up=beside.chosen)
    return decision


def _beside_every_case(board: Board, agent: AgentAtWork, now: datetime) -> Decision:
    """The same decision with all that waits in it, so that it names what came next."""
    at = minute(now)
    return decide(at, board.cases.all(at), (agent,), ahead=board.ahead, policy=board.policy)


def usual_minutes(candidate: Candidate, waiting: Waiting, policy: Policy) -> float | None:
    """How long such a case usually takes the agent, as their own have told; None where the policy does not go
    by it, or there were too few.
    """
    learnt = candidate.handled.get(waiting.queue_id)
    rated = _rated(candidate, waiting.skills, policy)
    if learnt is None or rated is None or not policy.learnt_speeds:
        return None
    return learnt.usual(waiting.channel.value, rated)


def _skill(
    candidate: Candidate, queue_id: int | None, asked: Sequence[SkillAsked], policy: Policy
) -> Skill | None:
    """The margin of the weakest skill, and the speed: what the levels say, moved by what was learnt."""
    rated = _rated(candidate, asked, policy)
    if rated is None:
        return None
    learnt = candidate.handled.get(queue_id) if policy.learnt_speeds else None
    margins = (candidate.levels.get(skill.skill_id, 0) - skill.minimum for skill in asked)
    return Skill(rated if learnt is None else learnt.speed(rated), min(margins, default=0))


def _rated(candidate: Candidate, asked: Sequence[SkillAsked], policy: Policy) -> float | None:
    """The geometric mean of the speeds that the levels say; None where a skill is missing."""
    levels = [candidate.levels.get(skill.skill_id, 0) for skill in asked]
    if min(levels, default=1) < 1:
        return None
    return prod(policy.level_speeds[level - 1] for level in levels) ** (1 / max(1, len(levels)))
