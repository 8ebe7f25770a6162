"""Clocks whose calendar, or whose customer's tier, is not what it was when they were aimed: aimed anew."""

from __future__ import annotations

from desk.actions.clocks.deeds import keep_clocks
from desk.model.permission import system
from desk.settings import Settings
from desk.sla.rules import Deed, What
from desk.store.clocks.reading import outdated_cases
from desk.store.messages.conversations import lock_past_merges
from desk.store.unit_of_work import Store

BATCH = 200
WORKER = system("worker")
AIMED = Deed(What.QUEUE, "Other business hours hold for its queue.")
"""Said where nothing more exact is known: an edited calendar and a changed tier say so themselves."""


def aim_clocks(store: Store, settings: Settings | None = None) -> int:
    """Case by case, each in a unit of work of its own; how many cases."""
    last = aimed = 0
    while True:
        with store.reading(WORKER) as work:
            found = outdated_cases(work.session, BATCH, after=last)
        for case_id in found:
            with store.unit_of_work(WORKER) as work:
                keep_clocks(work, lock_past_merges(work.session, case_id), AIMED)
        aimed += len(found)
        if len(found) < BATCH:
            return aimed
        last = found[-1]
