"""The floor and the lines, read: who is where with how many places, and which cases wait in which order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, literal_column, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from desk.model.case import Priority
from desk.model.customer import Tier
from desk.model.queue import Queue

# An open case holds one of its agent's places. A chat holds one as long as it goes on, whoever spoke
# last, then while the agent wraps up; one that its visitor left, while the ball is with us.
_HELD = """
    SELECT c.id, c.channel FROM cases c
    WHERE c.assignee_id = a.id AND c.merged_into_id IS NULL AND c.status IN ('open', 'waiting', 'on_hold')
      AND CASE WHEN c.channel <> 'chat' THEN c.status = 'open' ELSE coalesce(
          (SELECT bool_or(h.state IN ('waiting', 'live') OR (h.state = 'left' AND c.status = 'open'))
           FROM conversations v JOIN chats h ON h.conversation_id = v.id WHERE v.case_id = c.id),
          c.status = 'open') END
    UNION
    SELECT c.id, c.channel FROM chats h
    JOIN conversations v ON v.id = h.conversation_id JOIN cases c ON c.id = v.case_id
    WHERE h.wrap_up_until > now() AND c.assignee_id = a.id
"""


def _floor_sql(
    *, queue_id: str, agent_id: str, available_only: str, case_ids: str, refused_since: str
) -> str:
    """The one question about the floor; each argument is an SQL expression of ours."""
    return f"""
    SELECT
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
          'id', q.id, 'name', q.name, 'offer_seconds', q.offer_seconds,
          'skills', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', s.id, 'name', s.name, 'minimum', qs.minimum) ORDER BY s.name, s.id), '[]')
              FROM queue_skills qs JOIN skills s ON s.id = qs.skill_id WHERE qs.queue_id = q.id)
        )), '[]')
       FROM queues q WHERE {queue_id} IS NULL OR q.id = {queue_id}) AS queues,
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
          'id', a.id, 'name', a.name, 'role', a.role, 'assigned_only', a.assigned_only,
          'state', coalesce(p.state, 'offline'),
          'idle_since', coalesce(p.idle_since, a.created_at),
          'queue_ids', (SELECT coalesce(jsonb_agg(DISTINCT qt.queue_id), '[]')
              FROM team_members tm JOIN queue_teams qt USING (team_id) WHERE tm.agent_id = a.id),
          'levels', (SELECT coalesce(jsonb_object_agg(pr.skill_id, pr.level), '{{}}')
              FROM proficiencies pr WHERE pr.agent_id = a.id),
          'limits', (SELECT coalesce(jsonb_object_agg(ca.channel, ca.most), '{{}}')
              FROM capacities ca WHERE ca.agent_id = a.id),
          'held', (SELECT coalesce(jsonb_object_agg(h.channel, h.n), '{{}}') FROM (
              SELECT held.channel, count(*) AS n FROM ({_HELD}) held GROUP BY held.channel) h),
          'offered', (SELECT coalesce(jsonb_object_agg(o.channel, o.n), '{{}}') FROM (
              SELECT c.channel, count(*) AS n FROM offers o JOIN cases c ON c.id = o.case_id
              WHERE o.agent_id = a.id AND o.state = 'live' GROUP BY c.channel) o)
        ) ORDER BY a.id), '[]')
       FROM agents a LEFT JOIN presences p ON p.agent_id = a.id
       WHERE a.disabled_at IS NULL
         AND (NOT {available_only} OR p.state = 'available')
         AND ({agent_id} IS NULL OR a.id = {agent_id})
         AND ({queue_id} IS NULL OR EXISTS (
             SELECT 1 FROM team_members tm JOIN queue_teams qt USING (team_id)
             WHERE tm.agent_id = a.id AND qt.queue_id = {queue_id}))) AS agents,
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
          'case_id', o.case_id, 'agent_id', o.agent_id, 'at', o.at)), '[]')
       FROM (SELECT o.case_id, o.agent_id, max(o.ended_at) AS at FROM offers o
             WHERE o.case_id = ANY({case_ids}) AND o.state IN ('declined', 'lapsed')
               AND o.ended_at > {refused_since}
             GROUP BY o.case_id, o.agent_id) o) AS refusals,
      (SELECT coalesce(jsonb_agg(o.case_id), '[]') FROM offers o
       WHERE o.case_id = ANY({case_ids}) AND o.state = 'live') AS offered,
      (SELECT coalesce(jsonb_object_agg(c.id, cu.tier), '{{}}')
       FROM cases c JOIN customers cu ON cu.id = c.customer_id WHERE c.id = ANY({case_ids})) AS tiers,
      (SELECT value FROM policies WHERE key = 'tier_minutes') AS tier_minutes
    """  # noqa: S608 - put together from constants of this file


_FLOOR = text(
    _floor_sql(
        queue_id="CAST(NULL AS bigint)",
        agent_id="CAST(:agent_id AS bigint)",
        available_only=":available_only",
        case_ids=":case_ids",
        refused_since=":refused_since",
    )
)

# The place in line is the rule of routing/patience.py, asked of the database: the same leads, the
# same tie by number. Rows that another transaction holds are left to it.
_IN_LINE = """
    coalesce(c.waiting_since, c.last_at) - make_interval(secs =>
        coalesce(CAST(CAST(:tier_leads AS jsonb) ->> cu.tier AS float), 0)
      + coalesce(CAST(CAST(:priority_leads AS jsonb) ->> c.priority AS float), 0)), c.id
