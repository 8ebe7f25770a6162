"""What customers are worth, over HTTP: runs, lists, and the tasks to keep those who are leaving."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, stream_with_context
from pydantic import Field, StringConstraints

from desk.actions.customers.retention import close_task, take_task
from desk.actions.customers.worth import ask_for_values, run_shown, values_shown
from desk.actions.exports import as_csv, note_export
from desk.http.entrance import Asked, allow, body, query, reading, work
from desk.http.files import disposition
from desk.http.schemas.cases import Page
from desk.model.customer import Tier
from desk.model.permission import Permission
from desk.model.retention import RetentionOutcome
from desk.store.customers.retention import every_value, page_of_tasks, page_of_values

blueprint = Blueprint("values", __name__)

COLUMNS = (
    "customer_id", "customer", "tier", "tier_by_hand", "value", "low", "high", "alive", "purchases",
    "recency", "frequency", "monetary", "r", "f", "m", "habit", "lately", "spends_less", "fell_silent",
    "run_id",
)  # fmt: skip


class ValuesAsked(Asked):
    """`leaving` for those alone who are leaving; `tier` narrows."""

    leaving: bool = False
    tier: Tier | None = None


class ValuesPage(ValuesAsked, Page):
    pass


class TasksAsked(Page):
    state: Literal["open", "closed"] = "open"


class OutcomeAsked(Asked):
    """What came of the task; `cost` in its currency."""

    outcome: RetentionOutcome
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    cost: Decimal | None = Field(None, ge=0, lt=10**12, decimal_places=2)


@blueprint.get("/values")
@allow(Permission.READ_SETUP)
def shown() -> dict[str, Any]:
    """The last run with its parameters and remarks, tiers in numbers, and how values are computed."""
    with reading() as w:
        return values_shown(w)


@blueprint.post("/value-runs")
@allow(Permission.EDIT_POLICIES)
def ask() -> tuple[dict[str, Any], int]:
    """Compute all values anew, soon; the run that waits already is as good."""
    with work() as w:
        return run_shown(ask_for_values(w)), 202


@blueprint.get("/values/customers")
@allow(Permission.READ_SETUP)
@query(ValuesPage)
def customers(query: ValuesPage) -> dict[str, Any]:
    """Customers with their figures, the most valuable first."""
    with reading() as w:
        rows, following = page_of_values(
            w.session, leaving=query.leaving, tier=query.tier, cursor=query.cursor, limit=query.limit
        )
        return {"rows": rows, "next": following}


@blueprint.get("/exports/values.csv")
@allow(Permission.EXPORT)
@query(ValuesAsked)
def as_table(query: ValuesAsked) -> Response:
    """The same list whole, as CSV."""
    with work() as w:
        note_export(w, "values", query.model_dump(mode="json", exclude_none=True))

    def rows() -> Iterator[str]:
        with ExitStack() as stack:
            w = stack.enter_context(reading())
            yield from as_csv(COLUMNS, every_value(w.session, leaving=query.leaving, tier=query.tier))

    response = Response(stream_with_context(rows()), mimetype="text/csv")
    response.headers["Content-Disposition"] = disposition("values.csv", inline=False)
    return response


@blueprint.get("/retention-tasks")
@allow(Permission.READ_CUSTOMERS)
@query(TasksAsked)
def tasks(query: TasksAsked) -> dict[str, Any]:
    """Tasks to keep customers; closed ones with what came of them and what was spent since."""
    with reading() as w:
        rows, following = page_of_tasks(
            w.session, w.actor, is_open=query.state == "open", cursor=query.cursor, limit=query.limit
        )
        return {"rows": rows, "next": following}


@blueprint.put("/retention-tasks/<int:task_id>/agent")
@allow(Permission.WORK_CASES)
def take(task_id: int) -> dict[str, Any]:
    """I do it."""
    with work() as w:
        return take_task(w, task_id)


@blueprint.put("/retention-tasks/<int:task_id>/outcome")
@allow(Permission.WORK_CASES)
@body(OutcomeAsked)
def close(task_id: int, body: OutcomeAsked) -> dict[str, Any]:
    """It is over, and this came of it."""
    with work() as w:
        return close_task(w, task_id, body.outcome, note=body.note, cost=body.cost)
