"""The part of the clock that sleeps until time alone moves a case: when it overflows to another queue, when
its queue closes, when it belongs to the second level.

It rings or raises at that moment. What changes by a deed rings by itself; the workers' sweep finds both.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from desk.actions.routing.line_time import next_overflow, rises_until
from desk.jobs.doorbell import ring
from desk.jobs.raise_cases import raise_cases
from desk.jobs.reactions import Bell
from desk.logs import LastingTrouble
from desk.model.permission import system
from desk.store.unit_of_work import Store

LOOK_SECONDS = 0.5
"""A case that just began to wait may overflow sooner than what we sleep for."""

RISES_ROUND = timedelta(seconds=10)
"""No rule raises a case within its first minute: looked at so often, none is seen too late."""

CLOCK = system("clock")
log = structlog.get_logger()


@dataclass
class Lines:
    """What is known: overflows were rung for up to `rung`; `rises` are to come until `seen`."""

    rung: datetime
    seen: datetime
    rises: list[datetime] = field(default_factory=list)


def run(store: Store, redis: Redis, stop: threading.Event) -> None:
    """Ring and raise until told to stop. Trouble with the world costs a look, never the clock."""
    now = datetime.now(UTC)
    lines = Lines(now, now)
    waits = LastingTrouble(log, "lines_wait")
    while not stop.is_set():
        try:
            stop.wait(look(store, redis, lines))
            waits.over()
        except (OperationalError, RedisError) as trouble:
            waits.met(trouble)
            stop.wait(LOOK_SECONDS)
        except Exception:
            log.exception("lines_failed")
            stop.wait(LOOK_SECONDS)


def look(store: Store, redis: Redis, lines: Lines) -> float:
    """Do what is due; how many seconds to sleep before the next look. Raises RedisError."""
    with store.asking(CLOCK) as work:
        overflow = next_overflow(work, lines.rung)
        if work.now >= lines.seen:
            due = [rise for rise in lines.rises if rise <= work.now]
            lines.rises = [*due, *rises_until(work, work.now + RISES_ROUND)]
            lines.seen = work.now + RISES_ROUND / 2
    now = datetime.now(UTC)
    if overflow is not None and overflow <= now:
        ring(redis, [Bell.OFFER_WORK])
        lines.rung = now
        return 0.0
    if any(rise <= now for rise in lines.rises):
        raise_cases(store)
        lines.rises = [rise for rise in lines.rises if rise > now]
    ahead = min([*lines.rises, *([overflow] if overflow else [])], default=None)
    if ahead is None:
        return LOOK_SECONDS
    return min(LOOK_SECONDS, max(0.0, (ahead - datetime.now(UTC)).total_seconds()) + 0.001)
