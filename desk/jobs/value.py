"""Values of all customers, computed when a run waits: read, compute without the database, write."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import structlog

from desk.actions.customers.worth import begin_run, finish_run
from desk.model.permission import system
from desk.settings import Settings
from desk.store.customers.worth import purchases_seen, standings, waiting_run
from desk.store.unit_of_work import Store

VALUER = system("valuer")
log = structlog.get_logger()


def value_customers(store: Store, settings: Settings) -> int:
    """Do the run that waits, if one does; safe to run twice, and begun anew where a worker died in it."""
    with store.reading(VALUER) as work:
        if waiting_run(work.session, work.now) is None:
            return 0
    with store.unit_of_work(VALUER) as work:
        run = begin_run(work)
    if run is None:
        return 0
    with store.reading(VALUER) as work:
        rows = purchases_seen(work.session, run, run.policy["time_zone"])
        before = standings(work.session)
    # SciPy takes a second and 60 MB: only a worker that has a run to do imports it.
    valuing: Any = import_module("desk.jobs.valuing")
    found = valuing.computed(rows, run, before)
    with store.unit_of_work(VALUER) as work:
        changed = finish_run(work, run.id, found)
    log.info("customers_valued", run=run.id, customers=len(found.tiers), tiers_changed=changed)
    return 1
