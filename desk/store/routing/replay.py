"""What is recorded of the contacts of a period, for days to be told again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from desk.store.routing.first_level import CLOCK

# Of each case its first stint, its first chat and its first promise; of one that the desk raised and that is
# at the second level still, the queue from which it did, and the first stint there. An answer counts from
# whoever had the case; a case that our side opened brought no contact.
_CASES = text(
    """
    WITH asked AS (
      SELECT c.id, c.queue_id, c.channel, c.opened_at, c.customer_id, c.category_id, c.level FROM cases c
      WHERE c.opened_at >= :begin AND c.opened_at < :end AND c.merged_into_id IS NULL
        AND EXISTS (SELECT 1 FROM messages m WHERE m.case_id = c.id AND m.kind = 'inbound')
    ), raised AS (
      SELECT DISTINCT ON (h.case_id) h.case_id, h.at, q.id AS queue_id,
        coalesce(ca.second_level, false) AS hard
      FROM asked a JOIN case_changes h ON h.case_id = a.id AND h.what = 'level' AND h.actor = :clock
        AND h.after = '2'
      JOIN case_changes m ON m.case_id = a.id AND m.what = 'queue' AND m.actor = :clock AND m.at = h.at
      JOIN queues q ON q.id = CAST(m.before #>> '{}' AS bigint)
      LEFT JOIN categories ca ON ca.id = a.category_id
      WHERE a.level = 2 ORDER BY h.case_id, h.id DESC
    ), looks AS (
      SELECT s.case_id, min(s.assigned_at) AS at FROM assignments s JOIN raised r ON r.case_id = s.case_id
      WHERE s.assigned_at < r.at GROUP BY s.case_id
    ), stints AS (
      SELECT DISTINCT ON (s.case_id) s.case_id, s.agent_id, s.assigned_at
      FROM assignments s LEFT JOIN raised r ON r.case_id = s.case_id
      WHERE s.assigned_at >= :begin ORDER BY s.case_id, coalesce(s.assigned_at < r.at, false), s.id
    ), talks AS (
      SELECT DISTINCT ON (v.case_id) v.case_id, h.joined_at, coalesce(h.ended_at, h.left_at) AS gone_at
      FROM chats h JOIN conversations v ON v.id = h.conversation_id JOIN asked a ON a.id = v.case_id
      ORDER BY v.case_id, h.conversation_id
    ), promises AS (
      SELECT DISTINCT ON (k.case_id) k.case_id, k.tier, k.started_at, k.target, k.calendar_version_id
      FROM sla_clocks k JOIN asked a ON a.id = k.case_id
      WHERE k.kind = 'first_response' ORDER BY k.case_id, k.id
    )
    SELECT a.id, CASE WHEN r.case_id IS NULL THEN a.queue_id ELSE r.queue_id END AS queue_id,
      CASE WHEN r.hard THEN r.at END AS hard_at, l.at AS looked_at,
      a.channel, a.opened_at, coalesce(k.tier, cu.tier) AS tier, cv.worth,
      k.started_at, k.target, CAST(cal.content AS text) AS calendar,
      s.agent_id, s.assigned_at, t.joined_at, t.gone_at,
      EXISTS (SELECT 1 FROM case_changes h WHERE h.case_id = a.id AND h.what = 'status'
         AND h.before = '"resolved"' AND h.after = '"open"') AS came_back,
      (SELECT min(m.at) FROM messages m WHERE m.case_id = a.id AND m.kind = 'outbound'
         AND m.agent_id = s.agent_id AND m.at >= s.assigned_at) AS answered_at
    FROM asked a JOIN customers cu ON cu.id = a.customer_id
    LEFT JOIN customer_values cv ON cv.customer_id = a.customer_id
    LEFT JOIN raised r ON r.case_id = a.id
    LEFT JOIN looks l ON l.case_id = a.id
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
    """Cases that customers opened in [`begin`, `end`), by arrival: (id, queue_id, hard_at, looked_at,
    channel, opened_at, tier, worth, started_at, target, calendar, agent_id, assigned_at, joined_at,
    gone_at, came_back, answered_at).

    `tier` is the one that the first promise was made to, else today's; `target` is that promise in
    working time of the `calendar`, as JSON. `gone_at` is when the visitor of a chat left or it ended.
    `hard_at` is when the desk raised a case to the second level for its category, `looked_at` since when the
    first level had it, if anybody did.
    """
    return session.execute(_CASES, {"begin": begin, "end": end, "clock": CLOCK.key}).all()


# Hours are those of the queue, else the desk's own, as for the rule itself.
_RULES = text(
    """
    SELECT q.id, q.pull, q.pull_limit, q.second_level_minutes AS minutes, t.id AS to_queue_id,
      coalesce((SELECT v.content::text FROM calendars k
         JOIN calendar_versions v ON v.calendar_id = k.id AND v.is_current
         WHERE k.id = q.calendar_id OR (q.calendar_id IS NULL AND k.is_default)), '') AS hours
    FROM queues q LEFT JOIN queues t ON t.id = q.second_level_queue_id AND t.active AND t.id <> q.id
    ORDER BY q.position, q.id
    """
)


def queue_rules(session: Session) -> Sequence[Row[Any]]:
    """How queues are pulled from, and raise to a second level that has a queue of its own, as they are set up
    today: (id, pull, pull_limit, minutes, to_queue_id, hours).
    """
    return session.execute(_RULES).all()
