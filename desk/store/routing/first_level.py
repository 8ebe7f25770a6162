"""Open cases at the first level that a rule of their queue or category may raise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from desk.model.case import CaseChange
from desk.model.permission import system

CLOCK = system("clock")

# Whose level a person has set stays as it is. Hours are those of the queue, else the desk's own.
_MAY_RISE = text(
    """
    SELECT * FROM (
      SELECT c.id, c.opened_at, coalesce(q.second_level_minutes, 0) AS minutes,
        coalesce(q.second_level_reopens, 0) AS reopens, q.second_level_queue_id AS to_queue_id,
        CASE WHEN ca.second_level THEN ca.name END AS hard_category,
        CASE WHEN q.second_level_reopens > 0 THEN (SELECT count(*) FROM case_changes h
           WHERE h.case_id = c.id AND h.what = 'status'
             AND h.before = '"resolved"' AND h.after = '"open"') ELSE 0 END AS reopened,
        coalesce((SELECT v.content::text FROM calendars k
           JOIN calendar_versions v ON v.calendar_id = k.id AND v.is_current
           WHERE k.id = q.calendar_id OR (q.calendar_id IS NULL AND k.is_default)), '') AS hours
      FROM cases c LEFT JOIN queues q ON q.id = c.queue_id LEFT JOIN categories ca ON ca.id = c.category_id
      WHERE c.status = 'open' AND c.merged_into_id IS NULL AND c.level = 1 AND NOT c.level_by_hand
        AND (CAST(:case_id AS bigint) IS NULL OR c.id = :case_id)
        AND (ca.second_level OR q.second_level_reopens > 0
             OR (q.second_level_minutes > 0
                 AND c.opened_at <= :now - q.second_level_minutes * interval '1 minute'))) f
    WHERE f.hard_category IS NOT NULL OR (f.reopens > 0 AND f.reopened >= f.reopens)
       OR (f.minutes > 0 AND f.opened_at <= :now - f.minutes * interval '1 minute')
    ORDER BY f.opened_at, f.id LIMIT :limit
    """
)


_ANY_RULE = text(
    """
    SELECT EXISTS (SELECT FROM queues WHERE second_level_minutes > 0 OR second_level_reopens > 0)
      OR EXISTS (SELECT FROM categories WHERE second_level)
    """
)


def any_rule(session: Session) -> bool:
    """Whether any rule raises cases at all."""
    return bool(session.scalar(_ANY_RULE))


def queue_before_rise(session: Session, case_id: int) -> CaseChange | None:
    """The line of history by which the desk itself moved the case to another queue last, if it did."""
    return session.scalar(
        select(CaseChange)
        .where(CaseChange.case_id == case_id, CaseChange.what == "queue", CaseChange.actor == CLOCK.key)
        .order_by(CaseChange.id.desc())
        .limit(1)
    )


def may_rise(
    session: Session, now: datetime, *, limit: int, case_id: int | None = None
) -> Sequence[Row[Any]]:
    """The cases that a rule holds for, by the clock on the wall, the oldest first: (id, opened_at, minutes,
    reopens, to_queue_id, hard_category, reopened, hours), with the rule and the hours it counts in.
    """
    return session.execute(_MAY_RISE, {"now": now, "limit": limit, "case_id": case_id}).all()
