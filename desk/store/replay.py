"""What is recorded of the contacts of a period, for days to be told again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# Of each case its first stint, its first chat and its first promise. An answer counts from whoever had the
# case; a case that our side opened brought no contact.
_CASES = text(
    """
    WITH asked AS (
      SELECT c.id, c.queue_id, c.channel, c.opened_at, c.customer_id FROM cases c
      WHERE c.opened_at >= :begin AND c.opened_at < :end AND c.merged_into_id IS NULL
        AND EXISTS (SELECT 1 FROM messages m WHERE m.case_id = c.id AND m.kind = 'inbound')
    ), stints AS (
      SELECT DISTINCT ON (s.case_id) s.case_id, s.agent_id, s.assigned_at
      FROM assignments s WHERE s.assigned_at >= :begin ORDER BY s.case_id, s.id
    ), talks AS (
      SELECT DISTINCT ON (v.case_id) v.case_id, h.joined_at, coalesce(h.ended_at, h.left_at) AS gone_at
      FROM chats h JOIN conversations v ON v.id = h.conversation_id JOIN asked a ON a.id = v.case_id
      ORDER BY v.case_id, h.conversation_id
    ), promises AS (
      SELECT DISTINCT ON (k.case_id) k.case_id, k.tier, k.started_at, k.target, k.calendar_version_id
      FROM sla_clocks k JOIN asked a ON a.id = k.case_id
      WHERE k.kind = 'first_response' ORDER BY k.case_id, k.id
    )
    SELECT a.id, a.queue_id, a.channel, a.opened_at, coalesce(k.tier, cu.tier) AS tier, cv.worth,
      k.started_at, k.target, CAST(cal.content AS text) AS calendar,
      s.agent_id, s.assigned_at, t.joined_at, t.gone_at,
      EXISTS (SELECT 1 FROM case_changes h WHERE h.case_id = a.id AND h.what = 'status'
         AND h.before = '"resolved"' AND h.after = '"open"') AS came_back,
      (SELECT min(m.at) FROM messages m WHERE m.case_id = a.id AND m.kind = 'outbound'
         AND m.agent_id = s.agent_id AND m.at >= s.assigned_at) AS answered_at
    FROM asked a JOIN customers cu ON cu.id = a.customer_id
    LEFT JOIN customer_values cv ON cv.customer_id = a.customer_id
    LEFT JOIN stints s ON s.case_id = a.id
    LEFT JOIN talks t ON t.case_id = a.id
    LEFT JOIN promises k ON k.case_id = a.id
    LEFT JOIN calendar_versions cal ON cal.id = k.calendar_version_id
    ORDER BY a.opened_at, a.id
    """
)


_ARRIVALS = text(
    """
    SELECT c.channel, CAST(t.at AS date) AS day,
      CAST(extract(hour FROM t.at) * 2 + floor(extract(minute FROM t.at) / 30) AS int) AS slot,
      count(*) AS n
    FROM cases c CROSS JOIN LATERAL (SELECT c.opened_at AT TIME ZONE :zone AS at) t
    WHERE c.opened_at >= :begin AND c.opened_at < :end AND c.merged_into_id IS NULL
      AND EXISTS (SELECT 1 FROM messages m WHERE m.case_id = c.id AND m.kind = 'inbound')
    GROUP BY 1, 2, 3
    """
)


def arrivals_by_half_hour(session: Session, begin: datetime, end: datetime, zone: str) -> Sequence[Row[Any]]:
    """How many contacts came: (channel, day, slot, n), half hours counted from midnight of the zone."""
    return session.execute(_ARRIVALS, {"begin": begin, "end": end, "zone": zone}).all()


def contacts_recorded(session: Session, begin: datetime, end: datetime) -> Sequence[Row[Any]]:
    """Cases that customers opened in [`begin`, `end`), by arrival: (id, queue_id, channel, opened_at, tier,
    worth, started_at, target, calendar, agent_id, assigned_at, joined_at, gone_at, came_back,
    answered_at).

    `tier` is the one that the first promise was made to, else today's; `target` is that promise in
    working time of the `calendar`, as JSON. `gone_at` is when the visitor of a chat left or it ended.
    """
    return session.execute(_CASES, {"begin": begin, "end": end}).all()
