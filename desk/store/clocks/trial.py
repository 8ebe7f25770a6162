"""Clocks held against promises that were not made to them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from desk.model.case import Case, Priority
from desk.model.inbound import ChannelKind
from desk.model.sla import OPEN_PHASES, SlaClock

# The penalty is that of desk/sla/penalties.py: an amount, more for each hour late that begins, up to a cap.
_HELD_AGAINST = text(
    """
    WITH promised AS (
      SELECT * FROM jsonb_to_recordset(CAST(:spelt AS jsonb)) AS one(tier text, channel text, priority text,
        kind text, seconds float8, amount numeric, per_hour numeric, cap numeric, currency text)),
    held AS (
      SELECT p.*, extract(epoch FROM k.used) - p.seconds AS late
      FROM sla_clocks k JOIN cases c ON c.id = k.case_id
      JOIN promised p ON (p.tier, p.channel, p.priority, p.kind) = (k.tier, c.channel, c.priority, k.kind)
      WHERE k.phase = 'met' AND k.ended_at >= :since AND k.ended_at < :until)
    SELECT tier, kind, count(*) FILTER (WHERE late <= 0) AS kept, count(*) FILTER (WHERE late > 0) AS missed,
      max(currency) AS currency,
      coalesce(sum(least(amount + coalesce(per_hour, 0) * ceil(late / 3600)::numeric, cap))
        FILTER (WHERE late > 0), 0) AS amount
    FROM held GROUP BY tier, kind
    """
)


def held_against(
    session: Session, spelt: Sequence[dict[str, Any]], since: datetime, until: datetime
) -> list[dict[str, Any]]:
    """The clocks that ended by being met, from `since` to before `until`, by the working time they took:
    rows `{tier, kind, kept, missed, currency, amount}`. What no line of `spelt` promises counts nowhere.
    """
    asked = {"spelt": json.dumps(list(spelt)), "since": since, "until": until}
    return [dict(row._mapping) for row in session.execute(_HELD_AGAINST, asked)]


def open_clocks(session: Session, limit: int) -> Sequence[Row[SlaClock, ChannelKind, Priority]]:
    """Clocks that run or rest, with the channel and the priority of their case, the latest first."""
    return session.execute(
        select(SlaClock, Case.channel, Case.priority)
        .join(Case, Case.id == SlaClock.case_id)
        .where(SlaClock.phase.in_(OPEN_PHASES))
        .order_by(SlaClock.id.desc())
        .limit(limit)
    ).all()


def count_open_clocks(session: Session) -> int:
    """How many clocks run or rest."""
    return session.scalar(select(func.count()).where(SlaClock.phase.in_(OPEN_PHASES))) or 0
