"""Search over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from desk.actions.searching import search
from desk.http.entrance import allow, query, searching
from desk.http.schemas.customers import Searched
from desk.model.permission import Permission
from desk.store.search import Wanted

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@allow(Permission.READ_CASES)
@query(Searched)
def found(query: Searched) -> dict[str, Any]:
    """Cases, messages and customers that hold the words; of one kind, page by page."""
    wanted = Wanted(
        words=query.q,
        status=query.status,
        queue_id=query.queue_id,
        assignee_id=query.assignee_id,
        since=query.since,
        until=query.until,
    )
    with searching() as w:
        return search(w, wanted, query.kind, cursor=query.cursor, limit=query.limit)
