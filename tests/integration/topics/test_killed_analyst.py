"""An analyst is killed in the middle of a partition, one that follows or one that leads; all is read."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
from redis import Redis
from rq import Worker

from desk.actions.insights.questions import keep_questions
from desk.jobs import analyst
from desk.jobs.read_questions import read_questions
from desk.jobs.read_together import Together, follow
from desk.jobs.reading_space import Reading
from desk.jobs.rush import Rush
from desk.settings import Settings
from desk.store.unit_of_work import Store
from tests.integration.topics.conftest import EVENING, ask
from tests.integration.topics.test_reading_together import (
    BATCH,
    HEAP,
    LATE,
    by_few,
    queue_on,
    read_of,
    redis,
    unread,
)
from tests.people import Cast

__all__ = ["redis"]

FORKS = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
"""A process made anew would load scikit-learn for two seconds; this one has it."""


@dataclass
class Heap:
    """Contacts that nobody has read, and what one analyst alone reads of them."""

    cases: list[int]
    as_by_one: list[tuple[object, ...]]


@pytest.fixture
def heap(store: Store, cast: Cast) -> Heap:
    cases = ask(store, cast, HEAP[: 5 * BATCH], EVENING)
    read_questions(by_few(store), LATE)
    whole = Heap(cases, read_of(store, cases))
    unread(store, cases)
    assert len(whole.as_by_one) >= len(cases)
    return whole


class Other:
    """A process beside ours that comes to the end of no batch: it writes the rows, and is killed before they
    are kept. `first` is done before ours keeps a batch."""

    def __init__(self, store: Store, patched: pytest.MonkeyPatch) -> None:
        self._store, self._ours = store, os.getpid()
        forking = get_context("fork")
        self._has_begun, self._made_of = forking.Event(), forking.Process
        self.first: Callable[[], None] = lambda: None
        patched.setattr("desk.jobs.read_batch.keep_questions", self._keep)

    @contextmanager
    def doing(self, what: Callable[[], None]) -> Iterator[BaseProcess]:
        def do() -> None:
            # The connections are ours; it makes its own.
            self._store.engine.dispose(close=False)
            what()

        process = self._made_of(target=do, daemon=True)
        process.start()
        try:
            yield process
        finally:
            process.kill()
            process.join(120)

    def has_begun(self) -> bool:
        return self._has_begun.wait(120)

    def kill_in_the_middle(self, process: BaseProcess) -> None:
        assert self.has_begun()
        process.kill()
        process.join(120)
        assert process.exitcode == -signal.SIGKILL

    def _keep(self, *given: Any) -> bool:
        if os.getpid() == self._ours:
            self.first()
            return keep_questions(*given)
        keep_questions(*given)
        self._has_begun.set()
        threading.Event().wait()
        return False


@pytest.fixture
def other(store: Store, monkeypatch: pytest.MonkeyPatch) -> Other:
    return Other(store, monkeypatch)


@FORKS
def test_what_a_killed_follower_had_in_hand_is_read_by_who_leads(
    store: Store, heap: Heap, other: Other, redis: Redis
) -> None:
    with other.doing(lambda: follow(by_few(store), redis, threading.Event(), 60)) as process:
        while not Worker.count(queue=queue_on(redis)):
            time.sleep(0.01)
        turns = count(1)

        def kill_once_it_has_some() -> None:
            # The first batch is read by who leads before it hands out the rest.
            if next(turns) == 2:
                other.kill_in_the_middle(process)

        other.first = kill_once_it_has_some
        together = Together(redis, threading.Event())
        assert read_questions(by_few(store), LATE, together) == len(heap.cases)
    assert next(turns) > 5
    assert read_of(store, heap.cases) == heap.as_by_one


@FORKS
def test_another_leads_and_reads_on_when_who_led_is_killed(
    store: Store, heap: Heap, other: Other, redis: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()

    def beat(reading: Reading, now: datetime, rush: Rush, together: Together) -> int:
        reading.batch = BATCH
        read = read_questions(reading, LATE, together)
        stop.set()
        return read

    monkeypatch.setattr(analyst, "beat", beat)
    monkeypatch.setattr(analyst, "open_store", lambda *_, **__: store)
    monkeypatch.setattr(analyst, "redis_for", lambda _: redis)
    monkeypatch.setattr(analyst, "best_encoder", lambda: None)
    monkeypatch.setattr(analyst, "LOCK_AGAIN_SECONDS", 1)
    monkeypatch.setattr("os.nice", lambda _: 0)
    for beside in ("replay_days", "keep_facts", "compare_articles", "watch_topics"):
        monkeypatch.setattr(analyst, beside, lambda *_: None)
    with other.doing(lambda: analyst.run(settings, stop)) as process:
        assert other.has_begun()
        ours = threading.Thread(target=analyst.run, args=(settings, stop), daemon=True)
        ours.start()
        while not Worker.count(queue=queue_on(redis)):
            time.sleep(0.01)
        assert read_of(store, heap.cases) == []
        other.kill_in_the_middle(process)
        ours.join(120)
    assert stop.is_set() and not ours.is_alive()
    assert read_of(store, heap.cases) == heap.as_by_one
