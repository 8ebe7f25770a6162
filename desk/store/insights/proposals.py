"""Proposals, what became of them, and their readings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.model.agent import Agent
from desk.model.case import Case
from desk.model.errors import NotFound
from desk.model.permission import Actor
from desk.model.proposal import (
    TOUCHED,
    EffectReading,
    Proposal,
    ProposalEvent,
    ProposalEventKind,
    ProposalKind,
    ProposalState,
)
from desk.store.cases.reading import visible_to


def get_proposal(session: Session, proposal_id: int, *, lock: bool = False) -> Proposal:
    """Raises NotFound."""
    found = session.get(Proposal, proposal_id, with_for_update=lock or None)
    if found is None:
        raise NotFound(f"There is no proposal {proposal_id}.")
    return found


def every_proposal(session: Session, *, lock: bool = False) -> Sequence[Proposal]:
    """All that were not joined with another, the oldest first."""
    statement = select(Proposal).where(Proposal.joined_into_id.is_(None)).order_by(Proposal.id)
    return session.scalars(statement.with_for_update() if lock else statement).all()


def drafts_kept(session: Session) -> dict[int, dict[str, Any]]:
    """The draft of an article that each topic's proposal holds, by topic; the newest speaks."""
    rows = session.execute(
        select(Proposal.topic_id, Proposal.evidence["draft"])
        .where(Proposal.kind == ProposalKind.FAQ, Proposal.joined_into_id.is_(None))
        .order_by(Proposal.id)
    )
    return {row[0]: row[1] for row in rows if row[1]}


def proposals_shown(session: Session) -> list[tuple[Proposal, str | None]]:
    """(proposal, owner) of all that were not joined with another."""
    rows = session.execute(
        select(Proposal, Agent.name)
        .outerjoin(Agent, Agent.id == Proposal.owner_id)
        .where(Proposal.joined_into_id.is_(None))
        .order_by(Proposal.id)
    )
    return [(row[0], row[1]) for row in rows]


def waiting_for_article(session: Session, article_id: int) -> Sequence[Proposal]:
    """Accepted proposals that are done once this article is published."""
    return session.scalars(
        select(Proposal)
        .where(Proposal.article_id == article_id, Proposal.state == ProposalState.ACCEPTED)
        .with_for_update()
    ).all()


def in_effect(session: Session) -> Sequence[Proposal]:
    """Those that are being measured."""
    return session.scalars(
        select(Proposal)
        .where(Proposal.state == ProposalState.IN_EFFECT, Proposal.joined_into_id.is_(None))
        .order_by(Proposal.id)
    ).all()


def topics_touched(session: Session) -> set[int]:
    """Topics with a change that took effect, whatever came of it."""
    return set(session.scalars(select(Proposal.topic_id).where(Proposal.state.in_(TOUCHED))))


def events_of_proposal(session: Session, proposal_id: int) -> list[tuple[ProposalEvent, str | None]]:
    """What became of it, the newest first, each with who did it."""
    rows = session.execute(
        select(ProposalEvent, Agent.name)
        .outerjoin(Agent, Agent.id == ProposalEvent.agent_id)
        .where(ProposalEvent.proposal_id == proposal_id)
        .order_by(ProposalEvent.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def last_deed(session: Session, proposal_id: int) -> ProposalEvent | None:
    """The last thing that changed where it stands, and was not taken back."""
    for event in session.scalars(
        select(ProposalEvent)
        .where(
            ProposalEvent.proposal_id == proposal_id,
            ProposalEvent.kind != ProposalEventKind.RENEWED,
            ProposalEvent.kind != ProposalEventKind.TAKEN_BACK,
        )
        .order_by(ProposalEvent.id.desc())
    ):
        if not event.detail.get("taken_back"):
            return event
    return None


def get_deed(session: Session, event_id: int) -> ProposalEvent:
    """Raises NotFound; only what a person did can be taken back."""
    event = session.get(ProposalEvent, event_id, with_for_update=True)
    if event is None or event.agent_id is None or "before" not in event.detail:
        raise NotFound(f"There is no change {event_id} that could be taken back.")
    return event


def readings_of(session: Session, proposal_id: int) -> Sequence[EffectReading]:
    """The looks so far, the first first."""
    return session.scalars(
        select(EffectReading).where(EffectReading.proposal_id == proposal_id).order_by(EffectReading.weeks)
    ).all()


def newest_readings(session: Session) -> dict[int, EffectReading]:
    """Of each proposal the last look."""
    rows = session.scalars(select(EffectReading).order_by(EffectReading.weeks))
    return {one.proposal_id: one for one in rows}


def measured_effects(session: Session) -> dict[str, list[float]]:
    """By kind what changes of it did, where they were measured to the end."""
    ended = (ProposalState.PROVEN, ProposalState.NOT_PROVEN)
    rows = session.execute(
        select(Proposal.id, Proposal.kind, EffectReading.change)
        .join(EffectReading, EffectReading.proposal_id == Proposal.id)
        .where(Proposal.state.in_(ended), EffectReading.change.is_not(None))
        .order_by(Proposal.id, EffectReading.weeks)
    )
    last = {row.id: (row.kind, row.change) for row in rows}
    found: dict[str, list[float]] = {}
    for kind, change in last.values():
        found.setdefault(kind.value, []).append(change)
    return found


def cases_seen(session: Session, actor: Actor, case_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """`{id, subject, status}` of those among the cases that the actor may know of."""
    rows = session.execute(
        select(Case.id, Case.subject, Case.status).where(Case.id.in_(case_ids), visible_to(actor))
    )
    return {row.id: {"id": row.id, "subject": row.subject, "status": row.status.value} for row in rows}
