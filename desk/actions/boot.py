"""What the page carries, so that the first paint fetches nothing."""

from __future__ import annotations

from typing import Any

from desk.actions.people.own import me_shown
from desk.actions.setup.rows import setup_shown
from desk.store.cases.lists import CaseFilter, counters, page_of_cases
from desk.store.journal import last_position
from desk.store.people.sessions import Caller
from desk.store.policies import policies
from desk.store.unit_of_work import Work

FIRST_VIEW = "mine"
FIRST_ROWS = 100


def boot(work: Work, caller: Caller) -> dict[str, Any]:
    """The caller, the first page of the first view, and where the journal stood before they were read."""
    position = last_position(work.session)
    kept = policies(work.session)
    wanted = CaseFilter(view=FIRST_VIEW, tab="open")
    rows, following = page_of_cases(work.session, work.actor, wanted, limit=FIRST_ROWS)
    return {
        "me": me_shown(work, caller),
        "csrf": caller.csrf,
        "desk": {"name": kept.get("desk_name", "Desk")},
        "demo": "demo_traffic" in kept,
        "setup": setup_shown(work),
        "counters": counters(work.session, work.actor),
        "page": {"view": FIRST_VIEW, "rows": rows, "next": following},
        "position": position,
    }
