"""Overflow: from when on those of another queue may take what waits in this one, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from desk.model.presence import PresenceState
from desk.routing.eligibility import Candidate, Waiting, is_able

Moment = TypeVar("Moment", float, datetime)


class Cause(StrEnum):
    """Why a case overflows."""

    WAITED = "waited"
    CLOSED = "closed"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Overflow:
    """Who helps out in a queue: whoever works `queue_id`, called `name`, with the skills that one asks.

    After `minutes` of waiting (0 is never), while the queue is closed (`closed_since`, None while it is
    open), or when nobody of it is here.
    """

    queue_id: int
    name: str
    minutes: int = 0
    closed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overflows:
    """A case may be taken by whoever helps out, from `at` on."""

    at: datetime
    cause: Cause


def overflows(
    overflow: Overflow, waiting: Waiting, since: datetime, candidates: Iterable[Candidate], now: datetime
) -> Overflows | None:
    """When a case that waits `since` overflows, or did: the earliest cause. None while nothing tells.

    Nobody is here when no agent of the queue who could be given the case is available, be they full or not.
    """
    found = first_cause(
        since,
        waited=since + timedelta(minutes=overflow.minutes) if overflow.minutes else None,
        closed_since=overflow.closed_since,
        now=now,
        somebody_here=lambda: _somebody_here(waiting, candidates),
    )
    return None if found is None else Overflows(*found)


def first_cause(
    since: Moment,
    *,
    waited: Moment | None,
    closed_since: Moment | None,
    now: Moment,
    somebody_here: Callable[[], bool],
) -> tuple[Moment, Cause] | None:
    """The rule itself, in whatever moments are counted: when a case that waits `since` overflows, or did, and
    why. `waited` is when it has waited long enough. None while nothing tells.
    """
    found: list[tuple[Moment, Cause]] = []
    if closed_since is not None:
        found.append((max(since, closed_since), Cause.CLOSED))
    if waited is not None:
        found.append((waited, Cause.WAITED))
    if all(at > now for at, _ in found) and not somebody_here():
        found.append((now, Cause.NOBODY))
    return min(found, key=lambda one: one[0], default=None)


def _somebody_here(waiting: Waiting, candidates: Iterable[Candidate]) -> bool:
    return any(
        candidate.state is PresenceState.AVAILABLE and is_able(candidate, waiting) for candidate in candidates
    )
