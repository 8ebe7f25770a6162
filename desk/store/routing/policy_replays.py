"""Replays that managers asked for: those that wait, and those that were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, undefer

from desk.model.routing_policy import PolicyReplay


def waiting_replay(session: Session, abandoned_before: datetime) -> PolicyReplay | None:
    """The oldest that nobody has begun, or that was begun so long ago that whoever did is gone; held."""
    return session.scalars(
        select(PolicyReplay)
        .where(
            PolicyReplay.finished_at.is_(None),
            or_(PolicyReplay.started_at.is_(None), PolicyReplay.started_at < abandoned_before),
        )
        .order_by(PolicyReplay.id)
        .limit(1)
        .options(undefer(PolicyReplay.bodies))
        .with_for_update(skip_locked=True)
    ).one_or_none()


def unfinished_replay(session: Session) -> PolicyReplay | None:
    """The newest that has no result yet."""
    return session.scalars(
        select(PolicyReplay)
        .where(PolicyReplay.finished_at.is_(None))
        .order_by(PolicyReplay.id.desc())
        .limit(1)
    ).one_or_none()


def newest_replays(session: Session, limit: int) -> Sequence[PolicyReplay]:
    """The latest first."""
    return session.scalars(select(PolicyReplay).order_by(PolicyReplay.id.desc()).limit(limit)).all()


def keep_newest(session: Session, count: int) -> None:
    """Older ones are forgotten."""
    last = select(PolicyReplay.id).order_by(PolicyReplay.id.desc()).offset(count).limit(1).scalar_subquery()
    session.execute(
        delete(PolicyReplay)
        .where(PolicyReplay.id <= last, PolicyReplay.finished_at.is_not(None))
        .execution_options(synchronize_session=False)
    )
