"""Calendars and their versions, and the targets: read and counted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session

from desk.model.queue import Queue
from desk.model.sla import Calendar, CalendarVersion, SlaClock, SlaEntry, SlaPolicy


def calendars_kept(session: Session) -> list[tuple[Calendar, CalendarVersion]]:
    """Every calendar with its current version, by name."""
    rows = session.execute(
        select(Calendar, CalendarVersion)
        .join(CalendarVersion, CalendarVersion.calendar_id == Calendar.id)
        .where(CalendarVersion.is_current)
        .order_by(Calendar.name)
    )
    return [(row[0], row[1]) for row in rows]


def current_version(session: Session, calendar_id: int) -> CalendarVersion:
    """The version that holds now."""
    return session.scalars(
        select(CalendarVersion).where(CalendarVersion.calendar_id == calendar_id, CalendarVersion.is_current)
    ).one()


def no_default_but(session: Session, calendar: Calendar) -> None:
    """No other calendar is the default one any more."""
    session.execute(
        update(Calendar)
        .where(Calendar.is_default, Calendar.id != (calendar.id or 0))
        .values(is_default=False)
    )


def queues_by(session: Session) -> dict[int, list[int]]:
    """The queues that work by each calendar."""
    rows = session.execute(
        select(Queue.calendar_id, func.array_agg(Queue.id))
        .where(Queue.calendar_id.is_not(None))
        .group_by(Queue.calendar_id)
    )
    return {row[0]: sorted(row[1]) for row in rows if row[0] is not None}


def is_held(session: Session, calendar_id: int) -> bool:
    """Whether a clock has run by it, or it has older versions to explain."""
    versions = select(CalendarVersion.id).where(CalendarVersion.calendar_id == calendar_id)
    older = exists().where(CalendarVersion.calendar_id == calendar_id, CalendarVersion.is_current.is_(False))
    clocks = exists().where(SlaClock.calendar_version_id.in_(versions))
    entries = exists().where(SlaEntry.calendar_version_id.in_(versions))
    return bool(session.scalar(select(or_(older, clocks, entries))))


def policies_kept(session: Session, limit: int) -> Sequence[SlaPolicy]:
    """Versions of the targets, the newest first."""
    return session.scalars(select(SlaPolicy).order_by(SlaPolicy.number.desc()).limit(limit)).all()


def active_policy(session: Session, *, lock: bool = False) -> SlaPolicy | None:
    """The version that holds for clocks that start."""
    statement = select(SlaPolicy).where(SlaPolicy.active)
    return session.scalar(statement.with_for_update() if lock else statement)


def has_targets(session: Session) -> bool:
    """Whether the desk promises anything."""
    return bool(session.scalar(select(exists().where(SlaPolicy.active))))


def policy_numbered(session: Session, number: int) -> SlaPolicy | None:
    """A version by its number."""
    return session.scalar(select(SlaPolicy).where(SlaPolicy.number == number))


def last_policy_number(session: Session) -> int:
    """The number of the newest version; 0 before the first."""
    return session.scalar(select(func.coalesce(func.max(SlaPolicy.number), 0))) or 0
