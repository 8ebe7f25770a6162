"""How long cases take whom, learnt from the desk's own: robust, and shrunk where little is known.

In logarithms, as work is about lognormal. A topic's minutes by a channel (at speed 1) are the weighted median
of what its cases took times what the levels of their agents say, shrunk to the channel's, and that to the
policy's. What an agent's cases took beside it says how fast they are, each at most two spreads from the rest,
so that one case left lying for a night counts as a long one and not as a hundred. A case counts half as much
after `HALF_LIFE` days. Weighed with what the level says, that is the speed the decision goes by
(`learning.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from desk.routing.learning import WORK_SPREAD, Belief
from desk.routing.policy import Policy

HALF_LIFE = 60.0
LEAST_MINUTES = 0.1
LIKE_SO_MANY = 10.0
"""What stands above (the channel, the policy) weighs as much as so many cases of one's own."""

FARTHEST = 2.0
"""In spreads: no case lies farther from the rest than this."""

MOST_FASTER = log(2)
"""However fast somebody's cases went, they count at most twice as fast as their level says, or half: speed is
not all there is to an answer.
"""

ENOUGH = 30
LEAST_SPREAD, MOST_SPREAD = 0.3, 1.5
TOLD_FROM = 5
"""From so many of an agent's cases on, their usual time is worth telling."""


@dataclass(frozen=True, slots=True)
class Handled:
    """A case that an agent was done with. `rated` is the speed that the agent's level says."""

    agent_id: int
    topic: str
    channel: str
    minutes: float
    days_ago: float = 0.0
    rated: float = 1.0


@dataclass(frozen=True, slots=True)
class Learnt:
    """What an agent's `cases` of a topic say: `seen`, the logarithm of their speed, with its `precision`; and
    the topic's `minutes` at speed 1, by channel.
    """

    cases: int
    seen: float
    precision: float
    minutes: Mapping[str, float]

    def speed(self, rated: float) -> float:
        """How fast the agent counts, weighed with what their level says."""
        off = self._believed(rated) - log(rated)
        return rated * exp(max(-MOST_FASTER, min(MOST_FASTER, off)))

    def usual(self, channel: str, rated: float) -> float | None:
        """Minutes that such a case takes this agent; None while too little is known to say so."""
        minutes = self.minutes.get(channel)
        return None if minutes is None or self.cases < TOLD_FROM else minutes / exp(self._believed(rated))

    def _believed(self, rated: float) -> float:
        return Belief(log(rated)).weighed(self.seen, self.precision).mean


def learn(handled: Collection[Handled], policy: Policy) -> dict[tuple[int, str], Learnt]:
    """What is learnt, by agent and topic; the policy's minutes stand in where a channel is new."""
    usual = _usual(handled, policy)
    seen = {(one.topic, one.channel): log(usual[one.topic, one.channel]) for one in handled}
    spread = _spread([seen[one.topic, one.channel] - _work(one) for one in handled])
    of: dict[tuple[int, str], list[tuple[float, float]]] = defaultdict(list)
    for one in handled:
        off = seen[one.topic, one.channel] - _work(one)
        farthest = FARTHEST * spread
        own = max(-farthest, min(farthest, off)) + log(one.rated)
        of[one.agent_id, one.topic].append((own, _weight(one)))
    return {
        key: Learnt(
            cases=len(cases),
            seen=sum(own * weight for own, weight in cases) / sum(weight for _, weight in cases),
            precision=sum(weight for _, weight in cases) / spread**2,
            minutes={
                channel: round(minutes, 3) for (topic, channel), minutes in usual.items() if topic == key[1]
            },
        )
        for key, cases in sorted(of.items())
    }


def _usual(handled: Iterable[Handled], policy: Policy) -> dict[tuple[str, str], float]:
    """Minutes at speed 1 by topic and channel."""
    lines: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    channels: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in handled:
        for of in (lines[one.topic, one.channel], channels[one.channel]):
            of.append((_work(one), _weight(one)))
    above = {
        channel: _shrunk(cases, log(policy.rule(channel).work_minutes) - WORK_SPREAD**2 / 2)
        for channel, cases in channels.items()
    }
    return {line: exp(_shrunk(cases, above[line[1]])) for line, cases in lines.items()}


def _shrunk(cases: Sequence[tuple[float, float]], above: float) -> float:
    weight = sum(each for _, each in cases)
    return (_median(cases) * weight + above * LIKE_SO_MANY) / (weight + LIKE_SO_MANY)


def _median(cases: Sequence[tuple[float, float]]) -> float:
    """The weighted median: where half lies exactly between two values, their middle."""
    least, most = (_half_way(cases, sign) for sign in (1, -1))
    return (least - most) / 2


def _half_way(cases: Sequence[tuple[float, float]], sign: int) -> float:
    half, below = sum(weight for _, weight in cases) / 2 * (1 - 1e-9), 0.0
    for value, weight in sorted((sign * value, weight) for value, weight in cases):
        below += weight
        if below >= half:
            return value
    raise ValueError("no cases")


def _spread(off: Sequence[float]) -> float:
    """The spread of the work itself, by the median distance (1.4826 of it, as of a normal's)."""
    if len(off) < ENOUGH:
        return WORK_SPREAD
    found = 1.4826 * _median([(abs(one), 1.0) for one in off])
    return max(LEAST_SPREAD, min(MOST_SPREAD, found))


def _work(one: Handled) -> float:
    """The logarithm of the minutes it would have taken at speed 1."""
    return log(max(LEAST_MINUTES, one.minutes)) + log(one.rated)


def _weight(one: Handled) -> float:
    return exp(-log(2) * max(0.0, one.days_ago) / HALF_LIFE)
