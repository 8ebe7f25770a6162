"""The export of facts that queries read, written anew when somebody asked and the last is old."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import structlog

from desk.actions.insights.facts import export_facts
from desk.model.permission import system
from desk.store.insights.facts import kept
from desk.store.unit_of_work import Store

log = structlog.get_logger()
KEEPER = system("keeper of facts")


def keep_facts(store: Store, home: Path, now: datetime) -> int:
    """Write the export if one is wanted, without names; how many rows it has. Safe to run twice."""
    if not kept.is_wanted(home):
        return 0
    try:
        return sum(export_facts(store, KEEPER, kept.place_for(home, now), names=False).values())
    except Exception:
        # The analyst has other work; the next query asks for facts again.
        log.exception("facts_not_kept")
        return 0
    finally:
        kept.no_longer_wanted(home)
