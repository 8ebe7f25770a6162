"""The second level: cases that are raised to it by a rule, and their way back by a person's word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from desk.actions.cases.edits import CaseEdit, apply_edit
from desk.actions.cases.history import add_event, note_change
from desk.actions.routing.assignments import assign
from desk.model.case import Case
from desk.model.errors import Conflict
from desk.model.queue import Queue
from desk.routing.second_level import FirstLevel, reason_to_raise
from desk.sla.calendars import hours_in
from desk.store.routing.first_level import may_rise
from desk.store.unit_of_work import Work

LOOKED_AT = 2000


def cases_to_raise(work: Work, limit: int) -> Sequence[int]:
    """Cases that belong to the second level by now, the oldest first."""
    rows = may_rise(work.session, work.now, limit=LOOKED_AT)
    return [row.id for row in rows if _why(row, work.now) is not None][:limit]


def raise_case(work: Work, case_id: int) -> None:
    """Raise the case, with a line of history that says why. Where its queue names one for the second level it
    goes there, and back in line. Raises Conflict when no rule holds for it any more.
    """
    case = work.session.get_one(Case, case_id, with_for_update=True, populate_existing=True)
    rows = may_rise(work.session, work.now, limit=1, case_id=case_id)
    why = _why(rows[0], work.now) if rows else None
    if why is None:
        raise Conflict(f"No rule raises case {case_id} to the second level.")
    case.level = 2
    add_event(work, case, f"Raised to the second level. {why}")
    note_change(work, case, "level", "The desk raised the case to level 2", before=1, after=2, why=why)
    target = work.session.get(Queue, rows[0].to_queue_id) if rows[0].to_queue_id else None
    if target is not None and target.active and target.id != case.queue_id:
        if case.assignee_id is not None:
            assign(work, case, None, reason={"sentence": why, "reasons": []})
        apply_edit(work, case, CaseEdit(frozenset({"queue_id"}), queue_id=target.id))


def _why(row: Row[Any], now: datetime) -> str | None:
    stands = FirstLevel(hours_in(row.hours).between(row.opened_at, now), row.reopened, row.hard_category)
    return reason_to_raise(stands, minutes=row.minutes, reopens=row.reopens)
