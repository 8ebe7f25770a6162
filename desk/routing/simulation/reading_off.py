"""What the desk kept of its days, read off as a scenario: who came, how long it took, who was at work."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from desk.model.errors import Invalid
from desk.routing.kept import KeptContact, Span, minutes_spent
from desk.routing.policy import Policy
from desk.routing.simulation.recorded import RecordedContact, RecordedDays
from desk.routing.simulation.scenario import (
    Scenario,
    ScenarioAgent,
    ScenarioChannel,
    TopicOverflow,
    TopicSecondLevel,
    Worth,
)

MOST_TIMES = 3.0
"""An answer that took longer than so many times the policy's minutes was left lying meanwhile."""

LEAST_MINUTES = 0.1
NOWHERE: Mapping[str, TopicOverflow] = {}
OFFERED: Mapping[str, int] = {}
ONE_LEVEL: Mapping[str, TopicSecondLevel] = {}


@dataclass(frozen=True, slots=True)
class KeptAgent:
    """An agent as set up today, and when they took work: `shifts` in minutes since the period began.

    `rated` are the speeds that their levels say, where others were learnt.
    """

    agent_id: int
    name: str
    speeds: Mapping[str, float]
    levels: Mapping[str, int]
    limits: Mapping[str, int]
    shifts: Sequence[Span]
    rated: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadOff:
    """The days as a scenario, and how it was come by: of how many contacts the minutes of work were
    `measured`, `capped` or `assumed`, and how many were `left_out` by topic, as nobody at work knew it.
    """

    scenario: Scenario
    measured: int
    capped: int
    assumed: int
    left_out: Mapping[str, int]


def read_off(
    name: str,
    kept: Sequence[KeptContact],
    agents: Sequence[KeptAgent],
    *,
    days: Sequence[float],
    minutes: float,
    policy: Policy,
    overflow: Mapping[str, TopicOverflow] = NOWHERE,
    pulled: Mapping[str, int] = OFFERED,
    second_level: Mapping[str, TopicSecondLevel] = ONE_LEVEL,
) -> ReadOff:
    """The scenario of these days, each of which begins at one of `days`; all of them have `minutes`.

    `pulled` are the topics that are pulled from, with their limits. What was not kept is the policy's:
    minutes of work, targets, the worth of a tier. Of those who were answered only a lower bound of their
    patience is known; how it goes on is exponential with the mean that is likeliest, those who left and
    those who did not taken together (Kaplan-Meier's estimate with a constant hazard). Raises Invalid when
    nobody came, or nobody was at work.
    """
    if not kept:
        raise Invalid("No customer opened a case in this period; there is nothing to replay.", "replay")
    here = [agent for agent in agents if agent.shifts and agent.speeds]
    if not here:
        raise Invalid(
            "Nobody who works here today was available for work in this period, so nothing could be handed"
            " out in a replay.",
            "replay",
        )
    theirs = {topic for agent in here for topic in agent.speeds}
    helped = {topic: over for topic, over in overflow.items() if over.to in theirs}
    known = theirs | set(helped)
    served = [one for one in kept if one.topic in known]
    left_out = Counter(one.topic for one in kept if one.topic not in known)
    if not served:
        raise Invalid(f"Nobody who was at work in this period knows {', '.join(sorted(left_out))}.", "replay")
    spent = minutes_spent(served, policy)
    raised = {topic: rule for topic, rule in second_level.items() if rule.to in theirs}
    worked_by = [
        {topic: over.to for topic, over in helped.items()},
        {topic: rule.to for topic, rule in raised.items()},
    ]
    by = {topic: [of[topic] for of in worked_by if topic in of] for topic in known}
    contacts = tuple(_recorded(one, spent.get(one.number), here, policy, by) for one in served)
    capped = sum(spent.get(one.number, 0.0) > _most(one, policy) for one in served)
    measured = sum(one.measured for one in contacts) - capped
    topics = Counter(one.topic for one in contacts)
    helped = {topic: over for topic, over in helped.items() if topic in topics}
    # Who helps out, and the second level, are known by their own topic, be it that nobody asked of that one.
    raised = {topic: rule for topic, rule in raised.items() if topic in topics}
    others = [*(over.to for over in helped.values()), *(rule.to for rule in raised.values())]
    topics.update(dict.fromkeys(others, 0))
    scenario = Scenario(
        name=name,
        channels=_channels(contacts, policy),
        topics={topic: float(n) for topic, n in sorted(topics.items())},
        agents=tuple(_agent(one, set(topics)) for one in here),
        contacts=len(contacts) / len(days),
        minutes=minutes,
        concurrency=policy.concurrency,
        recorded=RecordedDays(contacts, tuple(days)),
        overflow=helped,
        pulled={topic: most for topic, most in pulled.items() if topic in topics},
        second_level=raised,
    )
    return ReadOff(scenario, measured, capped, len(contacts) - measured - capped, dict(left_out))


