"""Who is leaving gets a task: opened by a run of values, taken by an agent, closed with what came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from desk.customers.words import why_leaving
from desk.model.errors import Invalid, NotFound
from desk.model.events import RetentionTaskChanged
from desk.model.permission import Permission
from desk.model.retention import RetentionAction, RetentionOutcome, RetentionTask
from desk.model.worth import ValueRun
from desk.store.customers.retention import (
    Leaving,
    find_task,
    leaving_without_task,
    task_row,
    untouched_of_the_stayed,
)
from desk.store.unit_of_work import Work

TOLD_ONE_BY_ONE = 50
"""So many new tasks are told to the screens; after a larger run, that values were computed says enough."""


def open_retention_tasks(work: Work, run: ValueRun, policy: Mapping[str, Any]) -> int:
    """A task for each customer who is leaving, as the policy suggests by tier; how many were opened.

    Nobody has two at once, nor one within `rest_days` after another. A task that nobody took, of a
    customer who bought again, closes by itself.
    """
    for task in untouched_of_the_stayed(work.session):
        task.close(RetentionOutcome.UNPROMPTED, work.now)
        _tell(work, task)
    rested_since = work.now - timedelta(days=int(policy["rest_days"]))
    tasks = []
    for one in leaving_without_task(work.session, rested_since):
        action = RetentionAction(policy["actions"][one.tier])
        if action is not RetentionAction.NONE:
            tasks.append(_task(work, one, action, run))
    work.session.add_all(tasks)
    work.session.flush()
    if len(tasks) <= TOLD_ONE_BY_ONE:
        for task in tasks:
            _tell(work, task)
    return len(tasks)


def take_task(work: Work, task_id: int) -> dict[str, Any]:
    """I do it. Raises NotFound, InvalidTransition."""
    task = _task_for(work, task_id)
    if work.actor.agent_id is None:
        raise Invalid("Only an agent can take a task.")
    task.take(work.actor.agent_id)
    return _done(work, task)


def close_task(
    work: Work, task_id: int, outcome: RetentionOutcome, *, note: str, cost: Decimal | None
) -> dict[str, Any]:
    """It is over, and this came of it; whoever closes a task that nobody took did it.

    Raises NotFound, InvalidTransition.
    """
    task = _task_for(work, task_id)
    if task.agent_id is None and work.actor.agent_id is not None:
        task.take(work.actor.agent_id)
    task.close(outcome, work.now, note=note, cost=cost)
    return _done(work, task)


def _task(work: Work, one: Leaving, action: RetentionAction, run: ValueRun) -> RetentionTask:
    return RetentionTask(
        customer_id=one.customer_id,
        run_id=run.id,
        opened_at=work.now,
        reason=why_leaving({**vars(one), "currency": run.currency}) or "",
        action=action,
        worth=one.value,
        currency=run.currency,
    )


def _task_for(work: Work, task_id: int) -> RetentionTask:
    work.require(Permission.WORK_CASES)
    task = find_task(work.session, work.actor, task_id)
    if task is None:
        raise NotFound(f"There is no retention task {task_id}.")
    return task


def _done(work: Work, task: RetentionTask) -> dict[str, Any]:
    work.session.flush()
    _tell(work, task)
    return task_row(work.session, task.id)


def _tell(work: Work, task: RetentionTask) -> None:
    outcome = task.outcome.value if task.outcome else ""
    work.record(RetentionTaskChanged(task_id=task.id, customer_id=task.customer_id, outcome=outcome))
