"""What suggestions spared, over HTTP: in all and by article, beside those who were held out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from pydantic import Field

from desk.actions.exports import note_export
from desk.actions.knowledge.deflection import deflection_as_csv, deflection_shown
from desk.http.entrance import Asked, allow, query, reading, work
from desk.http.files import disposition
from desk.model.permission import Permission

blueprint = Blueprint("deflection", __name__)


class DaysAsked(Asked):
    """Sessions that began within so many days, not counting the last 72 hours."""

    days: int = Field(90, ge=1, le=180)


@blueprint.get("/deflection")
@allow(Permission.WATCH_FLOOR)
@query(DaysAsked)
def shown(query: DaysAsked) -> dict[str, Any]:
    """Contacts spared by suggestions, with the interval."""
    with reading() as w:
        return deflection_shown(w, days=query.days)


@blueprint.get("/exports/deflection.csv")
@allow(Permission.EXPORT)
@query(DaysAsked)
def export(query: DaysAsked) -> Response:
    """The same as CSV, a line an article."""
    with work() as w:
        note_export(w, "deflection", query.model_dump())
        table = "".join(deflection_as_csv(w, days=query.days))
    response = Response(table, mimetype="text/csv")
    response.headers["Content-Disposition"] = disposition("deflection.csv", inline=False)
    return response
