"""Several analysts read one heap: each contact once, whatever becomes of the jobs and of who does them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty
from sqlalchemy import delete, select, text

from desk.actions.insights.questions import Read, keep_questions
from desk.insights.discovery import Discovery, discover_among
from desk.jobs.analyst import beat
from desk.jobs.read_batch import read_batch
from desk.jobs.read_questions import read_questions
from desk.jobs.read_together import QUEUE, Together, follow
from desk.jobs.reading_space import Reading
from desk.model.message import Message
from desk.model.topic import Question
from desk.store.insights.topics import newest_discovery
from desk.store.insights.unread import Partition, is_marked
from desk.store.unit_of_work import Store
from tests.integration.mail_flow.processes import until
from tests.integration.topics.conftest import EVENING, ask, find
from tests.people import MORNING, STAGE, Cast
from tests.unit.insights.asked import QUESTIONS

BATCH = 10
HEAP = [f"{text} please" for text in QUESTIONS[:120]]
LATE = EVENING + timedelta(hours=1)
NUMBERS = select(Message.id).order_by(Message.id)


@pytest.fixture
def redis(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """A database of Redis that nobody else uses, since it is flushed; followers are threads here."""
    monkeypatch.setattr("desk.jobs.hands._Hands.death_penalty_class", TimerDeathPenalty)
    made = Redis.from_url(redis_url, db=9)
    made.flushdb()
    yield made
    made.flushdb()
    made.close()


def queue_on(redis: Redis) -> Queue:
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


def by_few(store: Store) -> Reading:
    """As one analyst reads, by words alone and a few contacts at a time."""
    return Reading(store, lambda: None, batch=BATCH)


@contextmanager
def following(store: Store, redis: Redis, how_many: int) -> Iterator[None]:
    """So many followers, each reading by itself, that listen until the block ends."""
    done = threading.Event()

    def listen() -> None:
        while not done.is_set():
            follow(by_few(store), redis, done, 1)

    threads = [threading.Thread(target=listen, daemon=True) for _ in range(how_many)]
    for thread in threads:
        thread.start()
    while Worker.count(queue=queue_on(redis)) < how_many:
        done.wait(0.01)
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)


def read_of(store: Store, cases: Sequence[int]) -> list[tuple[object, ...]]:
    """What was read of these cases, by message."""
    with store.reading(STAGE) as work:
        rows = work.session.execute(
            select(Question.message_id, Question.ordinal, Question.text, Question.topic_id, Question.sure)
            .where(Question.case_id.in_(cases))
            .order_by(Question.message_id, Question.ordinal)
        )
        return [tuple(row) for row in rows]


def unread(store: Store, cases: Sequence[int]) -> None:
    """As if nobody had read them."""
    with store.unit_of_work(STAGE) as work:
        work.session.execute(delete(Question).where(Question.case_id.in_(cases)))


def test_a_heap_is_read_once_by_all_and_as_by_one(
    cast: Cast, asked_for_weeks: Reading, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = asked_for_weeks.store
    cases = ask(store, cast, HEAP, EVENING, timedelta(seconds=1))
    alone = by_few(store)
    assert read_questions(alone, LATE, Together(redis, threading.Event())) == len(HEAP)
    as_by_one = read_of(store, cases)
    assert len({row[0] for row in as_by_one}) == len(HEAP) and len({row[3] for row in as_by_one}) > 2

    readers, turns, counting = set(), count(1), threading.Lock()
    first = threading.Barrier(3, timeout=60)
    monkeypatch.setattr("desk.store.insights.unread.LOOK_BACK", 1)

    def read(reading: Reading, now: datetime, part: Partition) -> list[int]:
        """The first partition of each is read at the same time; then one is lost, and then all of them."""
        with counting:
            newcomer, turn = id(reading) not in readers, next(turns)
            readers.add(id(reading))
        if newcomer:
            first.wait()
        queue = queue_on(redis)
        if turn == 4:
            assert redis.lpop(queue.key) is not None
        if turn == 6:
            assert queue.count > 0
            redis.flushdb()
        return read_batch(reading, now, part)

    monkeypatch.setattr("desk.jobs.read_together.read_batch", read)
    unread(store, cases)
    with following(store, redis, 2):
        assert read_questions(alone, LATE, Together(redis, threading.Event())) == len(HEAP)
    assert len(readers) == 3 and next(turns) > 6
    assert read_of(store, cases) == as_by_one
    with store.reading(STAGE) as work:
        assert not is_marked(work.session)


def test_where_redis_is_away_one_reads_alone(store: Store, cast: Cast) -> None:
    cases = ask(store, cast, HEAP[:50], MORNING)
    away = Redis(port=1, retry=Retry(NoBackoff(), 0))
    assert read_questions(by_few(store), EVENING, Together(away, threading.Event())) == 50
    assert len(read_of(store, cases)) == 50


def test_whoever_is_to_stop_stops_after_a_batch(store: Store, cast: Cast, redis: Redis) -> None:
    cases, stop = ask(store, cast, HEAP[:50], MORNING), threading.Event()

    def stopping() -> None:
        stop.set()

    reading = Reading(store, stopping, batch=BATCH)
    assert reading.encoder is None
    assert beat(reading, EVENING, None, Together(redis, stop)) == 0
    assert read_of(store, cases) == []


def test_of_two_who_read_a_message_one_is_believed(store: Store, cast: Cast) -> None:
    [case] = ask(store, cast, ["Where is my parcel? And where is the invoice?"], MORNING)
    with store.reading(STAGE) as work:
        message = work.session.scalars(select(Message.id).where(Message.case_id == case)).one()
    whole, *parts = (
        Read(message, ordinal, text, str(ordinal), None, False, True)
        for ordinal, text in ((0, "both"), (0, "Where is my parcel?"), (1, "And where is the invoice?"))
    )
    for read in ([whole], parts):
        with store.unit_of_work(STAGE) as work:
            assert keep_questions(work, read, None)
    assert [row[2] for row in read_of(store, [case])] == ["both"]


def test_cases_are_held_in_their_order_whatever_the_order_of_their_messages(store: Store, cast: Cast) -> None:
    first, second = ask(store, cast, ["one", "two"], MORNING)
    with store.unit_of_work(STAGE) as work:
        work.session.execute(
            text(f"UPDATE messages SET case_id = {first + second} - case_id, position = 1 + id")
        )
        read = [Read(number, 0, "why", "0", None, False, True) for number in work.session.scalars(NUMBERS)]

    def keep() -> bool:
        with store.unit_of_work(STAGE) as work:
            return keep_questions(work, read, None)

    with ThreadPoolExecutor(1) as analyst:
        with store.unit_of_work(STAGE) as work:
            work.session.execute(text(f"SELECT FROM cases WHERE id = {first} FOR UPDATE"))
            keeping = analyst.submit(keep)
            until(lambda: somebody_waits(store))
            # Whoever holds the first case, as a merge does, gets the second.
            work.session.execute(text(f"SELECT FROM cases WHERE id = {second} FOR UPDATE NOWAIT"))
        assert keeping.result()


def somebody_waits(store: Store) -> bool:
    with store.reading(STAGE) as work:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
        return bool(work.session.scalar(text(waiting)))


def test_nothing_stays_where_an_older_discovery_placed_it(
    cast: Cast, asked_for_weeks: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = asked_for_weeks.store
    with store.reading(STAGE) as work:
        older = newest_discovery(work.session)
    late: list[int] = []

    def discover(*found: Any) -> Discovery:
        """While topics are found, somebody reads on by those that are known."""
        late.extend(ask(store, cast, ["where is my parcel"], LATE))
        read_batch(by_few(store), LATE)
        assert len(read_of(store, late)) == 1
        return discover_among(*found)

    monkeypatch.setattr("desk.jobs.find_topics.discover_among", discover)
    find(asked_for_weeks, LATE)
    assert read_of(store, late) == []
    with store.unit_of_work(STAGE) as work:
        message = work.session.scalars(select(Message.id).where(Message.case_id == late[0])).one()
        assert not keep_questions(work, [Read(message, 0, "late", "0", None, False, True)], older)
    assert read_of(store, late) == []
    assert len(read_batch(by_few(store), LATE)) == 1
    assert len(read_of(store, late)) == 1
