"""The relay: hands the journal on, to workers as doorbells and to screens as ids, in one order for all.

One relay at a time, however many are started (advisory lock). It emits before it notes, so that an
entry is told at least once; everyone it tells can bear to be told twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from desk.jobs.doorbell import ring
from desk.jobs.reactions import REACTIONS, Bell, bells_for
from desk.logs import LastingTrouble
from desk.model.change import Change, changes_of, told_to_visitors
from desk.model.events import Event, event_from
from desk.settings import Settings
from desk.store.failpoints import failpoint
from desk.store.journal import HandedOn, note_relayed, unrelayed
from desk.store.line import Line
from desk.store.opening import NUDGE, open_store, redis_for
from desk.store.push import pusher

BATCH = 200
REST_SECONDS = 1

log = structlog.get_logger()


def run(settings: Settings, stop: threading.Event) -> None:
    """Hand on until told to stop. Trouble with the world stops the batch, never the relay."""
    store, redis = open_store(settings, "relay", pool_size=2), redis_for(settings)
    push = pusher(settings)
    waits = LastingTrouble(log, "relay_waits")
    while not stop.is_set():
        try:
            if hand_on(store.engine, redis, push) < BATCH:
                redis.brpop([NUDGE], timeout=REST_SECONDS)
            waits.over()
        except (RedisError, OperationalError) as trouble:
            waits.met(trouble)
            stop.wait(REST_SECONDS)


def hand_on(engine: Engine, redis: Redis, push: Callable[[Sequence[Change]], None]) -> int:
    """One batch, in order; how many were handed on. 0 while another relay holds the lock."""
    with engine.connect() as connection:
        line = Line(connection)
        entries, last = unrelayed(line, BATCH)
        if entries:
            bells: set[Bell] = set()
            changes: list[Change] = []
            handed_on: list[HandedOn] = []
            for position, entry in enumerate(entries, last + 1):
                event, trouble = _event_of(entry.id, entry.kind, entry.payload)
                handed_on.append(HandedOn(entry.id, position, trouble))
                if event is not None:
                    bells.update(bells_for(event))
                    changes += (*changes_of(event, position), *told_to_visitors(event))
            failpoint("before_relay_emit")
            ring(redis, sorted(bells))
            push(changes)
            failpoint("after_relay_emit")
            note_relayed(line, handed_on, datetime.now(UTC))
        # Also where there was nothing: at a rollback psycopg forgets the statements it has prepared.
        line.end_with(connection.connection.commit)
    return len(entries)


def _event_of(number: int, kind: str, payload: Mapping[str, Any]) -> tuple[Event | None, str | None]:
    """The event, or why it is none. Trouble with one entry sets that entry aside, visibly, and never stops
    the others.
    """
    try:
        event = event_from(kind, payload)
    except TypeError as error:
        log.error("journal_entry_set_aside", entry=number, kind=kind)
        return None, str(error)[:300]
    if event is None or type(event) not in REACTIONS:
        log.error("journal_entry_set_aside", entry=number, kind=kind)
        return None, f"Nothing here knows the event {kind}."
    return event, None
