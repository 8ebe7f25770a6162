"""The whole record of one case: fields, every message, every line of history."""

from __future__ import annotations

from typing import Any

from desk.actions.cases.access import case_for
from desk.actions.cases.detail import case_shown
from desk.actions.messages.shown import ask_for_messages
from desk.model.permission import Permission
from desk.store.cases.history import page_of_history
from desk.store.unit_of_work import Work

PAGE = 200


def case_record(work: Work, case_id: int) -> dict[str, Any]:
    """`{case, messages, history}`; messages from the first, history from the latest. Raises NotFound."""
    case = case_for(work, case_id, to=Permission.READ_CASES)
    messages: list[dict[str, Any]] = []
    more = True
    while more:
        after = messages[-1]["position"] if messages else 0
        page, more = ask_for_messages(work, case.id, after=after, limit=PAGE).shown(work.now)
        messages += page
    history: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        lines, cursor = page_of_history(work.session, case.id, cursor=cursor, limit=PAGE)
        history += lines
        if cursor is None:
            return {"case": case_shown(work, case.id), "messages": messages, "history": history}
