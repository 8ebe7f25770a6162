"""The relay: hands the journal on, to workers as doorbells and to screens as ids, in one order for all.

One relay at a time, however many are started (advisory lock). It emits before it notes, so that an
entry is told at least once; everyone it tells can bear to be told twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from desk.jobs.doorbell import ring
from desk.jobs.reactions import REACTIONS, Bell, bells_for
from desk.model.change import Change, changes_of, told_to_visitors
from desk.model.events import Event, event_from
from desk.model.transit import JournalEntry
from desk.settings import Settings
from desk.store.failpoints import failpoint
from desk.store.journal import become_the_relay, last_position, unrelayed
from desk.store.opening import NUDGE, open_store, redis_for
from desk.store.push import pusher

BATCH = 200
REST_SECONDS = 1

log = structlog.get_logger()


def run(settings: Settings, stop: threading.Event) -> None:
    """Hand on until told to stop. Trouble with the world stops the batch, never the relay."""
    store, redis = open_store(settings, "relay", pool_size=2), redis_for(settings)
    push = pusher(settings)
    while not stop.is_set():
        try:
            if hand_on(store.engine, redis, push) < BATCH:
                redis.brpop([NUDGE], timeout=REST_SECONDS)
        except (RedisError, OperationalError) as trouble:
            log.warning("relay_waits", trouble=type(trouble).__name__)
            stop.wait(REST_SECONDS)


def hand_on(engine: Engine, redis: Redis, push: Callable[[Sequence[Change]], None]) -> int:
    """One batch, in order; how many were handed on. 0 while another relay holds the lock."""
    with Session(engine) as session:
        if not become_the_relay(session):
            return 0
        entries = unrelayed(session, BATCH)
        if not entries:
            return 0
        bells: set[Bell] = set()
        changes: list[Change] = []
        position = last_position(session)
        now = datetime.now(UTC)
        for entry in entries:
            position += 1
            entry.position, entry.relayed_at = position, now
            event = _event_of(entry)
            if event is not None:
                bells.update(bells_for(event))
                changes += (*changes_of(event, position), *told_to_visitors(event))
        failpoint("before_relay_emit")
        ring(redis, sorted(bells))
        push(changes)
        failpoint("after_relay_emit")
        session.commit()
    return len(entries)


def _event_of(entry: JournalEntry) -> Event | None:
    """Trouble with one entry sets that entry aside, visibly, and never stops the others."""
    entry.attempts += 1
    try:
        event = event_from(entry.kind, entry.payload)
    except TypeError as error:
        entry.trouble = str(error)[:300]
        log.error("journal_entry_set_aside", entry=entry.id, kind=entry.kind)
        return None
    if event is None or type(event) not in REACTIONS:
        entry.trouble = f"Nothing here knows the event {entry.kind}."
        log.error("journal_entry_set_aside", entry=entry.id, kind=entry.kind)
        return None
    return event
