"""The history of a case, read newest first, with people by their names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, cast, func, literal, select
from sqlalchemy.orm import Session

from desk.model.agent import Agent
from desk.model.case import CaseChange
from desk.store.cursors import number_cursor, number_of


def page_of_history(
    session: Session, case_id: int, *, cursor: str | None = None, limit: int = 50
) -> tuple[list[dict[str, Any]], str | None]:
    """Lines as `{id, at, who, sentence, why}`, and the cursor of the next page."""
    statement = (
        select(
            CaseChange.id,
            CaseChange.at,
            func.coalesce(Agent.name, "Desk").label("who"),
            CaseChange.sentence,
            CaseChange.why,
        )
        .outerjoin(Agent, CaseChange.actor == literal("agent:") + cast(Agent.id, String))
        .where(CaseChange.case_id == case_id)
        .order_by(CaseChange.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        statement = statement.where(CaseChange.id < number_of(cursor))
    rows = [dict(row._mapping) for row in session.execute(statement)]
    following = number_cursor(rows[limit - 1]["id"]) if len(rows) > limit else None
    return rows[:limit], following
