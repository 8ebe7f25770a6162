"""The lab: the made-up contact centre in which policies are measured against each other."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from math import exp

from desk.routing.simulation.scenario import Scenario, ScenarioAgent, ScenarioChannel

RANK_SPEEDS = (1.15, 0.9, 0.8, 0.7)
RANK_LEVELS = (4, 3, 2, 1)
SPREAD = 0.18
UNITS = {"chat": 2, "sms": 2, "email": 4, "call": 6}

CHANNELS: Mapping[str, ScenarioChannel] = {
    "chat": ScenarioChannel(
        0.40, 8.0, {"bronze": 1.5, "silver": 1.0, "gold": 0.75, "platinum": 0.5}, patience_minutes=5.0
    ),
    "sms": ScenarioChannel(0.30, 4.0, {"bronze": 15.0, "silver": 10.0, "gold": 5.0, "platinum": 3.0}),
    "email": ScenarioChannel(0.30, 7.0, {"bronze": 240.0, "silver": 120.0, "gold": 60.0, "platinum": 30.0}),
}

CALL = ScenarioChannel(
    0.15, 5.0, {"bronze": 1.0, "silver": 0.75, "gold": 0.5, "platinum": 1 / 3}, patience_minutes=3.0
)


def lab(
    load: float = 1.0,
    *,
    agents: int = 40,
    topics: int | None = None,
    site: int = 0,
    calls: bool = False,
) -> Scenario:
    """A day of ten hours with two peaks. At load 1 the mean demand is what all agents can do at speed 1.

    `site` draws another map of topics and skills; `calls` makes 15 of 100 contacts calls.
    """
    dice = random.Random(f"site {site} {agents}")
    count = topics or max(4, min(12, round(agents / 5)))
    shares = {f"topic {number}": dice.uniform(0.6, 1.4) for number in range(1, count + 1)}
    channels = {
        name: channel if not calls else _with_share(channel, channel.share * (1 - CALL.share))
        for name, channel in CHANNELS.items()
    } | ({"call": CALL} if calls else {})
    people = tuple(_agent(number, shares, place, dice) for number, place in _places(agents, shares, dice))
    concurrency = (1.0, 1.5, 1.8)
    demand = sum(
        channel.share * channel.work_minutes / concurrency[max(1, 6 // UNITS[name]) - 1]
        for name, channel in channels.items()
    )
    return Scenario(
        name=f"lab {load:g}",
        channels=channels,
        topics=shares,
        agents=people,
        contacts=load * agents * 600 / demand,
        profile=tuple(_profile(7.5 + 15 * quarter) for quarter in range(40)),
        concurrency=concurrency,
    )


LABS: Mapping[str, Callable[[], Scenario]] = {
    "lab": lab,
    "lab-quiet": lambda: lab(0.85),
    "lab-overload": lambda: lab(1.15),
    "lab-calls": lambda: lab(calls=True),
    "lab-small": lambda: lab(agents=12),
    "lab-large": lambda: lab(agents=120),
}
"""The scenarios that can be named instead of written."""


def _profile(minute: float) -> float:
    """Two peaks, before noon and in the afternoon, about 1.5 times the mean."""
    return 0.55 + exp(-(((minute - 160) / 75) ** 2)) + 0.9 * exp(-(((minute - 430) / 85) ** 2))


def _places(agents: int, shares: Mapping[str, float], dice: random.Random) -> list[tuple[int, str]]:
    """Everybody's first topic: as many agents a topic as its share of the work."""
    total, names = sum(shares.values()), list(shares)
    wanted = {name: agents * share / total for name, share in shares.items()}
    places = [name for name in names for _ in range(int(wanted[name]))]
    rest = sorted(names, key=lambda name: int(wanted[name]) - wanted[name])
    places += rest[: agents - len(places)]
    dice.shuffle(places)
    return list(enumerate(places, start=1))


def _agent(number: int, shares: Mapping[str, float], first: str, dice: random.Random) -> ScenarioAgent:
    count = min(len(shares), dice.choices((2, 3, 4), (0.45, 0.40, 0.15))[0])
    others = [name for name in shares if name != first]
    dice.shuffle(others)
    known = [first, *others[: count - 1]]
    return ScenarioAgent(
        name=f"Agent {number}",
        speeds={
            topic: speed * exp(dice.gauss(0.0, SPREAD))
            for topic, speed in zip(known, RANK_SPEEDS, strict=False)
        },
        levels=dict(zip(known, RANK_LEVELS, strict=False)),
    )


def _with_share(channel: ScenarioChannel, share: float) -> ScenarioChannel:
    return ScenarioChannel(
        share,
        channel.work_minutes,
        channel.targets,
        channel.work_cv,
        channel.patience_minutes,
        channel.patience_shape,
    )
