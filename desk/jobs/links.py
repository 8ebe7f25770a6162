"""Links to one's own cases: mailed or not, out of sight of who asked for them."""

from __future__ import annotations

from desk.actions.knowledge.portal import decide_links
from desk.jobs.deliver import deliver_due
from desk.model.permission import system
from desk.settings import Settings
from desk.store.unit_of_work import Store

BATCH = 50
PAGE = "/help/cases/link/"


def mail_links(store: Store, settings: Settings) -> int:
    """Decide on every link that was asked for, and hand over what was mailed; safe to run twice."""
    page = settings.public_url.rstrip("/") + PAGE
    decided = 0
    while True:
        with store.unit_of_work(system("door")) as work:
            found = decide_links(work, page=page, per_hour=settings.acknowledgements_per_hour, limit=BATCH)
        decided += found
        if found < BATCH:
            break
    if decided:
        deliver_due(store, settings)
    return decided
