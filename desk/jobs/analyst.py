"""The analyst: reads what is asked, finds topics, sees which rise, and where articles contradict each other;
beside everything else, and slowly.

A process of its own, because a discovery takes minutes of a core and an encoder 400 MB: no answer of an agent
waits for either. However many are started, one leads (advisory lock); the others follow it, and read what it
hands out.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from desk.actions.insights.topic_found import note_problem
from desk.actions.insights.topic_runs import ask_due, begin_run
from desk.insights.encoders.ladder import best_encoder
from desk.insights.rewording import Writer
from desk.jobs.compare_articles import compare_articles
from desk.jobs.draft_writer import writer_named
from desk.jobs.find_topics import find_topics
from desk.jobs.keep_facts import keep_facts
from desk.jobs.make_proposals import make_proposals
from desk.jobs.measure_effects import measure_effects
from desk.jobs.nightly_topics import nightly_topics
from desk.jobs.place_made import place_made
from desk.jobs.read_questions import read_questions
from desk.jobs.read_together import Together, follow
from desk.jobs.reading_space import ANALYST, Reading
from desk.jobs.replay_days import replay_days
from desk.jobs.rush import Rush
from desk.jobs.watch_topics import watch_topics
from desk.logs import LastingTrouble
from desk.model.errors import Misconfigured
from desk.model.topic import RunKind
from desk.settings import Settings
from desk.store.insights.questions import count_questions
from desk.store.insights.topics import begin_anew
from desk.store.opening import open_store, redis_for

BEAT_SECONDS = 15
REST_AFTER = timedelta(minutes=5)
RUSH_SECONDS = 5
WATCH_EVERY = timedelta(minutes=5)
LOCK_AGAIN_SECONDS = 5
ANALYST_LOCK = 0x4445534B_0007
NICENESS = 10

log = structlog.get_logger()


def run(settings: Settings, stop: threading.Event) -> None:
    """Lead while nobody else does, else follow, until told to stop. Trouble costs a beat, not the analyst."""
    with suppress(OSError):
        os.nice(NICENESS)
    store, redis = open_store(settings, "analyst", pool_size=2), redis_for(settings)
    reading = Reading(store, best_encoder, writer=_writer(settings))
    together = Together(redis, stop)
    waits = LastingTrouble(log, "analyst_waits")
    while not stop.is_set():
        try:
            with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
                if guard.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": ANALYST_LOCK}):
                    # Closed when we leave it, however we do: back in the pool it would keep the lock.
                    guard.detach()
                    _beats(reading, settings.home, together)
            follow(reading, redis, stop, LOCK_AGAIN_SECONDS)
            waits.over()
        except (OperationalError, RedisError) as trouble:
            waits.met(trouble)
            stop.wait(LOCK_AGAIN_SECONDS)
        except Exception:
            # Whatever it is, the next beat may fare better; an analyst that stops tells nobody.
            log.exception("analyst_failed")
            stop.wait(LOCK_AGAIN_SECONDS)


def beat(reading: Reading, now: datetime, rush: Rush | None = None, together: Together | None = None) -> int:
    """Read what is new, and do the run that is due with all that follows; how many contacts were read.

    While a rush goes on, only what a person asked for is due. Whoever is to stop begins no run.
    """
    place_made(reading, now)
    read = read_questions(reading, now, together)
    if together is not None and together.stop.is_set():
        return read
    with reading.store.unit_of_work(ANALYST, now=now) as work:
        if rush is not None:
            rush.saw(read, count_questions(work.session), now)
        if rush is None or not rush.goes_on(now):
            ask_due(work)
        run = begin_run(work)
    if run is not None:
        do = find_topics if run.kind is RunKind.DISCOVERY else nightly_topics
        try:
            found = do(reading, run.id, now)
        except Exception:
            with reading.store.unit_of_work(ANALYST, now=now) as work:
                note_problem(work, run.id, "It failed; the log of the analyst says why.")
            raise
        log.info("topics_found", run=run.id, kind=run.kind.value, topics=found)
        watch_topics(reading, now)
        measured, made = measure_effects(reading.store, now), make_proposals(reading, now)
        log.info("proposals_made", proposals=made, looks=measured)
    return read


def _beats(reading: Reading, home: Path, together: Together) -> None:
    store, stop = reading.store, together.stop
    with store.unit_of_work(ANALYST) as work:
        begin_anew(work.session)
    watched_at, rush = datetime.min.replace(tzinfo=UTC), Rush()
    busy_at = datetime.now(UTC)
    while not stop.is_set():
        now = datetime.now(UTC)
        replay_days(store)
        keep_facts(store, home, now)
        compare_articles(reading, now)
        read = beat(reading, now, rush, together)
        if read:
            log.info("questions_read", contacts=read)
            busy_at = now
        elif now - busy_at >= REST_AFTER and reading.rest():
            log.info("analyst_rests")
        if now - watched_at >= WATCH_EVERY:
            watch_topics(reading, now)
            watched_at = now
        stop.wait(RUSH_SECONDS if rush.goes_on(now) else BEAT_SECONDS)


def _writer(settings: Settings) -> Writer | None:
    """Without it, drafts stay as agents wrote them: no reason to leave the rest undone."""
    try:
        return writer_named(settings.draft_writer)
    except Misconfigured as trouble:
        log.error("no_draft_writer", why=str(trouble))
        return None
