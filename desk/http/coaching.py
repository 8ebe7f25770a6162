"""Coaching over HTTP: between an agent and the managers of their team."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from flask import Blueprint
from pydantic import Field, StringConstraints

from desk.actions.insights import coaching
from desk.http.entrance import Asked, allow, body, query, reading, work
from desk.http.schemas.cases import Key
from desk.model.coaching import EntryKind, GoalOutcome
from desk.model.permission import Permission

blueprint = Blueprint("coaching", __name__)


class SpanAsked(Asked):
    """So many days up to today, in the desk's zone."""

    days: int = Field(coaching.USUAL_DAYS, ge=7, le=366)


class CasesAsked(SpanAsked):
    """`topic_id` for cases of one topic; `draw` 1 for the next five of the lot."""

    topic_id: Key | None = None
    draw: int = Field(0, ge=0, le=1000)


class EntryForm(Asked):
    """`answers_id` for an answer, and then alone; `due_on` for a goal."""

    kind: EntryKind
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
    case_id: Key | None = None
    topic_id: Key | None = None
    answers_id: Key | None = None
    due_on: date | None = None


class OutcomeForm(Asked):
    outcome: GoalOutcome


@blueprint.get("/coaching/agents")
@allow(Permission.COACH)
def coached() -> dict[str, Any]:
    """Whom the caller coaches, by name."""
    with reading() as w:
        return coaching.coached_by_me(w)


@blueprint.get("/coaching/agents/<int:agent_id>")
@allow(Permission.SIGNED_IN)
@query(SpanAsked)
def shown(agent_id: int, query: SpanAsked) -> dict[str, Any]:
    """The agent beside peers on like cases, and what was said; for the agent and who coaches them."""
    with work() as w:
        return coaching.coaching_shown(w, agent_id, query.days)


@blueprint.get("/coaching/agents/<int:agent_id>/cases")
@allow(Permission.SIGNED_IN)
@query(CasesAsked)
def drawn(agent_id: int, query: CasesAsked) -> dict[str, Any]:
    """Cases to read, drawn by lot; for the agent and who coaches them."""
    with reading() as w:
        return coaching.cases_to_read(w, agent_id, **query.model_dump())


@blueprint.post("/coaching/agents/<int:agent_id>/entries")
@allow(Permission.SIGNED_IN)
@body(EntryForm)
def said(agent_id: int, body: EntryForm) -> tuple[dict[str, Any], int]:
    """A note or a goal of who coaches the agent, or an answer."""
    with work() as w:
        return {"id": coaching.say_in_coaching(w, agent_id, **body.model_dump()).id}, 201


@blueprint.put("/coaching/entries/<int:entry_id>/outcome")
@allow(Permission.COACH)
@body(OutcomeForm)
def ended(entry_id: int, body: OutcomeForm) -> None:
    """A goal is reached, or given up."""
    with work() as w:
        coaching.end_goal(w, entry_id, body.outcome)
