"""A scenario: who writes and calls, about what, how long it takes, who answers, and what waiting costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import pi, sin
from typing import Any

from desk.routing.kept import Span
from desk.routing.policy import Policy
from desk.routing.simulation.recorded import RecordedDays

QUARTER = 15.0


@dataclass(frozen=True)
class ScenarioChannel:
    """`share` of all contacts; `work_minutes` at speed 1, lognormal with `work_cv`; `targets` of first
    response by tier, in minutes. `patience_minutes`, where people leave: Weibull with `patience_shape`.
    """

    share: float
    work_minutes: float
    targets: Mapping[str, float]
    work_cv: float = 1.0
    patience_minutes: float | None = None
    patience_shape: float = 0.85


@dataclass(frozen=True)
class ScenarioAgent:
    """`speeds` and `levels` (1 to 5, below 1 what lacks so much) by topic; at work from `starts` to `ends`,
    or in each of the `shifts` where there are some, and after it until all they hold is done.

    `capacity` in units; None for as many as the policy gives. `limits` are of cases by channel. `rated` is
    what a policy that does not learn takes the speeds to be.
    """

    name: str
    speeds: Mapping[str, float]
    levels: Mapping[str, int] = field(default_factory=dict)
    starts: float = 0.0
    ends: float | None = None
    capacity: int | None = 6
    shifts: tuple[tuple[float, float], ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    rated: Mapping[str, float] = field(default_factory=dict)

    def units(self, policy: Policy) -> int:
        """How much fits into the agent's hands under this policy."""
        return policy.capacity if self.capacity is None else self.capacity

    def believed(self, policy: Policy) -> Mapping[str, float]:
        """How fast the policy takes the agent to be."""
        return self.speeds if policy.learnt_speeds or not self.rated else self.rated

    @property
    def spans(self) -> tuple[tuple[float, float | None], ...]:
        """When the agent is at work, in order."""
        return self.shifts or ((self.starts, self.ends),)


@dataclass(frozen=True, slots=True)
class TopicOverflow:
    """Who knows `to` helps out: after `minutes` of waiting (0 is never), within the spans in which the topic
    is `closed`, and while nobody of its own is at work.
    """

    to: str
    minutes: float = 0.0
    closed: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class TopicSecondLevel:
    """Cases of a topic are raised `to` another, the second level's: once they are unresolved after so many
    `minutes` (0 is never), not counting the spans in which it is `closed` (in order, apart); and the share
    that is `hard`, once the first level has looked at them for `look_minutes` of work (0: at once).
    """

    to: str
    minutes: float = 0.0
    hard: float = 0.0
    look_minutes: float = 0.0
    closed: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Costs:
    """Per unit of customer value: for a breach, for each target's length of further delay (at most
    `most_further`), for one who leaves. Effort is per minute in which an agent works, and dearer after hours.
    """

    breach: float = 7.5
    further: float = 7.5
    most_further: float = 4.0
    abandoned: float = 25.0
    effort: float = 0.5
    after_hours: float = 2.0


@dataclass(frozen=True)
class Worth:
    """Customers' worth: Pareto with `shape` from `least`, cut at `most`; tiers are shares from below."""

    shape: float = 1.5
    least: float = 0.388
    most: float = 20.0
    tiers: Mapping[str, float] = field(
        default_factory=lambda: {"bronze": 0.60, "silver": 0.25, "gold": 0.12, "platinum": 0.03}
    )


@dataclass(frozen=True)
class Scenario:
    """`contacts` is the mean of a day of `minutes`; `profile` its shape by quarter hours (any scale);
    `day_cv` how much days differ, which no policy knows; `drift` by how much topics come and go over the day.

    With `recorded` days, the contacts are those that came, and only what was not recorded is drawn;
    `minutes` are those of the whole period, which is simulated in one piece. Cases of the `pulled` topics are
    offered to nobody: agents take the next one, as long as they have fewer of the topic at hand than the
    number beside it, or, where that is 0, once their hands are empty.
    """

    name: str
    channels: Mapping[str, ScenarioChannel]
    topics: Mapping[str, float]
    agents: tuple[ScenarioAgent, ...]
    contacts: float
    minutes: float = 600.0
    days: int = 1
    profile: tuple[float, ...] = ()
    day_cv: float = 0.10
    drift: float = 0.3
    concurrency: tuple[float, ...] = (1.0, 1.5, 1.8)
    worth: Worth = field(default_factory=Worth)
    costs: Costs = field(default_factory=Costs)
    recorded: RecordedDays | None = None
    overflow: Mapping[str, TopicOverflow] = field(default_factory=dict)
    pulled: Mapping[str, int] = field(default_factory=dict)
    second_level: Mapping[str, TopicSecondLevel] = field(default_factory=dict)

    def knows(self, agent: ScenarioAgent, topic: str) -> str | None:
        """By which topic the agent may take cases of this one: itself, or the one from which they help."""
        over = self.overflow.get(topic)
        if topic in agent.speeds:
            return topic
        return over.to if over is not None and over.to in agent.speeds else None

    def speed(self, agent: ScenarioAgent, topic: str) -> float:
        """How fast the agent is at cases of this topic, be it that they only help out. Raises KeyError."""
        return agent.speeds[self.knows(agent, topic) or topic]

    def pace(self, cases: int) -> float:
        """e(n): how much an agent with so many cases at once gets done, of what one alone gets."""
        return self.concurrency[min(cases, len(self.concurrency)) - 1]

    def rate(self, minute: float) -> float:
        """Contacts a minute at this minute of a mean day; none outside it."""
        if not 0 <= minute < self.minutes:
            return 0.0
        return self.contacts / self.minutes * self._shape[int(minute / QUARTER) % len(self._shape)]

    @cached_property
    def busiest(self) -> float:
        """The greatest rate of the day."""
        return self.contacts / self.minutes * max(self._shape)

    def topic_shares(self, minute: float) -> list[float]:
        """Each topic's share at this minute, in the order of `topics`; they sum to 1."""
        count = len(self.topics)
        weights = [
            share * (1 + self.drift * sin(2 * pi * (minute / self.minutes + place / count)))
            for place, share in enumerate(self.topics.values())
        ]
        total = sum(weights)
        return [weight / total for weight in weights]

    def expected(self, channels: list[str], start: float, horizon: float) -> dict[str, float]:
        """Arrivals by topic that a mean day brings on these channels in the minutes after `start`.

        Of recorded days: as they came of late, which is what the live desk goes by.
        """
        if self.recorded is not None:
            return self.recorded.expected(channels, start, horizon)
        share = sum(self.channels[name].share for name in channels) / self.all_shares
        arrivals = self.rate(start + horizon / 2) * horizon * share
        return dict(zip(self.topics, (arrivals * part for part in self.topic_shares(start)), strict=True))

    @cached_property
    def all_shares(self) -> float:
        return sum(channel.share for channel in self.channels.values())

    @cached_property
    def _shape(self) -> list[float]:
        shape = self.profile or (1.0,)
        mean = sum(shape) / len(shape)
        return [part / mean for part in shape]

    def __getstate__(self) -> dict[str, Any]:
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}


def united(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order, those that touch as one."""
    found: list[Span] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((begins, ends))
    return tuple(found)
