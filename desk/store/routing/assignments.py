"""Offers and assignments, kept: which are live, which are due, and how they end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, select, text, update
from sqlalchemy.orm import Session, aliased

from desk.model.agent import Agent
from desk.model.assignment import Assignment, Offer, OfferState


def find_live_offer(session: Session, case_id: int) -> Offer | None:
    """The offer that stands for a case; there is never more than one."""
    return session.scalar(select(Offer).where(Offer.case_id == case_id, Offer.state == OfferState.LIVE))


def decisions_of(session: Session, case_id: int, limit: int = 50) -> Sequence[Row[Offer, str]]:
    """Every offer of a case with its reason and its agent's name, the newest first."""
    statement = select(Offer, Agent.name).join(Agent, Agent.id == Offer.agent_id)
    return session.execute(
        statement.where(Offer.case_id == case_id).order_by(Offer.id.desc()).limit(limit)
    ).all()


def pulled_of(session: Session, case_id: int, limit: int = 50) -> Sequence[Row[Assignment, str]]:
    """Every time that somebody took the case as their next one, with their name, the newest first."""
    statement = select(Assignment, Agent.name).join(Agent, Agent.id == Assignment.agent_id)
    taken = Assignment.offer_id.is_(None) & Assignment.reason.has_key("chosen")
    return session.execute(
        statement.where(Assignment.case_id == case_id, taken).order_by(Assignment.id.desc()).limit(limit)
    ).all()


def live_offers_of(session: Session, agent_id: int) -> Sequence[Offer]:
    """What stands before an agent, the oldest first."""
    return session.scalars(
        select(Offer).where(Offer.agent_id == agent_id, Offer.state == OfferState.LIVE).order_by(Offer.id)
    ).all()


def due_offers(session: Session, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Live offers to end: their time is over, or their case does not wait any more.

    Each as (id, agent_id, waits); `waits` is False where somebody has the case, or nobody wants it.
    """
    return session.execute(
        text(
            """
            SELECT * FROM (
                SELECT o.id, o.agent_id, o.expires_at,
                       c.status = 'open' AND c.assignee_id IS NULL AND c.merged_into_id IS NULL AS waits
                FROM offers o JOIN cases c ON c.id = o.case_id WHERE o.state = 'live') live
            WHERE live.expires_at <= :now OR NOT live.waits
            ORDER BY live.expires_at LIMIT :limit
            """
        ),
        {"now": now, "limit": limit},
    ).all()


def end_offers(
    session: Session, offer_ids: Collection[int], state: OfferState, now: datetime
) -> Sequence[Offer]:
    """Compare and set: those of the offers that were live until this moment, now ended."""
    if not offer_ids:
        return []
    return session.scalars(
        update(Offer)
        .where(Offer.id.in_(sorted(offer_ids)), Offer.state == OfferState.LIVE)
        .values(state=state, ended_at=now)
        .returning(Offer),
        execution_options={"populate_existing": True},
    ).all()


def agents_silent_over(session: Session, offer_ids: Collection[int]) -> Sequence[int]:
    """Whose these offers were, once for each that they let pass without an answer to any other."""
    if not offer_ids:
        return []
    other = aliased(Offer)
    answered = exists().where(
        other.agent_id == Offer.agent_id,
        other.state.in_((OfferState.ACCEPTED, OfferState.DECLINED)),
        other.ended_at >= Offer.offered_at,
    )
    return session.scalars(select(Offer.agent_id).where(Offer.id.in_(sorted(offer_ids)), ~answered)).all()


def find_stint(session: Session, case_id: int) -> Assignment | None:
    """The assignment that lives on a case."""
    return session.scalar(
        select(Assignment).where(Assignment.case_id == case_id, Assignment.ended_at.is_(None))
    )
