"""Presence, remembered: who was available when, and for how many minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from desk.model.presence import PresenceSpan, PresenceState

# A deed may have begun before the one that it waited for; a span never ends before it began.
_BEGIN = text(
    """
    WITH ended AS (
      UPDATE presence_spans SET until = greatest(since, :now)
      WHERE agent_id = :agent_id AND until IS NULL RETURNING until
    ), gone AS (SELECT coalesce(max(until), CAST(:now AS timestamptz)) AS at FROM ended)
    INSERT INTO presence_spans (agent_id, state, since, until)
    SELECT :agent_id, :state, at, CAST(NULL AS timestamptz) FROM gone
    """
)

_AVAILABLE = text(
    """
    SELECT agent_id, greatest(since, :begin) AS since, least(coalesce(until, :now), :end) AS until
    FROM presence_spans
    WHERE state = 'available' AND since < :end AND since < :now AND (until IS NULL OR until > :begin)
      AND greatest(since, :begin) < least(coalesce(until, :now), :end)
    ORDER BY agent_id, since
    """
)


@dataclass(frozen=True, slots=True)
class AvailableSpan:
    """An agent took work from `since` to `until`."""

    agent_id: int
    since: datetime
    until: datetime


def begin_span(session: Session, agent_id: int, state: PresenceState, now: datetime) -> None:
    """The agent is in another state from now on. The caller holds the agent's row."""
    session.execute(_BEGIN, {"agent_id": agent_id, "state": state.value, "now": now})


def available_spans(
    session: Session, begin: datetime, end: datetime, *, now: datetime
) -> Sequence[AvailableSpan]:
    """Who was available when within [`begin`, `end`), cut to it, by agent and time.

    A span that still lasts counts to `now`; nothing is said of the future. An agent whose browser fell
    silent counts until the desk noticed, for until then work was offered to them.
    """
    rows = session.execute(_AVAILABLE, {"begin": begin, "end": end, "now": now})
    return [AvailableSpan(row.agent_id, row.since, row.until) for row in rows]


def available_minutes(session: Session, begin: datetime, end: datetime, *, now: datetime) -> dict[int, float]:
    """Minutes available by agent within [`begin`, `end`): the denominator of occupancy.

    Counted as `available_spans` counts. Whoever was not available at all is not in it.
    """
    found: dict[int, float] = {}
    for span in available_spans(session, begin, end, now=now):
        minutes = (span.until - span.since).total_seconds() / 60
        found[span.agent_id] = found.get(span.agent_id, 0.0) + minutes
    return found


def forget_old_spans(session: Session, before: datetime) -> None:
    """Spans that ended before then are forgotten."""
    session.execute(delete(PresenceSpan).where(PresenceSpan.until < before))
