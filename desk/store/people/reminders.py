"""Reminders: a person's own, those whose time has come, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select
from sqlalchemy.orm import Session

from desk.model.case import Case
from desk.model.customer import Customer
from desk.model.reminder import Reminder
from desk.store.cases.lists import customer_name


def open_reminders(session: Session, agent_id: int, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """A person's, the first to come first: (id, word, at, told_at, case_id, subject, customer). A case that
    was merged is the one it is part of now.
    """
    return session.execute(
        select(
            Reminder.id,
            Reminder.word,
            Reminder.at,
            Reminder.told_at,
            func.coalesce(Case.merged_into_id, Case.id).label("case_id"),
            Case.subject,
            customer_name().label("customer"),
        )
        .outerjoin(Case, Case.id == Reminder.case_id)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .where(Reminder.agent_id == agent_id, Reminder.ended_at.is_(None))
        .order_by(Reminder.at, Reminder.id)
        .limit(limit)
    ).all()


def count_reminders(session: Session, agent_id: int, now: datetime) -> Row[int, int]:
    """How many a person has, and of how many the time has come: (open, due)."""
    due = func.count().filter(Reminder.at <= now)
    asked = select(func.count().label("open"), due.label("due"))
    return session.execute(asked.where(Reminder.agent_id == agent_id, Reminder.ended_at.is_(None))).one()


def own_reminder(session: Session, agent_id: int, reminder_id: int) -> Reminder | None:
    """A reminder of this person, held; None where it is none of theirs."""
    found = session.get(Reminder, reminder_id, with_for_update=True, populate_existing=True)
    return found if found is not None and found.agent_id == agent_id else None


def hold_due_reminders(session: Session, now: datetime, limit: int) -> Sequence[Reminder]:
    """Those to be told by now, held; what another clock tells at this moment is passed by."""
    return session.scalars(
        select(Reminder)
        .where(Reminder.told_at.is_(None), Reminder.ended_at.is_(None), Reminder.at <= now)
        .order_by(Reminder.at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def forget_old_reminders(session: Session, before: datetime) -> int:
    """Those that ended before a moment, removed."""
    return session.execute(  # type: ignore[no-any-return, attr-defined]  # a CursorResult, for a DELETE
        delete(Reminder).where(Reminder.ended_at < before)
    ).rowcount
