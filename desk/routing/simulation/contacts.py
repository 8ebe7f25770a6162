"""The contacts of a made-up day: the same for every policy, so that only the policy makes the difference."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, gamma, inf, log, sqrt

from desk.routing.simulation.recorded import RecordedContact
from desk.routing.simulation.scenario import Scenario, ScenarioChannel, TopicSecondLevel, Worth


@dataclass(frozen=True, slots=True)
class Contact:
    """One who writes or calls: when, how, about what; `work` in minutes at speed 1, `patience` in minutes.

    What is too hard for the first level is seen to be so after `hard_after` minutes of its work.
    """

    number: int
    at: float
    channel: str
    topic: str
    work: float
    patience: float
    value: float
    tier: str
    target: float
    hard_after: float | None = None


def contacts(scenario: Scenario, seed: int, day: int = 0) -> list[Contact]:
    """A day's contacts by arrival; of recorded days those of all of them.

    Each quality has dice of its own: one thing changed changes no other.
    """
    if scenario.recorded is not None:
        return _recorded(scenario, scenario.recorded.contacts, random.Random(f"{seed} patience"))
    qualities = ("day", "at", "kind", "work", "worth", "hard")
    dice = {what: random.Random(f"{seed} {day} {what}") for what in qualities}
    factor = 1.0
    if scenario.day_cv:
        shape = 1 / scenario.day_cv**2
        factor = dice["day"].gammavariate(shape, 1 / shape)
    names = list(scenario.channels)
    shares = [scenario.channels[name].share for name in names]
    topics = list(scenario.topics)
    found = []
    for number, at in enumerate(_arrivals(scenario, factor, dice["at"]), start=1):
        channel = dice["kind"].choices(names, shares)[0]
        topic = dice["kind"].choices(topics, scenario.topic_shares(at))[0]
        of = scenario.channels[channel]
        value, tier = _worth(scenario.worth, dice["worth"])
        found.append(
            Contact(
                number,
                at,
                channel,
                topic,
                _work(of, dice["work"]),
                _patience(of, dice["work"]),
                value,
                tier,
                of.targets[tier],
                _hard_after(scenario.second_level.get(topic), dice["hard"]),
            )
        )
    return found


def _recorded(scenario: Scenario, came: Sequence[RecordedContact], dice: random.Random) -> list[Contact]:
    """Those who came. How long somebody who was answered would still have waited was never seen: drawn."""
    found = []
    for one in came:
        drawn = _patience(scenario.channels[one.channel], dice)
        found.append(
            Contact(
                number=one.number,
                at=one.at,
                channel=one.channel,
                topic=one.topic,
                work=one.work,
                patience=one.stayed + drawn if one.patience is None else one.patience,
                value=one.value,
                tier=one.tier,
                target=one.target,
                hard_after=one.hard_after,
            )
        )
    return found


def _arrivals(scenario: Scenario, factor: float, dice: random.Random) -> list[float]:
    """Poisson with the day's shape, by thinning (Lewis & Shedler 1979)."""
    found, at, most = [], 0.0, scenario.busiest * factor
    while (at := at + dice.expovariate(most)) < scenario.minutes:
        if dice.random() * most < scenario.rate(at) * factor:
            found.append(at)
    return found


def _work(channel: ScenarioChannel, dice: random.Random) -> float:
    if not channel.work_cv:
        return channel.work_minutes
    variance = log(1 + channel.work_cv**2)
    return channel.work_minutes * exp(dice.gauss(-variance / 2, sqrt(variance)))


def _patience(channel: ScenarioChannel, dice: random.Random) -> float:
    draw = dice.random()
    if channel.patience_minutes is None:
        return inf
    scale = channel.patience_minutes / gamma(1 + 1 / channel.patience_shape)
    return float(scale * (-log(1 - draw)) ** (1 / channel.patience_shape))


def _hard_after(rule: TopicSecondLevel | None, dice: random.Random) -> float | None:
    draw = dice.random()
    return rule.look_minutes if rule is not None and draw < rule.hard else None


def _worth(worth: Worth, dice: random.Random) -> tuple[float, str]:
    draw = dice.random()
    names = list(worth.tiers)
    tier = names[min(len(names) - 1, bisect(list(accumulate(worth.tiers.values())), draw))]
    return min(worth.most, worth.least * (1 - draw) ** (-1 / worth.shape)), tier
