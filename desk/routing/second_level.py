"""When work is too long or too hard for the first level, and why, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from desk.routing.explain import span


@dataclass(frozen=True, slots=True)
class FirstLevel:
    """A case at the first level: for how long it has been `unresolved`, in working time, how often it was
    `reopened`, and its category, where that is one for the second level.
    """

    unresolved: timedelta
    reopened: int = 0
    hard_category: str | None = None


def reason_to_raise(case: FirstLevel, *, minutes: float, reopens: int) -> str | None:
    """Why the case belongs to the second level; None while it does not.

    After `minutes` unresolved, or once reopened so many times; 0 is never.
    """
    if case.hard_category is not None:
        return f"Its category “{case.hard_category}” is one for the second level."
    if reopens and case.reopened >= reopens:
        return f"It was reopened {case.reopened} times." if case.reopened > 1 else "It was reopened."
    if minutes and case.unresolved >= timedelta(minutes=minutes):
        return f"It has been unresolved for {span(timedelta(minutes=minutes))} of working time."
    return None
