"""The desk's own days under another routing policy, and those to come, for managers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from desk.actions.routing.handling import ask_to_learn
from desk.actions.routing.policy_replays import ask_for_replay, replay_shown, replays_shown
from desk.actions.routing.staffing_ahead import staffing_shown
from desk.http.entrance import allow, body, query, reading, work
from desk.http.schemas.routing import ReplayForm, StaffingQuery
from desk.model.permission import Permission

blueprint = Blueprint("routing_replays", __name__)


@blueprint.get("/routing/replays")
@allow(Permission.READ_SETUP)
def replays() -> dict[str, Any]:
    """Those that are kept, the latest first, without their figures."""
    with reading() as w:
        return {"rows": replays_shown(w)}


@blueprint.get("/routing/replays/<int:replay_id>")
@allow(Permission.READ_SETUP)
def replay(replay_id: int) -> dict[str, Any]:
    """One, with how far it is, and its result."""
    with reading() as w:
        return replay_shown(w, replay_id)


@blueprint.post("/routing/replays")
@allow(Permission.EDIT_POLICIES)
@body(ReplayForm)
def asked(body: ReplayForm) -> tuple[dict[str, Any], int]:
    """Compare a version with the one in force over these days, soon."""
    with work() as w:
        return ask_for_replay(w, body.first, body.last, body.version), 202


@blueprint.get("/routing/staffing")
@allow(Permission.READ_SETUP)
@query(StaffingQuery)
def staffing(query: StaffingQuery) -> dict[str, Any]:
    """What is expected by half hour in the days to come, and the agents it takes; told by the night."""
    with reading() as w:
        return staffing_shown(w, query.days, in_time=query.in_time / 100, within=query.within)


@blueprint.post("/routing/staffing")
@allow(Permission.EDIT_POLICIES)
def told_anew() -> tuple[str, int]:
    """Have the past read anew; a worker does it within seconds."""
    with work() as w:
        ask_to_learn(w)
    return "", 202
