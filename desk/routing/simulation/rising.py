"""When a case of a simulated floor is raised to the second level: by the rule of the live desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import inf

from desk.routing.kept import Span
from desk.routing.second_level import FirstLevel, reason_to_raise
from desk.routing.simulation.contacts import Contact
from desk.routing.simulation.scenario import Scenario

TICK = timedelta(microseconds=1)
"""What moments in minutes lose when they become durations."""


class Rising:
    """The rules of a scenario. A case is raised once; where to is the topic of its rule."""

    def __init__(self, scenario: Scenario) -> None:
        self._rules = scenario.second_level

    def target(self, contact: Contact) -> str:
        """Where a case that is raised goes. Raises KeyError where no rule raises cases of its topic."""
        return self._rules[contact.topic].to

    def is_hard(self, contact: Contact) -> bool:
        """Whether the first level passes the case on once it has looked at it."""
        return contact.hard_after is not None and contact.topic in self._rules

    def late_at(self, contact: Contact) -> float:
        """When it has been unresolved for too long; inf for never."""
        rule = self._rules.get(contact.topic)
        if rule is None or not rule.minutes:
            return inf
        return after_open(contact.at, rule.minutes, rule.closed)

    def is_late(self, contact: Contact, now: float) -> bool:
        """Whether the live rule raises the case, unresolved as it is now."""
        rule = self._rules[contact.topic]
        unresolved = timedelta(minutes=open_between(contact.at, now, rule.closed))
        return reason_to_raise(FirstLevel(unresolved + TICK), minutes=rule.minutes, reopens=0) is not None


def after_open(at: float, minutes: float, closed: Sequence[Span]) -> float:
    """The moment at which so many open minutes have gone by since `at`."""
    for begins, ends in closed:
        if ends <= at:
            continue
        if begins - at >= minutes:
            break
        minutes -= max(0.0, begins - at)
        at = ends
    return at + minutes


def open_between(at: float, until: float, closed: Sequence[Span]) -> float:
    """The open minutes between two moments."""
    return until - at - sum(max(0.0, min(ends, until) - max(begins, at)) for begins, ends in closed)
