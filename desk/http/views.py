"""Saved views over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from desk.actions.cases.views import change_view, drop_view, save_view, view_shown, views_shown
from desk.http.entrance import allow, body, reading, work
from desk.http.schemas.cases import ViewChange, ViewForm
from desk.model.permission import Permission

blueprint = Blueprint("views", __name__)


@blueprint.get("/views")
@allow(Permission.READ_CASES)
def listed() -> dict[str, Any]:
    """My views, and the shared ones."""
    with reading() as w:
        return {"rows": views_shown(w), "next": None}


@blueprint.post("/views")
@allow(Permission.READ_CASES)
@body(ViewForm)
def make(body: ViewForm) -> tuple[dict[str, Any], int]:
    """Keep a filter under a name; sharing it takes the right to."""
    narrowed = body.filter.model_dump(mode="json", exclude_none=True)
    with work() as w:
        return view_shown(save_view(w, body.name, narrowed, shared=body.shared)), 201


@blueprint.patch("/views/<int:view_id>")
@allow(Permission.READ_CASES)
@body(ViewChange)
def change(view_id: int, body: ViewChange) -> dict[str, Any]:
    """Rename, narrow, share."""
    with work() as w:
        return view_shown(change_view(w, view_id, body.changes()))


@blueprint.delete("/views/<int:view_id>")
@allow(Permission.READ_CASES)
def drop(view_id: int) -> None:
    """The view is gone."""
    with work() as w:
        drop_view(w, view_id)
