"""Cases that belong to the second level by a rule are raised to it."""

from __future__ import annotations

from desk.actions.cases.second_level import cases_to_raise, raise_case
from desk.model.errors import DeskError
from desk.model.permission import system
from desk.settings import Settings
from desk.store.routing.first_level import any_rule
from desk.store.unit_of_work import Store

CLOCK = system("clock")
BATCH = 200


def raise_cases(store: Store, _settings: Settings | None = None) -> int:
    """Raise what a rule holds for by now; how many. Each in a unit of work of its own; safe to run twice."""
    with store.reading(CLOCK) as work:
        due = cases_to_raise(work, BATCH) if any_rule(work.session) else ()
    return sum(_raised(store, case_id) for case_id in due)


def _raised(store: Store, case_id: int) -> bool:
    try:
        with store.unit_of_work(CLOCK) as work:
            raise_case(work, case_id)
    except DeskError:
        # Somebody was faster, and is right.
        return False
    return True
