"""Telling the history, once, behind a desk that answers already: a week a commit, its progress in the log."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from desk.actions.routing.handling import ask_to_learn
from desk.demo.history.customers import add_newcomers, customer_ids, everybody
from desk.demo.history.plan import DAYS, contacts
from desk.demo.history.rows import Shop, write_contacts
from desk.demo.history.shelves import days, publish, published, write_readers
from desk.demo.history.writers import write_writers
from desk.jobs.probe import web_answers
from desk.model.permission import system
from desk.settings import Settings
from desk.store.policies import policy, set_policies
from desk.store.unit_of_work import Store

DEMO = system("demo")
TOLD = "demo_history"
"""How many weeks are told; the customers before them are told as 0."""

SET_UP = "demo_set_up_at"
NICENESS = 5

log = structlog.get_logger(__name__)


def tell_history(
    store: Store, end: datetime, stop: Callable[[], bool] = lambda: False, share: float = 1.0
) -> int:
    """Tell what is not told yet of the ninety days before `end`; how many contacts. Safe to run again."""
    with store.reading(DEMO) as work:
        told = policy(work.session, TOLD, -1)
    if told < 0:
        _prepare(store, end, share)
        told = 0
    asked, count = everybody(share), 0
    every_day = list(zip(days(end), contacts(end, asked, share), strict=True))
    weeks = [every_day[first : first + 7] for first in range(0, len(every_day), 7)]
    for number, week in enumerate(weeks[told:], told + 1):
        if stop():
            return count
        with store.unit_of_work(DEMO, now=end) as work:
            known = customer_ids(work.session, asked)
            shop = Shop.of(work.session)
            made = [contact for _, contacts_that_day in week for contact in contacts_that_day]
            count += write_contacts(work.session, shop, made, known, end)
            for day, _ in week:
                write_readers(work.session, day, end)
                write_writers(work.session, day, end)
            set_policies(work.session, {TOLD: number})
        log.info("demo_history", week=number, of=len(weeks), contacts=count)
    if count:
        # What the night would read of it is read at once.
        with store.unit_of_work(DEMO) as work:
            ask_to_learn(work)
    return count


def _prepare(store: Store, end: datetime, share: float) -> None:
    """Whoever asks is a customer before, and an article is there from its day on."""
    with store.unit_of_work(DEMO, now=end - timedelta(days=DAYS - 10)) as work:
        add_newcomers(work, share)
        set_policies(work.session, {TOLD: 0})
    for at, turn in published(end):
        with store.unit_of_work(DEMO, now=at) as work:
            publish(work, turn)


class HistoryTeller:
    """The history in a thread of its own, once the web process answers, while customers write already."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="history", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends with the week that is being told; the rest is told at the next start."""
        self._stop.set()
        self._thread.join()

    def _tell(self) -> None:
        with suppress(OSError):
            # Of this thread alone, as Linux has it.
            os.nice(NICENESS)
        while not web_answers(self._settings):
            if self._stop.wait(1):
                return
        try:
            with self._store.reading(DEMO) as work:
                end = policy(work.session, SET_UP, "")
            tell_history(self._store, datetime.fromisoformat(end), self._stop.is_set)
        except Exception:
            # The present goes on without its past; what is missing is told at the next start.
            log.exception("demo_history_failed")
