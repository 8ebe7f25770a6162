"""How promises were kept: counted by tier, channel or time, and clock by clock behind every number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

GROUPS: Mapping[str, str] = {
    "tier": "k.tier",
    "channel": "c.channel",
    "day": "to_char(decided_at AT TIME ZONE :zone, 'YYYY-MM-DD')",
    "week": "to_char(decided_at AT TIME ZONE :zone, 'IYYY-\"W\"IW')",
    "month": "to_char(decided_at AT TIME ZONE :zone, 'YYYY-MM')",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted: clocks that were decided from `since` to before `until`; days are those of `zone`.

    `by` is one of GROUPS; `group`, `kind` and `outcome` (`kept`, `missed`) narrow the clocks behind a number.
    """

    since: datetime
    until: datetime
    zone: str
    by: str = "tier"
    group: str | None = None
    kind: str | None = None
    outcome: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        return {
            "since": self.since,
            "until": self.until,
            "zone": self.zone,
            "group": self.group,
            "kind": self.kind,
            "outcome": self.outcome,
        }


# A clock is decided when it was missed, or was met in time; what was cancelled before counts nowhere.
_DECIDED = """
    FROM sla_clocks k JOIN cases c ON c.id = k.case_id,
      LATERAL (SELECT coalesce(k.missed_at, k.ended_at) AS decided_at) d
    WHERE k.target IS NOT NULL AND (k.missed_at IS NOT NULL OR k.phase = 'met')
      AND (k.missed_at >= :since AND k.missed_at < :until
        OR k.missed_at IS NULL AND k.ended_at >= :since AND k.ended_at < :until)
"""


def attainment(session: Session, asked: Asked) -> list[dict[str, Any]]:
    """Rows `{group, kind, kept, missed, flagged, median_seconds}`, in the order of the groups.

    The median is of the working time that ended clocks took.
    """
    rows = session.execute(
        text(
            f"""
            SELECT {GROUPS[asked.by]} AS "group", k.kind,
              count(*) FILTER (WHERE k.missed_at IS NULL) AS kept,
              count(*) FILTER (WHERE k.missed_at IS NOT NULL) AS missed,
              count(*) FILTER (WHERE k.flagged) AS flagged,
              extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY k.used)
                FILTER (WHERE k.phase = 'met'))::float AS median_seconds
            {_DECIDED} GROUP BY 1, 2 ORDER BY 1, 2
            """  # noqa: S608 - put together from constants of this file
        ),
        asked.values,
    )
    return [dict(row._mapping) for row in rows]


def penalties(session: Session, asked: Asked) -> list[dict[str, Any]]:
    """What the missed clocks of each number cost: rows `{group, kind, currency, amount}`."""
    rows = session.execute(
        text(
            f"""
            SELECT {GROUPS[asked.by]} AS "group", k.kind, k.penalty_terms ->> 'currency' AS currency,
              sum(k.penalty) AS amount
            {_DECIDED} AND k.penalty IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """
        ),
        asked.values,
    )
    return [dict(row._mapping) for row in rows]


def clocks_behind(session: Session, asked: Asked, limit: int) -> list[dict[str, Any]]:
    """The clocks of a number, the latest first."""
    rows = session.execute(_behind(asked, "LIMIT :limit"), {**asked.values, "limit": limit})
    return [dict(row._mapping) for row in rows]


def every_clock_behind(session: Session, asked: Asked) -> Iterator[dict[str, Any]]:
    """The same, all of them, without ever holding them all."""
    rows = session.execute(_behind(asked, ""), asked.values, execution_options={"yield_per": 500})
    return (dict(row._mapping) for row in rows)


def _behind(asked: Asked, end: str) -> TextClause:
    return text(
        f"""
        SELECT k.id, k.case_id, c.subject, c.channel, k.tier, c.priority, c.queue_id, c.assignee_id, k.kind,
          CASE WHEN k.missed_at IS NULL THEN 'kept' ELSE 'missed' END AS outcome, k.started_at, decided_at,
          k.ended_at, k.flagged, extract(epoch FROM k.target)::float AS target_seconds,
          extract(epoch FROM k.used)::float AS used_seconds, k.penalty,
          CASE WHEN k.penalty IS NOT NULL THEN k.penalty_terms ->> 'currency' END AS penalty_currency
        {_DECIDED}
          AND (CAST(:group AS text) IS NULL OR {GROUPS[asked.by]} = :group)
          AND (CAST(:kind AS text) IS NULL OR k.kind = :kind)
          AND (CAST(:outcome AS text) IS NULL OR (k.missed_at IS NULL) = (:outcome = 'kept'))
        ORDER BY decided_at DESC, k.id DESC {end}
        """  # noqa: S608
    )
