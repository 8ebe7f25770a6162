"""The people who work here, for administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from desk.actions.people.agents import add_agent, agents_shown, change_agent, disable_agent
from desk.http.entrance import allow, body, reading, work
from desk.http.schemas.setup import AgentForm, change_of, given
from desk.model.permission import Permission

blueprint = Blueprint("agents", __name__)
_AgentChange = change_of(AgentForm)


@blueprint.get("/agents")
@allow(Permission.READ_SETUP)
def agents() -> dict[str, Any]:
    """Everybody, with teams, skills and places."""
    with reading() as w:
        return {"rows": agents_shown(w)}


@blueprint.post("/agents")
@allow(Permission.EDIT_AGENTS)
@body(AgentForm)
def added(body: AgentForm) -> tuple[dict[str, Any], int]:
    """Let somebody in; the answer holds the password that was made, this once."""
    with work() as w:
        row, password = add_agent(w, given(body))
        return ({**row, "password": password} if password else row), 201


@blueprint.patch("/agents/<int:agent_id>")
@allow(Permission.EDIT_AGENTS)
@body(_AgentChange)
def changed(agent_id: int, body: AgentForm) -> dict[str, Any]:
    """Change somebody's role, teams, skills, places, or let them in and out."""
    with work() as w:
        return change_agent(w, agent_id, given(body))


@blueprint.delete("/agents/<int:agent_id>")
@allow(Permission.EDIT_AGENTS)
def disabled(agent_id: int) -> None:
    """Show somebody out. The row stays: history names them."""
    with work() as w:
        disable_agent(w, agent_id)
