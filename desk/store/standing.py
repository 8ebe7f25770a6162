"""How the desk stands: the few numbers by which an operator sees trouble before people do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

_STANDING = text(
    """
    SELECT min(occurred_at) FILTER (WHERE trouble IS NULL) AS oldest_unrelayed,
           count(*) FILTER (WHERE trouble IS NULL) AS unrelayed,
           count(*) FILTER (WHERE trouble IS NOT NULL) AS set_aside,
           (SELECT coalesce(jsonb_object_agg(state, n), '{}') FROM
              (SELECT state, count(*) AS n FROM channels WHERE enabled AND kind = 'email' GROUP BY state) c
           ) AS mailboxes
    FROM journal WHERE position IS NULL
    """
)
_DEPTHS = text(
    """
    SELECT (SELECT coalesce(jsonb_object_agg(state, n), '{}') FROM
              (SELECT state, count(*) AS n FROM inbox
               WHERE state IN ('received', 'quarantined') GROUP BY state) i
           ) AS inbox,
           (SELECT coalesce(jsonb_object_agg(state, n), '{}') FROM
              (SELECT state, count(*) AS n FROM outbox
               WHERE state IN ('queued', 'sending') GROUP BY state) o
           ) AS outbox,
           (SELECT count(*) FROM offers WHERE state = 'live') AS live_offers,
           (SELECT coalesce(jsonb_object_agg(state, n), '{}') FROM
              (SELECT state, count(*) AS n FROM presences GROUP BY state) p) AS agents,
           (SELECT count(*) FROM sessions WHERE ended_at IS NULL AND expires_at > now()) AS sessions
    """
)


@dataclass(frozen=True, slots=True)
class Standing:
    """`mailboxes` counts the enabled ones by state; entries `set_aside` wait for a person."""

    oldest_unrelayed: datetime | None
    unrelayed: int
    set_aside: int
    mailboxes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Depths:
    """What waits where, by state."""

    inbox: Mapping[str, int]
    outbox: Mapping[str, int]
    live_offers: int
    agents: Mapping[str, int]
    sessions: int


def standing(session: Session) -> Standing:
    """Journal and mailboxes, in one statement over small partial indexes."""
    row = session.execute(_STANDING).one()
    return Standing(row.oldest_unrelayed, row.unrelayed, row.set_aside, row.mailboxes)


def depths(session: Session) -> Depths:
    """Inbox, outbox, offers, agents and sessions, in one statement."""
    row = session.execute(_DEPTHS).one()
    return Depths(row.inbox, row.outbox, row.live_offers, row.agents, row.sessions)
