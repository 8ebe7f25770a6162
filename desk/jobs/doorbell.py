"""Ringing: one waiting ring a bell at most, through RQ, and never anything that must not be lost."""

from __future__ import annotations

from collections.abc import Iterable

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from desk.jobs.reactions import Bell

QUEUE = "desk"
_STALE_SECONDS = 15


def queue_on(redis: Redis) -> Queue:
    """The one queue of all workers; JSON, so that nothing out of Redis is ever executed."""
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


def ring(redis: Redis, bells: Iterable[Bell]) -> None:
    """Call a worker for each bell, unless a call for it waits already. Raises RedisError."""
    for bell in bells:
        if redis.set(_waiting(bell), 1, nx=True, ex=_STALE_SECONDS):
            queue_on(redis).enqueue(
                "desk.jobs.worker.answer",
                bell.value,
                result_ttl=0,
                failure_ttl=3600,
                job_timeout=300,
            )


def heard(redis: Redis, bell: Bell) -> None:
    """From now on the bell may ring again: whoever answers looks at the rows after this."""
    redis.delete(_waiting(bell))


def _waiting(bell: Bell) -> str:
    return f"desk:bell:{bell.value}"
