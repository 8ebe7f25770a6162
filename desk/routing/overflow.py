"""Overflow: from when on those of another queue may take what waits in this one, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desk.model.presence import PresenceState
from desk.routing.eligibility import Candidate, Waiting, is_able


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
    found = []
    if overflow.closed_since is not None:
        found.append(Overflows(max(since, overflow.closed_since), Cause.CLOSED))
    if overflow.minutes:
        found.append(Overflows(since + timedelta(minutes=overflow.minutes), Cause.WAITED))
    if all(one.at > now for one in found) and not _somebody_here(waiting, candidates):
        found.append(Overflows(now, Cause.NOBODY))
    return min(found, key=lambda one: one.at, default=None)


def _somebody_here(waiting: Waiting, candidates: Iterable[Candidate]) -> bool:
    return any(
        candidate.state is PresenceState.AVAILABLE and is_able(candidate, waiting) for candidate in candidates
    )
