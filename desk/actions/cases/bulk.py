"""One change to many cases: each that cannot take it says why, and the others go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk.actions.cases.access import cases_for
from desk.actions.cases.deeds import hold_case, reopen_case, resolve_case, snooze_case, wake_case
from desk.actions.cases.detail import cases_shown
from desk.actions.cases.edits import CaseEdit, apply_edit, with_tags
from desk.actions.routing.assignments import assign
from desk.model.case import Case, CaseStatus, Priority
from desk.model.errors import Conflict, DeskError, Invalid
from desk.model.permission import Permission
from desk.store.unit_of_work import Work

MOST = 500


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What is wanted of every case; only the names in `given` are meant."""

    given: frozenset[str]
    assignee_id: int | None = None
    status: CaseStatus = CaseStatus.OPEN
    reason: str | None = None
    snoozed_until: datetime | None = None
    priority: Priority = Priority.NORMAL
    queue_id: int | None = None
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()


def change_many(work: Work, case_ids: Sequence[int], change: BulkChange) -> dict[str, list[dict[str, Any]]]:
    """`{changed: [Case], refused: [{id, sentence}]}`; a case is changed as a whole or not at all."""
    if not case_ids or len(case_ids) > MOST:
        raise Invalid(f"Choose 1 to {MOST} cases.", "ids")
    found = cases_for(work, case_ids, to=Permission.WORK_CASES)
    refused: list[dict[str, Any]] = []
    changed: list[int] = []
    for case_id in dict.fromkeys(case_ids):
        trouble = _change_one(work, found.get(case_id), case_id, change)
        if trouble is None:
            changed.append(case_id)
        else:
            refused.append({"id": case_id, "sentence": trouble})
    shown = cases_shown(work, changed)
    return {"changed": [shown[case_id] for case_id in changed], "refused": refused}


def _change_one(work: Work, case: Case | None, case_id: int, change: BulkChange) -> str | None:
    """None when done, else why not; what was half done is undone, and untold."""
    if case is None:
        return f"There is no case {case_id}."
    told = len(work.events)
    try:
        with work.session.begin_nested():
            _apply(work, case, change)
    except DeskError as error:
        del work.events[told:]
        return error.sentence
    return None


def _apply(work: Work, case: Case, change: BulkChange) -> None:
    if case.merged_into_id is not None:
        raise Conflict(f"Case {case.id} was merged into case {case.merged_into_id}.")
    if change.given & {"priority", "queue_id"}:
        edit = CaseEdit(
            change.given & {"priority", "queue_id"}, priority=change.priority, queue_id=change.queue_id
        )
        apply_edit(work, case, edit)
    if change.given & {"add_tags", "remove_tags"}:
        apply_edit(work, case, with_tags(case, add=change.add_tags, remove=change.remove_tags))
    if "assignee_id" in change.given:
        assign(work, case, change.assignee_id)
    if "status" in change.given:
        _change_status(work, case, change)
    if "snoozed_until" in change.given:
        if change.snoozed_until is None:
            wake_case(work, case.id)
        else:
            snooze_case(work, case.id, change.snoozed_until)


def _change_status(work: Work, case: Case, change: BulkChange) -> None:
    if change.status is CaseStatus.RESOLVED:
        resolve_case(work, case.id, change.reason)
    elif change.status is CaseStatus.ON_HOLD:
        hold_case(work, case.id)
    elif case.status in (CaseStatus.SNOOZED, CaseStatus.ON_HOLD):
        wake_case(work, case.id)
    else:
        reopen_case(work, case.id)
