"""What time alone does to clocks: many at once are warned of, or missed, in a few statements."""

from __future__ import annotations

import json

from desk.model.events import ClockDueSoon, ClockMissed
from desk.store.clocks.reading import note_passed, passed_by
from desk.store.unit_of_work import Work

WARNED = "A quarter of its time is left."
MISSED = "Its time was up."


def note_time(work: Work, limit: int) -> int:
    """Note the warnings and misses whose moment has passed, the earliest first; how many, at most `limit`.

    A clock that somebody holds at this moment is left for the next call: the deed in progress may
    just be keeping its promise.
    """
    rows = passed_by(work.session, work.now, limit)
    if not rows:
        return 0
    passed = []
    for row in rows:
        is_missed = row.due_at < work.now
        kind, at = ("missed", row.due_at) if is_missed else ("warned", row.wakes_at)
        passed.append({"id": row.id, "kind": kind, "at": at.isoformat()})
        event = ClockMissed if is_missed else ClockDueSoon
        work.record(
            event(case_id=row.case_id, queue_id=row.queue_id, assignee_id=row.assignee_id, clock=row.kind)
        )
    note_passed(work.session, json.dumps(passed), work.now, work.actor.key, WARNED, MISSED)
    return len(rows)
