"""What of the lines time alone moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

# One look into the index for each queue.
_WAITED = text(
    """
    SELECT min(c.waiting_since + q.overflow_minutes * interval '1 minute')
    FROM queues q CROSS JOIN LATERAL (
      SELECT c.waiting_since FROM cases c
      WHERE c.queue_id = q.id AND c.status = 'open' AND c.assignee_id IS NULL AND c.merged_into_id IS NULL
        AND c.waiting_since > CAST(:after AS timestamptz) - q.overflow_minutes * interval '1 minute'
      ORDER BY c.waiting_since LIMIT 1) c
    WHERE q.overflow_queue_id IS NOT NULL AND q.overflow_minutes > 0
    """
)
_HOURS = text(
    """
    SELECT DISTINCT v.content::text FROM queues q
    JOIN calendars k ON k.id = q.calendar_id OR (q.calendar_id IS NULL AND k.is_default)
    JOIN calendar_versions v ON v.calendar_id = k.id AND v.is_current
    WHERE q.overflow_queue_id IS NOT NULL AND EXISTS (SELECT FROM cases c
      WHERE c.queue_id = q.id AND c.status = 'open' AND c.assignee_id IS NULL AND c.merged_into_id IS NULL)
    """
)


def next_waited(session: Session, after: datetime) -> datetime | None:
    """When, after this moment, the next case has waited for the minutes after which its queue overflows."""
    found: datetime | None = session.scalar(_WAITED, {"after": after})
    return found


def helped_hours(session: Session) -> Sequence[str]:
    """The business hours of queues that overflow and in which somebody waits."""
    return session.scalars(_HOURS).all()
