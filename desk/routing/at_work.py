"""Agents as the decision sees them, and what is expected: plain values that any caller can fill in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log, sqrt

from desk.routing.policy import AgentOrder, Policy


@dataclass(frozen=True, slots=True)
class Skill:
    """How an agent does at a topic: `speed` (1 does the mean case in its mean time), and `margin`, the levels
    by which they exceed the topic's minimum; below 0 they take its cases only once less is asked.
    """

    speed: float
    margin: int = 0
    fit: float = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fit", log(self.speed))


@dataclass(slots=True)
class AgentAtWork:
    """An agent now. `skills` by topic; `used` of `capacity` units; `held` counts the cases they hold.

    `limits` and `taken` count cases by channel, where the agent has a limit for one. `idle_since`
    is when they last finished a case, `given_at` when they were last given one. `draining_for` is
    the case for which they are emptying their hands. `overflow` is how they do at topics, not their
    own, where they help out once a case overflows.
    """

    agent_id: int
    skills: Mapping[str, Skill]
    capacity: int = 6
    used: int = 0
    held: int = 0
    limits: Mapping[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    available: bool = True
    idle_since: float = 0.0
    given_at: float = 0.0
    draining_for: int | None = None
    overflow: Mapping[str, Skill] = field(default_factory=dict)

    def skill_at(self, topic: str) -> Skill:
        """How they do at a topic, their own or one where they help out."""
        skill = self.skills.get(topic)
        return self.overflow[topic] if skill is None else skill

    def has_room(self, channel: str, units: int) -> bool:
        """Whether one more case of the channel fits."""
        limit = self.limits.get(channel)
        return self.used + units <= self.capacity and (limit is None or self.taken.get(channel, 0) < limit)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the look-ahead rules go by, each by topic.

    `seats`: free seats for live work, of agents with the skill. `needed`: how many of them the live
    work expected soon needs. `empty` and `empty_needed`: the same in whole agents. `match`: the
    speed from which an agent is well suited. `idle`, of the whole floor: the share of those at work whose
    hands are empty.
    """

    seats: Mapping[str, float] = field(default_factory=dict)
    needed: Mapping[str, float] = field(default_factory=dict)
    empty: Mapping[str, int] = field(default_factory=dict)
    empty_needed: Mapping[str, float] = field(default_factory=dict)
    match: Mapping[str, float] = field(default_factory=dict)
    idle: float = 0.0


def skill_of(level: int, minimum: int, policy: Policy) -> Skill:
    """What a level from 1 to 5 is worth where the topic asks `minimum`, until handling times are learnt."""
    return Skill(policy.level_speeds[level - 1], level - minimum)


def outlook(
    agents: Iterable[AgentAtWork],
    policy: Policy,
    *,
    live_expected: Mapping[str, float],
    whole_expected: Mapping[str, float],
) -> Outlook:
    """The outlook of a floor. What is expected is by topic: arrivals of live work in the policy's horizon,
    and of work that takes a whole agent.
    """
    seats: dict[str, float] = {}
    empty: dict[str, int] = {}
    speeds: dict[str, list[float]] = {}
    here = [agent for agent in agents if agent.available]
    for agent in here:
        for topic, skill in agent.skills.items():
            seats[topic] = seats.get(topic, 0.0) + seats_of(agent, policy)
            empty[topic] = empty.get(topic, 0) + (agent.used == 0)
            speeds.setdefault(topic, []).append(skill.speed)
    return Outlook(
        seats=seats,
        needed=seats_needed(policy, live_expected),
        empty=empty,
        empty_needed=agents_needed(policy, whole_expected),
        match={topic: match_speed(sorted(of), policy) for topic, of in speeds.items()},
        idle=idle_share(sum(agent.used == 0 for agent in here), len(here)),
    )


def idle_share(idle: int, here: int) -> float:
    """Of so many who are at work, the share of those with empty hands; 0 where nobody is."""
    return idle / here if here else 0.0


def seats_of(agent: AgentAtWork, policy: Policy) -> int:
    """How many pieces of live work still fit, in units and, where the agent has limits for it, in places."""
    seats = max(0, agent.capacity - agent.used) // policy.seat_units
    places = [
        max(0, limit - agent.taken.get(channel, 0))
        for channel, limit in agent.limits.items()
        if policy.rule(channel).live
    ]
    return min(seats, sum(places)) if places else seats


def seats_needed(policy: Policy, expected: Mapping[str, float]) -> dict[str, float]:
    """Square-root safety: what is kept grows with the spread of what is expected, not with its mean."""
    look = policy.look_ahead
    if look is None or not look.reserve:
        return {}
    return {topic: look.reserve * sqrt(number) for topic, number in expected.items()}


def agents_needed(policy: Policy, expected: Mapping[str, float]) -> dict[str, float]:
    """The same in whole agents."""
    look = policy.look_ahead
    if look is None or not look.empty_reserve:
        return {}
    return {topic: look.empty_reserve * sqrt(number) for topic, number in expected.items() if number}


def match_speed(speeds: list[float], policy: Policy) -> float:
    """The quantile of the sorted speeds from which an agent is well suited; the middle one rounds up."""
    look = policy.look_ahead
    if look is None or not look.match_quantile or not speeds:
        return 0.0
    return speeds[min(len(speeds) - 1, int(look.match_quantile * len(speeds)))]


def turn(agent: AgentAtWork, policy: Policy) -> tuple[float, int]:
    """Among agents who are equal otherwise, smaller comes first."""
    since = agent.given_at if policy.agents is AgentOrder.ROUND_ROBIN else agent.idle_since
    return since, agent.agent_id
