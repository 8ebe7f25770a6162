"""Search over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from desk.actions.searching import search, without_topic
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
    words, topic_id = without_topic(query.q)
    wanted = Wanted(
        words=words,
        status=query.status,
        queue_id=query.queue_id,
        assignee_id=query.assignee_id,
        topic_id=query.topic_id or topic_id,
        since=query.since,
        until=query.until,
    )
    with searching() as w:
        return search(w, wanted, query.kind, cursor=query.cursor, limit=query.limit)
