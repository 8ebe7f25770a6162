"""The killer of a drill: whoever it kills comes back to die once more, at the point that was struck least."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from redis.exceptions import RedisError

from desk.store.opening import redis_for
from tests.servers.household import Household

PROCESSES = ("mailroom", "worker", "worker", "relay", "clock", "web")

POINTS = {
    "mailroom": (
        "before_raw_commit",
        "after_raw_commit",
        "after_flag",
        "mid_parse",
        "inside_receive",
        "after_receive",
    ),
    "worker": ("before_handover", "after_handover", "after_note"),
    "relay": ("before_relay_emit", "after_relay_emit"),
}
"""The fail-points that a process passes while mails come and go. One that is missing here is never struck."""

PASSED = tuple(point for points in POINTS.values() for point in points)

CHANCE = 0.5
"""An armed process dies once in so many passes, so that it dies after some work as well."""

REDIS_EVERY = 67
SHOW_EVERY = 20


@dataclass
class Killer:
    """Kills `count` times, no faster than the work goes on: `done` says how much of it is, from 0 to 1."""

    household: Household
    count: int
    dice: random.Random
    done: Callable[[], float]

    def __call__(self) -> None:
        """Redis is flushed and held now and then, and PostgreSQL killed once, half way."""
        spared, turn = True, 0
        while (killed := self.household.killed) < self.count:
            if killed > self.count * self.done():
                time.sleep(0.1)
                continue
            self.household.kill_one(self.dice, self._armed)
            if turn % REDIS_EVERY == REDIS_EVERY // 2:
                _trouble_redis(self.household)
            if spared and killed >= self.count // 2:
                spared = False
                self.household.kill_postgres()
            if turn % SHOW_EVERY == 0:
                print(f"  {killed} deaths, {self.done():.0%} of the work done", file=sys.stderr, flush=True)
            turn += 1
            time.sleep(self.dice.uniform(0.1, 0.5))

    def _armed(self, process: str) -> str:
        points = POINTS.get(process, ())
        return f"{least_struck(self.household.struck(), points)}:{CHANCE}" if points else ""


def least_struck(struck: Counter[str], points: Sequence[str] = PASSED) -> str:
    """The point with the fewest deaths."""
    return min(points, key=lambda point: struck[point])


def _trouble_redis(household: Household) -> None:
    redis = redis_for(household.settings)
    try:
        redis.flushall()
        redis.client_pause(3000)
    except RedisError:
        return
