"""A person's tasks and diary over HTTP: one's own, and everybody's for those who watch the floor."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint

from desk.actions.people.diary import diary_shown, tasks_shown
from desk.http.entrance import Asked, allow, query, reading, work
from desk.model.permission import Permission

blueprint = Blueprint("diary", __name__)


class DayQuery(Asked):
    """A day of the desk's zone; today, unless it is said."""

    day: date | None = None


@blueprint.get("/agents/<int:agent_id>/tasks")
@allow(Permission.READ_CASES)
def tasks(agent_id: int) -> dict[str, Any]:
    """What an agent has to do: promises that come due, cases that wake, customers to keep."""
    with reading() as w:
        return tasks_shown(w, agent_id)


@blueprint.get("/agents/<int:agent_id>/diary")
@allow(Permission.READ_CASES)
@query(DayQuery)
def diary(agent_id: int, query: DayQuery) -> dict[str, Any]:
    """What an agent did on a day. Reading another's is noted."""
    with work() as w:
        return diary_shown(w, agent_id, query.day)
