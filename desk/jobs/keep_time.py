"""The part of the clock that sleeps until the next promise is due, and notes what was not kept.

Due moments lie in one indexed column; it looks at the next one twice a second, and sleeps exactly
until it where that is sooner.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import structlog
from sqlalchemy.exc import OperationalError

from desk.actions.clocks.by_time import note_time
from desk.jobs.aim_clocks import aim_clocks
from desk.logs import LastingTrouble
from desk.model.permission import system
from desk.store.clocks.reading import next_wake
from desk.store.unit_of_work import Store

LOOK_SECONDS = 0.5
"""A clock that was just started may be due sooner than what we sleep for."""

BATCH = 500
HELD_SECONDS = 0.05
"""How long we leave a clock that somebody holds."""

CLOCK = system("clock")
log = structlog.get_logger()


def run(store: Store, stop: threading.Event) -> None:
    """Note what is due until told to stop. Trouble with the database costs a look, never the clock."""
    wall = Wall(datetime.now(UTC), time.monotonic())
    waits = LastingTrouble(log, "promises_wait")
    while not stop.is_set():
        if wall.has_jumped(datetime.now(UTC), time.monotonic()):
            stop.wait(LOOK_SECONDS)
            continue
        try:
            stop.wait(look(store))
            waits.over()
        except OperationalError as trouble:
            waits.met(trouble)
            stop.wait(LOOK_SECONDS)
        except Exception:
            # Whatever it is, the next look may fare better; a clock that stops tells nobody.
            log.exception("clock_failed")
            stop.wait(LOOK_SECONDS)


def look(store: Store) -> float:
    """Note all that is due; how many seconds to sleep before the next look."""
    upcoming = _upcoming(store)
    while upcoming is not None and upcoming < datetime.now(UTC):
        with store.unit_of_work(CLOCK) as work:
            noted = note_time(work, BATCH)
        upcoming = _upcoming(store)
        if not noted:
            # Held by somebody, or of a calendar or tier that has changed and not been followed yet.
            return HELD_SECONDS if not aim_clocks(store) else 0.0
    if upcoming is None:
        return LOOK_SECONDS
    return min(LOOK_SECONDS, max(0.0, (upcoming - datetime.now(UTC)).total_seconds()) + 0.001)


def _upcoming(store: Store) -> datetime | None:
    with store.asking(CLOCK) as work:
        return next_wake(work.session)


@dataclass
class Wall:
    """Watches the clock on the wall against one that only runs forward: a machine whose clock is set must
    not break a thousand promises at once. After a jump nothing is noted until it was steady for a while.
    """

    wall: datetime
    steady: float
    held_until: float = 0.0

    JUMP: ClassVar = timedelta(seconds=60)
    HOLD: ClassVar = 60.0

    def has_jumped(self, wall: datetime, steady: float) -> bool:
        """Whether it jumped lately, given both clocks now."""
        drift = wall - self.wall - timedelta(seconds=steady - self.steady)
        self.wall, self.steady = wall, steady
        if abs(drift) > self.JUMP:
            self.held_until = steady + self.HOLD
            log.error("wall_clock_jumped", seconds=round(drift.total_seconds()), held_seconds=self.HOLD)
        return steady < self.held_until
