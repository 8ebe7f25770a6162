"""Agents, read for the setup page: with teams, skills, places and when they were last here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from desk.model.agent import Agent
from desk.model.case import Case, CaseStatus
from desk.model.permission import Role

_AGENTS = text(
    """
    SELECT a.id, a.name, a.email, a.role, a.disabled_at IS NULL AS active, a.assigned_only,
      ARRAY(SELECT team_id FROM team_members WHERE agent_id = a.id ORDER BY 1) AS team_ids,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('skill_id', skill_id, 'level', level)
         ORDER BY skill_id), '[]') FROM proficiencies WHERE agent_id = a.id) AS skills,
      (SELECT coalesce(jsonb_object_agg(channel, most), '{}') FROM capacities
         WHERE agent_id = a.id) AS capacity,
      coalesce(p.state, 'offline') AS presence, a.totp_confirmed_at IS NOT NULL AS totp,
      greatest(p.seen_at, (SELECT max(seen_at) FROM sessions WHERE agent_id = a.id)) AS last_seen_at
    FROM agents a LEFT JOIN presences p ON p.agent_id = a.id
    WHERE CAST(:agent_id AS bigint) IS NULL OR a.id = :agent_id
    ORDER BY a.disabled_at IS NOT NULL, a.name, a.id
    """
)


def agent_rows(session: Session, agent_id: int | None = None) -> list[dict[str, Any]]:
    """Everybody, or one, with all that the form needs; whoever was disabled last in the list."""
    return [dict(row) for row in session.execute(_AGENTS, {"agent_id": agent_id}).mappings()]


def other_admins(session: Session, agent_id: int) -> int:
    """How many could still set the desk up without this agent."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Agent)
            .where(Agent.role == Role.ADMIN, Agent.disabled_at.is_(None), Agent.id != agent_id)
        )
        or 0
    )


def hold_open_cases_of(session: Session, agent_id: int) -> list[Case]:
    """The open work of an agent, each case held, in the order of the numbers."""
    done = (CaseStatus.RESOLVED, CaseStatus.CLOSED)
    return list(
        session.scalars(
            select(Case)
            .where(Case.assignee_id == agent_id, Case.status.not_in(done), Case.merged_into_id.is_(None))
            .order_by(Case.id)
            .with_for_update(of=Case)
        )
    )
