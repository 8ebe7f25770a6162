"""Presence, kept: who takes work, when their browser was last seen, how many offers they missed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from desk.model.presence import Presence, PresenceState


def find_presence(session: Session, agent_id: int) -> Presence | None:
    """The agent's presence as it is now; None for one who never was here."""
    return session.scalar(
        select(Presence).where(Presence.agent_id == agent_id).execution_options(populate_existing=True)
    )


def note_seen(session: Session, agent_id: int, now: datetime, *, at_least: timedelta) -> None:
    """Move `seen_at` on, where it is older than `at_least`: one write a while, not one a sign."""
    session.execute(
        update(Presence)
        .where(Presence.agent_id == agent_id, Presence.seen_at < now - at_least)
        .values(seen_at=now)
    )


def silent_agents(session: Session, since: datetime, limit: int) -> Sequence[int]:
    """Agents who count as here and have given no sign since then."""
    return session.scalars(
        select(Presence.agent_id)
        .where(Presence.state != PresenceState.OFFLINE, Presence.seen_at < since)
        .order_by(Presence.agent_id)
        .limit(limit)
    ).all()


def note_idle(session: Session, agent_id: int, now: datetime) -> None:
    """From now on the agent counts as waiting for work."""
    session.execute(update(Presence).where(Presence.agent_id == agent_id).values(idle_since=now))


def count_missed(session: Session, missed_by: Collection[int], *, most: int) -> list[int]:
    """Count missed offers, one for each mention of an agent in `missed_by`.

    Returns those available who have now missed `most` or more in a row.
    """
    rows = session.execute(
        text(
            """
            UPDATE presences p SET missed_offers = p.missed_offers + m.n
            FROM (SELECT agent_id, count(*) AS n FROM unnest(CAST(:missed_by AS bigint[])) AS agent_id
                  GROUP BY agent_id) m
            WHERE p.agent_id = m.agent_id
            RETURNING p.agent_id, p.missed_offers, p.state
            """
        ),
        {"missed_by": sorted(missed_by)},
    )
    return [row.agent_id for row in rows if row.missed_offers >= most and row.state == "available"]


def forget_missed(session: Session, agent_id: int) -> None:
    """The agent has answered an offer: the count begins anew."""
    session.execute(
        update(Presence)
        .where(Presence.agent_id == agent_id, Presence.missed_offers > 0)
        .values(missed_offers=0)
    )
