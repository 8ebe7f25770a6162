"""How fast each agent is at each topic, learnt from how long cases took.

A finished case that a mean agent does in W minutes and that took this one T (time shared with other cases
counted by its pace) says ln W - s²/2 - ln T of the logarithm of their speed, give or take s, the spread of
the work itself. What was believed before and what was seen are weighed by their precision (normal prior,
normal noise).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

PRIOR_SPREAD = 0.3
"""How far from what is believed at first a speed may well be, as a logarithm."""

WORK_SPREAD: float = log(2) ** 0.5
"""The spread of work whose standard deviation equals its mean (lognormal)."""


@dataclass(frozen=True, slots=True)
class Belief:
    """The logarithm of a speed: its mean, and its precision (1 / variance)."""

    mean: float = 0.0
    precision: float = PRIOR_SPREAD**-2

    @property
    def speed(self) -> float:
        return exp(self.mean)

    def after(self, mean_minutes: float, took: float, *, spread: float = WORK_SPREAD) -> Belief:
        """The belief once a case has been seen that takes `mean_minutes` in the mean and took `took`."""
        return self.weighed(log(mean_minutes) - spread**2 / 2 - log(max(took, 1e-6)), spread**-2)

    def weighed(self, seen: float, precision: float) -> Belief:
        """The belief once the logarithm of a speed was seen with this precision."""
        both = self.precision + precision
        return Belief((self.mean * self.precision + seen * precision) / both, both)

    def faded(self, share: float) -> Belief:
        """Of what was learnt beyond the prior, `share` is kept: agents change."""
        least = PRIOR_SPREAD**-2
        return Belief(self.mean, least + share * max(0.0, self.precision - least))


Beliefs = Mapping[int, Mapping[str, Belief]]


def speeds(beliefs: Beliefs) -> dict[int, dict[str, float]]:
    """By agent and topic."""
    return {
        agent: {topic: belief.speed for topic, belief in topics.items()} for agent, topics in beliefs.items()
    }
