"""When a case of a simulated floor is raised to the second level: by the rule of the live desk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from math import inf

from desk.routing.second_level import FirstLevel, reason_to_raise
from desk.routing.simulation.contacts import Contact
from desk.routing.simulation.scenario import Scenario

Span = tuple[float, float]

TICK = timedelta(microseconds=1)
"""What moments in minutes lose when they become durations."""


class Rising:
    """The rules of a scenario. A case is raised once; where to is the topic of its rule."""

    def __init__(self, scenario: Scenario) -> None:
        self._rules = scenario.second_level
        self._closed = {topic: united(rule.closed) for topic, rule in self._rules.items()}

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
        return after_open(contact.at, rule.minutes, self._closed[contact.topic])

    def is_late(self, contact: Contact, now: float) -> bool:
        """Whether the live rule raises the case, unresolved as it is now."""
        rule = self._rules[contact.topic]
        unresolved = timedelta(minutes=open_between(contact.at, now, self._closed[contact.topic]))
        return reason_to_raise(FirstLevel(unresolved + TICK), minutes=rule.minutes, reopens=0) is not None


def united(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order, those that touch as one."""
    found: list[Span] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((begins, ends))
    return tuple(found)


def after_open(at: float, minutes: float, closed: Iterable[Span]) -> float:
    """The moment at which so many open minutes have gone by since `at`."""
    for begins, ends in closed:
        if ends <= at:
            continue
        if begins - at >= minutes:
            break
        minutes -= max(0.0, begins - at)
        at = ends
    return at + minutes


def open_between(at: float, until: float, closed: Iterable[Span]) -> float:
    """The open minutes between two moments."""
    return until - at - sum(max(0.0, min(ends, until) - max(begins, at)) for begins, ends in closed)
