"""What the desk's own past says, read by night and when somebody asks: handle times, and what is to come."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import structlog

from desk.actions.routing.handling import keep_learnt, learning_is_due, learnt_now
from desk.actions.routing.staffing_ahead import keep_ahead
from desk.model.errors import Invalid
from desk.model.permission import system
from desk.settings import Settings
from desk.store.holds import hold
from desk.store.unit_of_work import Store

LEARNER = system("learner")
log = structlog.get_logger()


def look_back(store: Store, _settings: Settings) -> int:
    """Learn where it is due; of how many agents and queues. Safe to run twice."""
    with store.reading(LEARNER) as work:
        if not learning_is_due(work):
            return 0
        found = learnt_now(work)
        begun = work.now
    ahead, problem = _ahead(store)
    with store.unit_of_work(LEARNER, now=begun) as work:
        hold(work.session, "handle times")
        count = keep_learnt(work, found)
        keep_ahead(work, ahead, problem)
    log.info("looked_back", handle_times=count, forecast=problem is None)
    return count


def _ahead(store: Store) -> tuple[Any, str | None]:
    # SciPy takes a second and 60 MB: only a worker that has this to do imports it.
    forecasting: Any = import_module("desk.actions.routing.forecasting")
    try:
        with store.reading(LEARNER) as work:
            return forecasting.look_ahead(work), None
    except Invalid as refused:
        return None, str(refused)
