"""A person's day and what they have to do, read from what they did: stints, offers, answers, presence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, literal_column, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from desk.model.agent import Agent
from desk.model.case import Case, CaseStatus
from desk.model.customer import Customer
from desk.model.presence import PresenceSpan
from desk.model.retention import RetentionTask
from desk.store.cases.lists import customer_name

# Who resolved a case stands in its history; the end of a chat is its agent's, whose stint it fell into.
_DEEDS = text(
    """
    SELECT d.*, c.subject, c.channel FROM (
      SELECT CAST('offer_' || o.state AS text) AS what, o.ended_at AS at, CAST(NULL AS timestamptz) AS until,
        o.case_id, extract(epoch FROM o.ended_at - o.offered_at) AS seconds
      FROM offers o WHERE o.agent_id = :agent AND o.ended_at >= :since AND o.ended_at < :until
        AND o.state IN ('declined', 'lapsed', 'withdrawn')
      UNION ALL
      SELECT 'worked', s.assigned_at, s.ended_at, s.case_id, extract(epoch FROM s.assigned_at - o.offered_at)
      FROM assignments s LEFT JOIN offers o ON o.id = s.offer_id
      WHERE s.agent_id = :agent AND s.assigned_at >= :since AND s.assigned_at < :until
      UNION ALL
      SELECT CASE m.kind WHEN 'note' THEN 'noted' ELSE 'answered' END, m.at, NULL, m.case_id, NULL
      FROM messages m WHERE m.agent_id = :agent AND m.at >= :since AND m.at < :until
        AND m.kind IN ('outbound', 'note')
      UNION ALL
      SELECT CASE h.after WHEN '"resolved"' THEN 'resolved' ELSE 'reopened' END, h.at, NULL, h.case_id, NULL
      FROM case_changes h WHERE h.what = 'status' AND h.actor = :actor AND h.at >= :since AND h.at < :until
        AND (h.after = '"resolved"' OR h.before = '"resolved"')
      UNION ALL
      SELECT 'wrapped_up', h.ended_at, coalesce(h.wrapped_up_at, h.wrap_up_until), v.case_id, NULL
      FROM assignments s JOIN conversations v ON v.case_id = s.case_id
        JOIN chats h ON h.conversation_id = v.id
      WHERE s.agent_id = :agent AND s.assigned_at < :until AND h.ended_at >= :since AND h.ended_at < :until
        AND h.ended_at >= s.assigned_at AND h.ended_at <= coalesce(s.ended_at, h.ended_at)
        AND s.assigned_at >= CAST(:since AS timestamptz) - interval '7 days'
    ) d JOIN cases c ON c.id = d.case_id ORDER BY d.at, d.case_id, d.what LIMIT :limit
    """
)


def deeds_of(
    session: Session, agent: Agent, since: datetime, until: datetime, *, limit: int
) -> Sequence[Row[Any]]:
    """What the agent did within [`since`, `until`), as it happened: (what, at, until, case_id, seconds,
    subject, channel). `seconds` passed from an offer to the answer to it; a chat is wrapped up from `at` on.
    """
    asked = {
        "agent": agent.id,
        "actor": f"agent:{agent.id}",
        "since": since,
        "until": until,
        "limit": limit,
    }
    return session.execute(_DEEDS, asked).all()


def presence_of(session: Session, agent_id: int, since: datetime, until: datetime) -> list[PresenceSpan]:
    """The spans of a person's presence that touch [`since`, `until`), as they followed."""
    return list(
        session.scalars(
            select(PresenceSpan)
            .where(
                PresenceSpan.agent_id == agent_id,
                PresenceSpan.since < until,
                PresenceSpan.until.is_(None) | (PresenceSpan.until > since),
            )
            .order_by(PresenceSpan.since)
        )
    )


def promised_by(session: Session, agent_id: int, limit: int) -> Sequence[Row[Any]]:
    """Cases of theirs with a running promise, the first to come due first: (case_id, subject, due_at)."""
    return _mine(session, agent_id, limit, Case.due_at, Case.status != CaseStatus.SNOOZED)


def sleeping_of(session: Session, agent_id: int, limit: int) -> Sequence[Row[Any]]:
    """Their cases that sleep, the first to wake first: (case_id, subject, due_at)."""
    return _mine(session, agent_id, limit, Case.snoozed_until, Case.status == CaseStatus.SNOOZED)


def open_tasks_of(session: Session, agent_id: int, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Retention tasks that they took, the oldest first: (id, customer_id, customer, opened_at, action,
    reason).
    """
    return session.execute(
        select(
            RetentionTask.id,
            RetentionTask.customer_id,
            customer_name().label("customer"),
            RetentionTask.opened_at,
            RetentionTask.action,
            RetentionTask.reason,
        )
        .join(Customer, Customer.id == RetentionTask.customer_id)
        .where(RetentionTask.agent_id == agent_id, RetentionTask.closed_at.is_(None))
        .order_by(RetentionTask.opened_at, RetentionTask.id)
        .limit(limit)
    ).all()


def _mine(
    session: Session,
    agent_id: int,
    limit: int,
    due: InstrumentedAttribute[datetime | None],
    narrowed: ColumnElement[bool],
) -> Sequence[Row[*tuple[Any, ...]]]:
    return session.execute(
        select(
            Case.id.label("case_id"),
            Case.subject,
            Case.channel,
            customer_name().label("customer"),
            due.label("due_at"),
        )
        .join(Customer, Customer.id == Case.customer_id)
        .where(
            Case.assignee_id == agent_id,
            Case.merged_into_id.is_(None),
            # So that the small index of what is at work serves.
            literal_column("cases.status IN ('open', 'waiting', 'on_hold', 'snoozed')"),
            narrowed,
            due.is_not(None),
        )
        .order_by(due, Case.id)
        .limit(limit)
    ).all()
