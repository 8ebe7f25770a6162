"""The goals of metrics: those that hold, and every one there was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from desk.model.agent import Agent
from desk.model.goal import Goal

_OWNER, _AUTHOR = aliased(Agent), aliased(Agent)


def current_goals(session: Session) -> dict[str, dict[str, Any]]:
    """By metric: `{target, owner_id, owner, rhythm, at, by}`."""
    return {row.pop("metric"): row for row in _rows(session, Goal.is_current)}


def goals_of(session: Session, metric: str) -> Sequence[dict[str, Any]]:
    """Every goal that the metric had, the latest first."""
    return _rows(session, Goal.metric == metric)


def owned_goals(session: Session) -> Sequence[dict[str, Any]]:
    """Current goals whose owner is here: `{metric, target, rhythm, owner, email}`, as they were set."""
    asked = (
        select(Goal.metric, Goal.target, Goal.rhythm, Agent.name.label("owner"), Agent.email)
        .join(Agent, Agent.id == Goal.owner_id)
        .where(Goal.is_current, Agent.disabled_at.is_(None))
        .order_by(Goal.id)
    )
    return [dict(row) for row in session.execute(asked).mappings()]


def replace_goal(session: Session, goal: Goal) -> None:
    """This one holds from now on. The caller has made sure that nobody else does the same."""
    session.execute(
        update(Goal)
        .where(Goal.metric == goal.metric, Goal.is_current)
        .values(is_current=False)
        .execution_options(synchronize_session=False)
    )
    session.add(goal)
    session.flush()


def _rows(session: Session, wanted: Any) -> list[dict[str, Any]]:  # a condition of SQLAlchemy's
    asked = (
        select(
            Goal.metric, Goal.target, Goal.owner_id, _OWNER.name.label("owner"), Goal.rhythm, Goal.at,
            _AUTHOR.name.label("by"),
        )
        .outerjoin(_OWNER, _OWNER.id == Goal.owner_id)
        .outerjoin(_AUTHOR, _AUTHOR.id == Goal.agent_id)
        .where(wanted)
        .order_by(Goal.id.desc())
    )  # fmt: skip
    return [dict(row) for row in session.execute(asked).mappings()]
