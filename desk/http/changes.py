"""What a screen has missed while its line was down."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint
from pydantic import Field

from desk.actions.changes import changes_since
from desk.http.entrance import Asked, allow, query, reading
from desk.model.permission import Permission

blueprint = Blueprint("changes", __name__)


class SinceAsked(Asked):
    since: Annotated[int, Field(ge=0, lt=2**63)]


@blueprint.get("/changes")
@allow(Permission.SIGNED_IN)
@query(SinceAsked)
def changes(query: SinceAsked) -> dict[str, Any]:
    """The changes after a position, for this caller's eyes."""
    with reading() as w:
        missed = changes_since(w, query.since)
    return {"position": missed.position, "reload": missed.reload, "changes": missed.changes}
