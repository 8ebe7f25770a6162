"""RQ's worker as the desk has it: no fork a job, no signals of its own, and an end after the job in hand."""

from __future__ import annotations

import threading

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer


class _Hands(SimpleWorker):
    """Our signals end the loop around it; `stopping` is heard after each job, and Redis's absence at once."""

    stopping: threading.Event

    def _install_signal_handlers(self) -> None:
        return

    def execute_job(self, job: Job, queue: Queue) -> None:
        super().execute_job(job, queue)
        if self.stopping.is_set():
            raise StopRequested

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        try:
            super().heartbeat(timeout, pipeline)
        except RedisError as trouble:
            # RQ would wait for it, longer and longer, and hear nothing meanwhile.
            raise StopRequested from trouble


def work_off(redis: Redis, queue: str, stop: threading.Event, idle_seconds: int) -> None:
    """Do what comes, until nothing came for so long, or `stop` is set and the job in hand is done.

    Raises RedisError where Redis is away.
    """
    hands = _Hands([queue], connection=redis, serializer=JSONSerializer, maintenance_interval=30)
    hands.stopping = stop
    hands.work(logging_level="WARNING", max_idle_time=idle_seconds)