"""
_WAITING = f"""
    SELECT c.id, c.queue_id, c.channel, c.priority, cu.tier,
           coalesce(c.waiting_since, c.last_at) AS waiting_since
    FROM cases c JOIN customers cu ON cu.id = c.customer_id
    WHERE c.status = 'open' AND c.assignee_id IS NULL AND c.merged_into_id IS NULL
      AND (CAST(:case_id AS bigint) IS NULL OR c.id = :case_id)
      AND (coalesce(c.queue_id, 0), c.channel) IN
          (SELECT * FROM unnest(CAST(:queue_ids AS bigint[]), CAST(:channels AS text[])))
      AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.case_id = c.id AND o.state = 'live')
    ORDER BY {_IN_LINE}
    LIMIT :most
    FOR NO KEY UPDATE OF c
"""  # noqa: S608 - put together from constants of this file
_WAITING_TAKEN = text(_WAITING + " SKIP LOCKED")
_WAITING_ONE = text(_WAITING)


# Who is being offered to somebody stands where they stood.
_PLACE = text(
    f"""
    SELECT line.place FROM (
      SELECT c.id, row_number() OVER (ORDER BY {_IN_LINE}) AS place
      FROM cases c JOIN customers cu ON cu.id = c.customer_id
      WHERE c.status = 'open' AND c.assignee_id IS NULL AND c.merged_into_id IS NULL
        AND coalesce(c.queue_id, 0) = :queue_id AND c.channel = :channel) line
    WHERE line.id = :case_id
    """  # noqa: S608 - put together from constants of this file
)


_FLOOR_OF_CASE = _floor_sql(
    queue_id="cases.queue_id",
    agent_id="CAST(NULL AS bigint)",
    available_only="false",
    case_ids="ARRAY[cases.id]",
    refused_since="now() - make_interval(secs => REFUSED_SECONDS)",
)


@dataclass(frozen=True)
class FloorRows:
    """All that a routing decision looks at, as one statement found it; plain JSON values."""

    queues: Sequence[Mapping[str, Any]]
    agents: Sequence[Mapping[str, Any]]
    refusals: Sequence[Mapping[str, Any]]
    offered: frozenset[int]
    tiers: Mapping[str, str]
    tier_minutes: Mapping[str, int] | None


def floor_rows(
    session: Session,
    *,
    refused_since: datetime,
    case_ids: Collection[int] = (),
    agent_id: int | None = None,
    available_only: bool = False,
) -> FloorRows:
    """Queues with what they ask, agents with places; of the cases, who refused and whose they are."""
    row = session.execute(
        _FLOOR,
        {
            "refused_since": refused_since,
            "case_ids": list(case_ids),
            "agent_id": agent_id,
            "available_only": available_only,
        },
    ).one()
    return rows_in(dict(row._mapping))


def floor_of_case(refused_within: timedelta) -> ColumnElement[Any]:
    """The floor around a case that waits, as a column beside it, for `rows_in`; NULL for any other case.

    Part of the statement that shows the case, so that saying why it waits costs no further one.
    """
    floor = _FLOOR_OF_CASE.replace("REFUSED_SECONDS", str(refused_within.total_seconds()))
    waits = "cases.status = 'open' AND cases.assignee_id IS NULL AND cases.merged_into_id IS NULL"
    whole = f"CASE WHEN {waits} THEN (SELECT to_jsonb(floor) FROM ({floor}) floor) END"  # noqa: S608 - constants
    return literal_column(whole, JSONB).label("floor")


def rows_in(found: Mapping[str, Any]) -> FloorRows:
    """What a row of the floor's statement holds."""
    return FloorRows(
        found["queues"],
        found["agents"],
        found["refusals"],
        frozenset(found["offered"]),
        found["tiers"],
        found["tier_minutes"],
    )


def hold_waiting(
    session: Session,
    lines: Collection[tuple[int | None, str]],
    *,
    tier_leads: Mapping[Tier, timedelta],
    priority_leads: Mapping[Priority, timedelta],
    most: int,
    case_id: int | None = None,
) -> Sequence[Row[Any]]:
    """The cases first in these (queue, channel) lines, locked: (id, queue_id, channel, priority, tier,
    waiting_since). One case asked for by number is waited for; of many, those held elsewhere are left out.
    """
    statement = _WAITING_TAKEN if case_id is None else _WAITING_ONE
    return session.execute(
        statement,
        {
            "case_id": case_id,
            "queue_ids": [queue_id or 0 for queue_id, _ in lines],
            "channels": [channel for _, channel in lines],
            "tier_leads": _as_json(tier_leads),
            "priority_leads": _as_json(priority_leads),
            "most": most,
        },
    ).all()


def place_in_line(
    session: Session,
    case_id: int,
    queue_id: int | None,
    channel: str,
    *,
    tier_leads: Mapping[Tier, timedelta],
    priority_leads: Mapping[Priority, timedelta],
) -> int | None:
    """The place of a waiting case in its (queue, channel) line, from 1; None for one that does not wait."""
    place = session.scalar(
        _PLACE,
        {
            "case_id": case_id,
            "queue_id": queue_id or 0,
            "channel": channel,
            "tier_leads": _as_json(tier_leads),
            "priority_leads": _as_json(priority_leads),
        },
    )
    return None if place is None else int(place)


def hold_agents(session: Session, agent_ids: Collection[int]) -> None:
    """Hold these agents' places until the commit, in the order of their numbers.

    Whoever gives an agent work holds this, so that two never fill the same place.
    """
    session.execute(
        text("SELECT id FROM agents WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"),
        {"ids": sorted(set(agent_ids))},
    )


def names_of_queues(session: Session) -> dict[int, str]:
    """Every queue's name by its number."""
    return {row.id: row.name for row in session.execute(select(Queue.id, Queue.name))}


def _as_json(leads: Mapping[Any, timedelta]) -> str:
    pairs = ", ".join(f'"{key}": {lead.total_seconds()}' for key, lead in leads.items())
    return f"{{{pairs}}}"
