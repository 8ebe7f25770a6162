"""Routing policies by version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Text, cast, select, text
from sqlalchemy.orm import Session

from desk.model.agent import Agent
from desk.model.routing_policy import RoutingPolicy, RoutingPolicyState


def active_body(session: Session) -> tuple[int, str] | None:
    """Version and body, as JSON, of the policy in force; None while the desk's first one is."""
    statement = select(RoutingPolicy.id, cast(RoutingPolicy.body, Text))
    row = session.execute(statement.where(RoutingPolicy.state == RoutingPolicyState.ACTIVE)).one_or_none()
    return None if row is None else (row.id, row.body)


def kept_body(session: Session, version: int) -> str | None:
    """Body, as JSON, of a version; None where there is none."""
    return session.scalar(select(cast(RoutingPolicy.body, Text)).where(RoutingPolicy.id == version))


def routing_policies(session: Session, limit: int = 200) -> Sequence[RoutingPolicy]:
    """Every version, newest first."""
    return session.scalars(select(RoutingPolicy).order_by(RoutingPolicy.id.desc()).limit(limit)).all()


def names_of_authors(session: Session, policies: Iterable[RoutingPolicy]) -> dict[int, str]:
    """Who wrote or activated these, by number."""
    numbers = {n for one in policies for n in (one.created_by_id, one.activated_by_id) if n is not None}
    return {
        row.id: row.name for row in session.execute(select(Agent.id, Agent.name).where(Agent.id.in_(numbers)))
    }


def find_routing_policy(session: Session, version: int) -> RoutingPolicy | None:
    """The version, held against a change by somebody else."""
    return session.get(RoutingPolicy, version, with_for_update=True, populate_existing=True)


def hold_active(session: Session) -> RoutingPolicy | None:
    """The version in force, held against whoever else activates one; None while it is the first."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('routing_policies'))"))
    statement = select(RoutingPolicy).where(RoutingPolicy.state == RoutingPolicyState.ACTIVE)
    return session.scalars(
        statement.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