def _recorded(
    one: KeptContact,
    spent: float | None,
    agents: Sequence[KeptAgent],
    policy: Policy,
    by: Mapping[str, list[str]],
) -> RecordedContact:
    rule = policy.rule(one.channel)
    agent = next((agent for agent in agents if agent.agent_id == one.agent_id), None)
    speed = _speed(agent, (one.topic, *by[one.topic])) if agent else 1.0
    waits_there = rule.live and one.worked is not None
    return RecordedContact(
        number=one.number,
        at=one.at,
        channel=one.channel,
        topic=one.topic,
        work=(
            rule.work_minutes if spent is None else max(LEAST_MINUTES, min(spent, _most(one, policy)) * speed)
        ),
        value=policy.tier_values.get(one.tier, 1.0) if one.worth is None else max(0.001, one.worth),
        tier=one.tier,
        target=max(0.01, rule.target_minutes if one.target is None else one.target),
        patience=max(0.0, one.left_at - one.at) if rule.live and one.left_at is not None else None,
        stayed=max(0.0, one.worked[0] - one.at) if waits_there and one.worked else 0.0,
        agent=agent.name if agent else "",
        measured=spent is not None,
        hard_after=None if one.hard_after is None else min(one.hard_after, _most(one, policy)),
    )


def _speed(agent: KeptAgent, topics: Sequence[str]) -> float:
    """At the first of these topics that they know; the mean where it is none of them any more."""
    return next((agent.speeds[topic] for topic in topics if topic in agent.speeds), 1.0)


def _most(one: KeptContact, policy: Policy) -> float:
    rule = policy.rule(one.channel)
    return inf if rule.live else MOST_TIMES * rule.work_minutes


def _channels(contacts: Sequence[RecordedContact], policy: Policy) -> dict[str, ScenarioChannel]:
    of: dict[str, list[RecordedContact]] = defaultdict(list)
    for one in contacts:
        of[one.channel].append(one)
    return {
        name: ScenarioChannel(
            share=float(len(came)),
            work_minutes=sum(one.work for one in came) / len(came),
            targets=dict.fromkeys(Worth().tiers, policy.rule(name).target_minutes),
            patience_minutes=_mean_patience(came),
            patience_shape=1.0,
        )
        for name, came in sorted(of.items())
    }


def _mean_patience(came: Sequence[RecordedContact]) -> float | None:
    """None where nobody left: then nobody does in the replay."""
    left = [one.patience for one in came if one.patience is not None]
    return max(0.01, (sum(left) + sum(one.stayed for one in came)) / len(left)) if left else None


def _agent(one: KeptAgent, asked: set[str]) -> ScenarioAgent:
    return ScenarioAgent(
        name=one.name,
        speeds={topic: speed for topic, speed in one.speeds.items() if topic in asked},
        levels={topic: level for topic, level in one.levels.items() if topic in asked},
        capacity=None,
        shifts=tuple(one.shifts),
        limits=one.limits,
        rated={topic: speed for topic, speed in one.rated.items() if topic in asked},
    )
