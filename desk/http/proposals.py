"""Proposals over HTTP: the board, one with its evidence and looks, and what a person does with it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from flask import Blueprint
from pydantic import Field, StringConstraints

from desk.actions.insights import proposals
from desk.actions.insights.proposal_board import board_shown, proposal_shown
from desk.http.entrance import Asked, allow, body, reading, work
from desk.http.schemas.cases import Key
from desk.model.permission import Permission
from desk.model.proposal import LONGEST_REASON, ProposalEvent

blueprint = Blueprint("proposals", __name__)


class AcceptanceForm(Asked):
    """Who does it, and until which day, if one is named."""

    owner_id: Key
    due_on: date | None = None


class EffectForm(Asked):
    """The day from which it is in effect, in the desk's zone; it may be past."""

    since: date


class RefusalForm(Asked):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_REASON)]


class ArticleForm(Asked):
    collection_id: int = Field(ge=1, lt=2**63)
    as_reworded: bool = False


@blueprint.get("/proposals")
@allow(Permission.WATCH_FLOOR)
def board() -> dict[str, Any]:
    """All proposals, with where they stand and what they may spare."""
    with reading() as w:
        return {"rows": board_shown(w), "next": None}


@blueprint.get("/proposals/<int:proposal_id>")
@allow(Permission.WATCH_FLOOR)
def one(proposal_id: int) -> dict[str, Any]:
    """One proposal with evidence, quotes, draft, saving, looks and history."""
    with reading() as w:
        return proposal_shown(w, proposal_id)


@blueprint.put("/proposals/<int:proposal_id>/acceptance")
@allow(Permission.EDIT_POLICIES)
@body(AcceptanceForm)
def accepted(proposal_id: int, body: AcceptanceForm) -> dict[str, Any]:
    """Somebody does it, until a day if one is named."""
    with work() as w:
        return _done(proposals.accept_proposal(w, proposal_id, body.owner_id, body.due_on))


@blueprint.put("/proposals/<int:proposal_id>/effect")
@allow(Permission.EDIT_POLICIES)
@body(EffectForm)
def begun(proposal_id: int, body: EffectForm) -> dict[str, Any]:
    """It is in effect since a day, and measured from then on."""
    with work() as w:
        return _done(proposals.put_in_effect(w, proposal_id, body.since))


@blueprint.put("/proposals/<int:proposal_id>/refusal")
@allow(Permission.EDIT_POLICIES)
@body(RefusalForm)
def declined(proposal_id: int, body: RefusalForm) -> dict[str, Any]:
    """It is not done, for a reason; it comes back with new evidence alone."""
    with work() as w:
        return _done(proposals.decline_proposal(w, proposal_id, body.reason))


@blueprint.post("/proposals/<int:proposal_id>/article")
@allow(Permission.EDIT_POLICIES)
@body(ArticleForm)
def drafted(proposal_id: int, body: ArticleForm) -> tuple[dict[str, Any], int]:
    """The draft becomes an article for a person to edit and publish; its number."""
    with work() as w:
        article = proposals.draft_article(w, proposal_id, body.collection_id, as_reworded=body.as_reworded)
        return {"id": article.id}, 201


@blueprint.delete("/proposal-events/<int:event_id>")
@allow(Permission.EDIT_POLICIES)
def taken_back(event_id: int) -> None:
    """As it stood before."""
    with work() as w:
        proposals.take_back(w, event_id)


def _done(event: ProposalEvent) -> dict[str, Any]:
    return {"proposal_id": event.proposal_id, "event_id": event.id}
