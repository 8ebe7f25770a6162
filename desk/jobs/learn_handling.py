"""Handle times, learnt once a night and when somebody asks."""

from __future__ import annotations

import structlog

from desk.actions.handling import keep_learnt, learning_is_due, learnt_now
from desk.model.permission import system
from desk.settings import Settings
from desk.store.holds import hold
from desk.store.unit_of_work import Store

LEARNER = system("learner")
log = structlog.get_logger()


def learn_handling(store: Store, _settings: Settings) -> int:
    """Learn them where it is due; of how many agents and queues. Safe to run twice."""
    with store.reading(LEARNER) as work:
        if not learning_is_due(work):
            return 0
        found = learnt_now(work)
        begun = work.now
    with store.unit_of_work(LEARNER, now=begun) as work:
        hold(work.session, "handle times")
        count = keep_learnt(work, found)
    log.info("handle_times_learnt", of=count)
    return count
