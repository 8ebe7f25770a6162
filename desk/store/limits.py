"""Limits: how often something may be tried, counted in Redis for all processes together."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from redis import Redis
from redis.exceptions import RedisError

from desk.model.errors import TooMany

_log = structlog.get_logger(__name__)
_MOST_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries in a window of `seconds`; `sentence` is told to whoever comes too often."""

    name: str
    most: int
    seconds: int
    sentence: str


@dataclass
class Limiter:
    """Counts in Redis; while Redis is away in this process, so that guessing stays slow on any day."""

    redis: Redis
    clock: Callable[[], float] = time.time
    _counts: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, limit: Limit, subject: str) -> None:
        """Count one try of `subject`. Raises TooMany with the seconds until the window ends."""
        now = self.clock()
        window = int(now // limit.seconds)
        key = _key(limit, subject, window)
        if self._counted(key, limit) > limit.most:
            left = int((window + 1) * limit.seconds - now) + 1
            raise TooMany(limit.sentence, left)

    def forget(self, limit: Limit, subject: str) -> None:
        """Take the tries of this window back: it was the right person after all."""
        key = _key(limit, subject, int(self.clock() // limit.seconds))
        with self._lock:
            self._counts.pop(key, None)
        try:
            self.redis.delete(key)
        except RedisError:
            _log.warning("redis away: a limit stays counted", limit=limit.name)

    def _counted(self, key: str, limit: Limit) -> int:
        try:
            pipe = self.redis.pipeline(transaction=False)
            pipe.incr(key)
            pipe.expire(key, limit.seconds)
            return int(pipe.execute()[0])
        except RedisError:
            _log.warning("redis away: limits are counted in this process", limit=limit.name)
            return self._counted_here(key)

    def _counted_here(self, key: str) -> int:
        with self._lock:
            if len(self._counts) >= _MOST_REMEMBERED:
                self._counts.clear()
            self._counts[key] = self._counts.get(key, 0) + 1
            return self._counts[key]


def _key(limit: Limit, subject: str, window: int) -> str:
    """The subject is hashed: an address somebody typed has no place in Redis, however long it is."""
    digest = hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"desk:limit:{limit.name}:{digest}:{window}"
