"""The work on cases is kept for figures: what the journal tells, and by night a look at all of them."""

from __future__ import annotations

import time

import structlog

from desk.actions.cases.work import keep_next, work_is_to_be_kept
from desk.model.permission import system
from desk.settings import Settings
from desk.store.cases.work import find_mark
from desk.store.unit_of_work import Store

KEEPER = system("keeper")
SECONDS = 2
"""A call ends after these, so that what a worker has to deliver waits no longer; the clock rings again while
there is more."""

log = structlog.get_logger()


def keep_work(store: Store, _settings: Settings | None = None) -> int:
    """Keep what is due, in small transactions; of how many entries and cases. Safe to run twice, and beside
    another."""
    with store.reading(KEEPER) as work:
        if not work_is_to_be_kept(work):
            return 0
    kept, ends = 0, time.monotonic() + SECONDS
    while time.monotonic() < ends:
        with store.unit_of_work(KEEPER) as work:
            count = keep_next(work)
            mark = find_mark(work.session)
        if not count:
            if mark is not None and mark.repaired and mark.walk_ended_at == work.now:
                log.warning("kept_work_was_wrong", cases=mark.repaired)
            break
        kept += count
    return kept
