"""A heap of new contacts is read by several analysts: one leads, and the others follow.

The one that leads cuts the heap into partitions and hands them out as jobs of RQ; a job is the numbers of
two messages, and no words. Rows are the truth: what was handed out and never kept, because a follower died or
Redis forgot it, is found unread, and read by whoever leads.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import InvalidJobOperation
from rq.serializers import JSONSerializer

from desk import logs
from desk.jobs.hands import work_off
from desk.jobs.read_batch import read_batch
from desk.jobs.reading_space import ANALYST, Reading
from desk.store.insights.question_figures import LOOKED_AT
from desk.store.insights.unread import Partition, mark_reading, unread_ids
from desk.store.statistics import analyze

QUEUE = "insights"

FEWEST = 3
"""So many partitions before any is handed out: less is read before a follower has loaded its encoder."""

MOST = 200
"""So many partitions at a time: what is handed out is a list that Redis and we keep in memory."""

_FAILURES_SECONDS = 3600

log = structlog.get_logger()
_follower: ContextVar[Reading] = ContextVar("follower")
"""What the jobs of a follower read with; RQ hands a job nothing but its numbers."""


@dataclass(frozen=True)
class Together:
    """How the one that leads reads with others, until `stop` is set."""

    redis: Redis
    stop: threading.Event

    def read_heap(self, reading: Reading, now: datetime) -> list[int]:
        """Hand out what is unread, if it is a heap and somebody follows, and read of it until nothing is left
        to take; the messages that were handed out.

        What followers still have in hand then, or lost, is unread: whoever calls this reads on.
        """
        try:
            queue = _queue(self.redis)
            if not Worker.count(queue=queue):
                return []
            handed_out = self._hand_out(queue, reading, now)
            while handed_out and not self.stop.is_set() and (part := _taken(queue)):
                read_batch(reading, now, part)
        except RedisError as trouble:
            log.warning("analyst_reads_alone", trouble=logs.trouble_of(trouble))
            return []
        return handed_out

    def _hand_out(self, queue: Queue, reading: Reading, now: datetime) -> list[int]:
        # Of a heap that has just come in the planner knows nothing, and would compare each row with each.
        with reading.store.unit_of_work(ANALYST, now=now) as work:
            analyze(work.session, LOOKED_AT)
        with reading.store.reading(ANALYST, now=now) as work:
            ids = unread_ids(work.session, work.now, MOST * reading.batch)
        parts = partitions(ids, reading.batch)
        if len(parts) < FEWEST:
            return []
        with reading.store.unit_of_work(ANALYST, now=now) as work:
            mark_reading(work.session, ids[0])
        # What an earlier heap left there is among these again.
        queue.empty()  # type: ignore[no-untyped-call]  # it has no types
        queue.enqueue_many(
            [
                Queue.prepare_data(
                    "desk.jobs.read_together.read_partition",
                    [part.first, part.last],
                    timeout=-1,
                    result_ttl=0,
                    failure_ttl=_FAILURES_SECONDS,
                )
                for part in parts
            ]
        )
        log.info("heap_divided", contacts=len(ids), partitions=len(parts))
        return ids


def partitions(ids: Sequence[int], size: int) -> list[Partition]:
    """Messages in the order of their numbers, so many a partition; the last one may have fewer."""
    return [Partition(ids[first], ids[min(first + size, len(ids)) - 1]) for first in range(0, len(ids), size)]


def follow(reading: Reading, redis: Redis, stop: threading.Event, idle_seconds: int) -> None:
    """Read what is handed out, until nothing was for so long or `stop` is set. Raises RedisError."""
    _follower.set(reading)
    work_off(redis, QUEUE, stop, idle_seconds)


def read_partition(first: int, last: int) -> None:
    """What RQ calls: read what is unread of the messages with these numbers."""
    try:
        read = read_batch(_follower.get(), datetime.now(UTC), Partition(first, last))
    except Exception:
        # It is unread, and found by whoever leads; Redis is told nothing of what went wrong on the way.
        log.exception("partition_failed", first=first, last=last)
    else:
        log.info("questions_read", contacts=len(read))


def _queue(redis: Redis) -> Queue:
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


def _taken(queue: Queue) -> Partition | None:
    """The next partition that nobody took; None where there is none."""
    while popped := Queue.lpop([queue.key], None, connection=queue.connection):
        job = queue.fetch_job(popped[1].decode())
        if job is not None:
            part = Partition(*job.args)
            # Redis may have forgotten it meanwhile: then there is nothing to take away.
            with suppress(InvalidJobOperation):
                job.delete(remove_from_queue=False)
            return part
    return None
