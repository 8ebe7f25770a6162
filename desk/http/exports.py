"""Exports over HTTP: the list as it is shown, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from flask import Blueprint, Response, stream_with_context

from desk.actions.exports import cases_as_csv, note_export
from desk.http.cases import wanted_by
from desk.http.entrance import allow, query, reading, work
from desk.http.files import disposition
from desk.http.schemas.cases import Listed
from desk.model.permission import Permission

blueprint = Blueprint("exports", __name__)


@blueprint.get("/exports/cases.csv")
@allow(Permission.EXPORT)
@query(Listed)
def cases(query: Listed) -> Response:
    """Every row of a list, with the same filter as the list, streamed as CSV."""
    with work() as w:
        wanted = wanted_by(w, query)
        note_export(w, "cases", query.model_dump(mode="json", exclude_none=True))

    def rows() -> Iterator[str]:
        with ExitStack() as stack:
            w = stack.enter_context(reading())
            yield from cases_as_csv(w, wanted)

    response = Response(stream_with_context(rows()), mimetype="text/csv")
    response.headers["Content-Disposition"] = disposition("cases.csv", inline=False)
    return response
