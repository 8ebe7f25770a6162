"""Work for the signed-in agent: offers, the next case of what they take themselves, and their presence."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from pydantic import Field

from desk.actions.cases.detail import case_detail
from desk.actions.routing.assignments import accept
from desk.actions.routing.offers import decline, offers_shown
from desk.actions.routing.presence import set_presence
from desk.actions.routing.pulling import pull_next, queues_to_pull
from desk.http.entrance import Asked, allow, body, reading, work
from desk.model.permission import Permission
from desk.model.presence import PresenceState

blueprint = Blueprint("offers", __name__)


class NextAsked(Asked):
    queue_id: int | None = Field(None, description="One of my pull queues; without it, all of them.")


class PresenceAsked(Asked):
    state: PresenceState = Field(description="Whether the agent takes work now.")


@blueprint.get("/offers")
@allow(Permission.WORK_CASES)
def offers() -> dict[str, Any]:
    """The offers that stand before me, the first to end first."""
    with reading() as w:
        return {"rows": offers_shown(w)}


@blueprint.put("/offers/<int:offer_id>/acceptance")
@allow(Permission.WORK_CASES)
def acceptance(offer_id: int) -> dict[str, Any]:
    """Take the case."""
    with work() as w:
        return case_detail(w, accept(w, offer_id).id)


@blueprint.put("/offers/<int:offer_id>/refusal")
@allow(Permission.WORK_CASES)
def refusal(offer_id: int) -> None:
    """Pass: somebody else is asked."""
    with work() as w:
        decline(w, offer_id)


@blueprint.get("/next-case")
@allow(Permission.WORK_CASES)
def next_case_queues() -> dict[str, Any]:
    """The queues I take the next case from: what waits, what I have at hand, and how much I may."""
    with reading() as w:
        return {"rows": queues_to_pull(w)}


@blueprint.post("/next-case")
@allow(Permission.WORK_CASES)
@body(NextAsked)
def next_case(body: NextAsked) -> dict[str, Any]:
    """Take the next case of my pull queues; 409 says why there is none for me."""
    with work() as w:
        return case_detail(w, pull_next(w, body.queue_id).id)


@blueprint.put("/me/presence")
@allow(Permission.WORK_CASES)
@body(PresenceAsked)
def presence(body: PresenceAsked) -> dict[str, Any]:
    """Whether I take work."""
    with work() as w:
        now = set_presence(w, body.state)
        return {"state": now.state, "since": now.since}
