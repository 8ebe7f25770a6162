"""The worker: answers doorbells by draining all that is due, and looks for itself when no bell rings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from desk.jobs.aim_clocks import aim_clocks
from desk.jobs.deliver import deliver_due
from desk.jobs.doorbell import QUEUE, heard
from desk.jobs.fetch_media import fetch_media
from desk.jobs.hands import work_off
from desk.jobs.keep_work import keep_work
from desk.jobs.links import mail_links
from desk.jobs.look_back import look_back
from desk.jobs.mondays import mail_on_monday
from desk.jobs.offer import offer_work
from desk.jobs.raise_cases import raise_cases
from desk.jobs.reactions import Bell
from desk.jobs.read_texts import read_texts
from desk.jobs.reconcile_texts import reconcile_texts
from desk.jobs.value import value_customers
from desk.logs import LastingTrouble
from desk.settings import Settings
from desk.store.opening import open_store, redis_for
from desk.store.unit_of_work import Store

SWEEP_SECONDS = 10
IDLE_SECONDS = 5
"""How long a quiet worker listens before it looks whether it should stop."""

log = structlog.get_logger()

DRAINS: dict[Bell, Callable[[Store, Settings], int]] = {
    Bell.DELIVER: deliver_due,
    Bell.OFFER_WORK: offer_work,
    Bell.MAIL_LINKS: mail_links,
    Bell.READ_TEXTS: read_texts,
    Bell.FETCH_MEDIA: fetch_media,
    Bell.RECONCILE_TEXTS: reconcile_texts,
    Bell.AIM_CLOCKS: aim_clocks,
    Bell.VALUE_CUSTOMERS: value_customers,
    Bell.MAIL_ON_MONDAY: mail_on_monday,
    Bell.LOOK_BACK: look_back,
    Bell.RAISE_CASES: raise_cases,
    Bell.KEEP_WORK: keep_work,
}


@dataclass
class _Bench:
    """What the jobs of this process work with; RQ hands a job nothing but its words."""

    settings: Settings
    store: Store


_bench: _Bench | None = None


def answer(name: str) -> int:
    """What RQ calls: drain everything behind the bell. How many rows were dealt with."""
    if _bench is None:
        raise RuntimeError("answer() runs inside `desk worker` only")
    bell = Bell(name)
    heard(redis_for(_bench.settings), bell)
    return DRAINS[bell](_bench.store, _bench.settings)


def run(settings: Settings, stop: threading.Event) -> None:
    """Work until told to stop; without Redis the sweep goes on alone, slower and not wrong."""
    global _bench
    _bench = _Bench(settings, open_store(settings, "worker"))
    sweeper = threading.Thread(target=_sweep, args=(_bench, stop), name="sweep", daemon=True)
    sweeper.start()
    redis = redis_for(settings)
    waits = LastingTrouble(log, "worker_waits_for_redis")
    while not stop.is_set():
        try:
            work_off(redis, QUEUE, stop, IDLE_SECONDS)
            waits.over()
        except RedisError as trouble:
            waits.met(trouble)
            stop.wait(1)
    sweeper.join(timeout=25)


def _sweep(bench: _Bench, stop: threading.Event) -> None:
    """The safety net: every due row is found within seconds, bell or no bell."""
    waits = LastingTrouble(log, "sweep_waits")
    while not stop.wait(SWEEP_SECONDS):
        trouble: OperationalError | None = None
        for bell, drain in DRAINS.items():
            try:
                found = drain(bench.store, bench.settings)
                if found:
                    log.info("sweep_found", bell=bell.value, rows=found)
            except OperationalError as error:
                trouble = error
            except Exception:
                log.exception("sweep_failed", bell=bell.value)
        waits.now(trouble)
