"""What time alone makes due: asked every second, so each question rests on a partial index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from desk.model.access import Session as SignIn
from desk.model.assignment import Offer, OfferState
from desk.model.case import Case, CaseStatus
from desk.model.transit import Outbox, OutboxState
from desk.store.outbox import DUE


def mail_is_due(session: Session, now: datetime) -> bool:
    """Whether the outbox has something to hand over, or something whose carrier fell silent."""
    queued = exists().where(Outbox.state.in_(DUE), Outbox.not_before <= now)
    silent = exists().where(Outbox.state == OutboxState.SENDING, Outbox.lease_until <= now)
    return bool(session.scalar(select(queued | silent)))


def an_offer_ran_out(session: Session, now: datetime) -> bool:
    """Whether a live offer has passed its end."""
    return bool(
        session.scalar(select(exists().where(Offer.state == OfferState.LIVE, Offer.expires_at <= now)))
    )


def snoozed_until(session: Session, now: datetime, limit: int) -> Sequence[int]:
    """The cases whose sleep is over, the longest over first."""
    return session.scalars(
        select(Case.id)
        .where(Case.status == CaseStatus.SNOOZED, Case.snoozed_until <= now)
        .order_by(Case.snoozed_until)
        .limit(limit)
    ).all()


def resolved_before(session: Session, moment: datetime, limit: int) -> Sequence[int]:
    """The resolved cases whose grace window ended, oldest first."""
    return session.scalars(
        select(Case.id)
        .where(Case.status == CaseStatus.RESOLVED, Case.resolved_at <= moment)
        .order_by(Case.resolved_at)
        .limit(limit)
    ).all()


def forget_old_sessions(session: Session, before: datetime) -> int:
    """Rows of sessions that ended or expired before a moment, removed."""
    return session.execute(  # type: ignore[no-any-return, attr-defined]  # a CursorResult, for a DELETE
        delete(SignIn).where((SignIn.expires_at < before) | (SignIn.ended_at < before))
    ).rowcount
