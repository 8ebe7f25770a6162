"""A customer's cases, page by page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from desk.model.case import Case
from desk.model.permission import Actor
from desk.store.cases.reading import visible_to
from desk.store.cursors import cursor_of, place_of


def page_of_customer_cases(
    session: Session, actor: Actor, customer_id: int, *, cursor: str | None = None, limit: int = 50
) -> tuple[list[dict[str, Any]], str | None]:
    """`{id, subject, status, opened_at}` of those that the actor may know of, newest first."""
    statement = (
        select(Case.id, Case.subject, Case.status, Case.opened_at)
        .where(Case.customer_id == customer_id, visible_to(actor))
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        at, key = place_of(cursor, "opened")
        statement = statement.where(or_(Case.opened_at < at, and_(Case.opened_at == at, Case.id < key)))
    rows = [dict(row._mapping) for row in session.execute(statement)]
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], cursor_of("opened", last["opened_at"], last["id"]) if last else None
