"""Saved views, read by those who may use them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from desk.model.agent import SavedView


def views_of_agent(session: Session, agent_id: int | None) -> Sequence[SavedView]:
    """The agent's own and the shared ones, by name."""
    return session.scalars(
        select(SavedView)
        .where(or_(SavedView.agent_id == agent_id, SavedView.shared))
        .order_by(SavedView.name, SavedView.id)
    ).all()


def find_view(session: Session, view_id: int, agent_id: int | None) -> SavedView | None:
    """The view, where it is the agent's own or shared."""
    return session.scalar(
        select(SavedView).where(
            SavedView.id == view_id, or_(SavedView.agent_id == agent_id, SavedView.shared)
        )
    )
