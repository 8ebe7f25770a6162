"""Why a case is where it is: every decision about it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from desk.actions.routing.decisions import decisions_shown
from desk.http.entrance import allow, reading
from desk.model.permission import Permission

blueprint = Blueprint("decisions", __name__)


@blueprint.get("/cases/<int:case_id>/decisions")
@allow(Permission.READ_CASES)
def decisions(case_id: int) -> dict[str, Any]:
    """Every offer of a case with its reason, the newest first, and its place while it waits."""
    with reading() as w:
        return decisions_shown(w, case_id)
