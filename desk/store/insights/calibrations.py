"""Calibrations: a reviewer's own, with the judgements that were given, and who may judge an agent's work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, exists, or_, select
from sqlalchemy.orm import Session, aliased

from desk.model.agent import Agent, TeamMember
from desk.model.case import Case
from desk.model.coaching import Calibration, CalibrationReview
from desk.model.permission import Role

_FIRST, _SECOND, _WORKED = aliased(Agent), aliased(Agent), aliased(Agent)
_ONE, _OTHER = aliased(TeamMember), aliased(TeamMember)


def calibrations_of(
    session: Session, reviewer_id: int, limit: int, *, calibration_id: int | None = None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Those that somebody judges in, or the one, the newest first: (Calibration, subject, names of the agent
    and of both reviewers).
    """
    asked = (
        select(Calibration, Case.subject, _WORKED.name, _FIRST.name, _SECOND.name)
        .join(Case, Case.id == Calibration.case_id)
        .join(_WORKED, _WORKED.id == Calibration.agent_id)
        .join(_FIRST, _FIRST.id == Calibration.first_id)
        .join(_SECOND, _SECOND.id == Calibration.second_id)
        .where(or_(Calibration.first_id == reviewer_id, Calibration.second_id == reviewer_id))
        .where(Calibration.dropped_at.is_(None))
    )
    if calibration_id is not None:
        asked = asked.where(Calibration.id == calibration_id)
    return session.execute(asked.order_by(Calibration.id.desc()).limit(limit)).all()


def reviews_of(session: Session, calibration_ids: Sequence[int]) -> dict[int, list[CalibrationReview]]:
    """The judgements that were given, by calibration."""
    found: dict[int, list[CalibrationReview]] = {number: [] for number in calibration_ids}
    asked = select(CalibrationReview).where(CalibrationReview.calibration_id.in_(found))
    for review in session.scalars(asked.order_by(CalibrationReview.id)):
        found[review.calibration_id].append(review)
    return found


def hold_calibration(session: Session, calibration_id: int) -> Calibration | None:
    """One, its row held: of two who judge at the same moment the second sees the first."""
    return session.get(Calibration, calibration_id, with_for_update=True, populate_existing=True)


def coaches_of(session: Session, agent_id: int) -> Sequence[Agent]:
    """Who coaches this agent, by name: managers and administrators of a team of theirs, or of no team."""
    shared = exists().where(
        _ONE.agent_id == Agent.id, _OTHER.team_id == _ONE.team_id, _OTHER.agent_id == agent_id
    )
    leads = exists().where(TeamMember.agent_id == Agent.id)
    coaches = Agent.role.in_((Role.MANAGER, Role.ADMIN)), Agent.disabled_at.is_(None), Agent.id != agent_id
    return session.scalars(select(Agent).where(*coaches, or_(shared, ~leads)).order_by(Agent.name)).all()
