"""The floor and the lines, read: who is where with how many places, and which cases wait in which order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, literal_column, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from desk.model.queue import Queue

# An open case holds one of its agent's places. A chat holds one as long as it goes on, whoever spoke
# last, then while the agent wraps up; one that its visitor left, while the ball is with us.
HELD = """
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


# The agent who had the customer last; see `knows_customer` of a policy.
_KNOWS = """
    (SELECT p.assignee_id FROM cases p WHERE p.customer_id = c.customer_id AND p.assignee_id IS NOT NULL
     ORDER BY p.opened_at DESC LIMIT 1)
"""

# When the visitor of a case's chat left, who has not come back.
_LEFT_AT = """
    (SELECT h.left_at FROM conversations v JOIN chats h ON h.conversation_id = v.id
     WHERE c.channel = 'chat' AND v.case_id = c.id AND h.state = 'left'
     ORDER BY h.conversation_id DESC LIMIT 1)
"""


def _floor_sql(
    *,
    queue_id: str,
    agent_id: str,
    available_only: str,
    case_ids: str,
    refused_since: str,
    arrived_since: str,
) -> str:
    """The one question about the floor; each argument is an SQL expression of ours."""
    return f"""
    SELECT
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
          'id', q.id, 'name', q.name, 'offer_seconds', q.offer_seconds, 'pull', q.pull,
          'overflow', CASE WHEN q.overflow_queue_id IS NOT NULL THEN (SELECT jsonb_build_object(
                'id', o.id, 'name', o.name, 'minutes', q.overflow_minutes,
                'calendar', (SELECT v.content::text FROM calendars ca JOIN calendar_versions v
                   ON v.calendar_id = ca.id AND v.is_current
                   WHERE ca.id = q.calendar_id OR (q.calendar_id IS NULL AND ca.is_default)))
              FROM queues o WHERE o.id = q.overflow_queue_id) END,
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
          'handled', (SELECT coalesce(jsonb_object_agg(coalesce(ht.queue_id, 0), jsonb_build_object(
                'cases', ht.cases, 'seen', ht.seen, 'precision', ht.precision,
                'minutes', ht.minutes)), '{{}}')
              FROM handle_times ht WHERE ht.agent_id = a.id),
          'limits', (SELECT coalesce(jsonb_object_agg(ca.channel, ca.most), '{{}}')
              FROM capacities ca WHERE ca.agent_id = a.id),
          'held', (SELECT coalesce(jsonb_object_agg(h.channel, h.n), '{{}}') FROM (
              SELECT held.channel, count(*) AS n FROM ({HELD}) held GROUP BY held.channel) h),
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
       FROM (SELECT r.case_id, r.agent_id, max(r.ended_at) AS at FROM (
               SELECT case_id, agent_id, ended_at FROM offers
               WHERE case_id = ANY({case_ids}) AND state IN ('declined', 'lapsed')
               UNION ALL
               SELECT case_id, agent_id, ended_at FROM assignments
               WHERE case_id = ANY({case_ids}) AND given_back) r
             WHERE r.ended_at > {refused_since}
             GROUP BY r.case_id, r.agent_id) o) AS refusals,
      (SELECT coalesce(jsonb_agg(o.case_id), '[]') FROM offers o
       WHERE o.case_id = ANY({case_ids}) AND o.state = 'live') AS offered,
      (SELECT coalesce(jsonb_object_agg(c.id, jsonb_build_object(
          'tier', cu.tier, 'worth', cv.worth, 'knows', {_KNOWS}, 'left_at', {_LEFT_AT})), '{{}}')
       FROM cases c JOIN customers cu ON cu.id = c.customer_id
       LEFT JOIN customer_values cv ON cv.customer_id = c.customer_id
       WHERE c.id = ANY({case_ids})) AS worths,
      (SELECT coalesce(jsonb_object_agg(coalesce(x.queue_id, 0), x.n), '{{}}') FROM (
          SELECT c.queue_id, count(*) AS n FROM cases c
          WHERE c.channel = 'chat' AND c.opened_at > {arrived_since} GROUP BY c.queue_id) x) AS arrivals,
      (SELECT jsonb_build_object('version', r.id, 'body', r.body::text)
       FROM routing_policies r WHERE r.state = 'active') AS policy
    """  # noqa: S608 - put together from constants of this file


_FLOOR = text(
    _floor_sql(
        queue_id="CAST(NULL AS bigint)",
        agent_id="CAST(:agent_id AS bigint)",
        available_only=":available_only",
        case_ids=":case_ids",
        refused_since=":refused_since",
        arrived_since=":arrived_since",
    )
)

# The score of desk/routing/standing.py without its agent, asked of the database: `scale` has a row for
# each channel (desk/routing/scale.py), its numbers in arrays, so that a line is sorted without a join.
_SCALE = """
    scale AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(CAST(:scale AS jsonb)) AS s(
        channel text, tiers text[], priorities text[], bases float[], mosts float[], worths float[],
        by_due boolean, target float, left_target float, rate float, overdue_rate float, escalate float,
        escalated float, lead float))
"""
_SCORE = """
    s.bases[(t.tier - 1) * cardinality(s.priorities) + array_position(s.priorities, CAST(c.priority AS text))]
      + CASE WHEN s.lead IS NULL THEN 0 ELSE greatest(-s.mosts[t.tier], least(s.mosts[t.tier],
          s.lead * ln(greatest(0.001, coalesce(cv.worth, s.worths[t.tier]))))) / s.lead END
      + late.minutes * CASE WHEN late.minutes < 0 THEN s.rate ELSE s.overdue_rate END
      + CASE WHEN waited.minutes >= s.escalate THEN s.escalated ELSE 0 END
"""
_SCALED = f"""
    JOIN customers cu ON cu.id = c.customer_id
    LEFT JOIN customer_values cv ON cv.customer_id = c.customer_id
    CROSS JOIN LATERAL (SELECT array_position(s.tiers, CAST(cu.tier AS text)) AS tier) t
    CROSS JOIN LATERAL (SELECT coalesce(c.waiting_since, c.last_at) AS since) w
    CROSS JOIN LATERAL (
      SELECT CAST(extract(epoch FROM CAST(:now AS timestamptz) - w.since) AS float) / 60 AS minutes) waited
    CROSS JOIN LATERAL (SELECT {_LEFT_AT} AS at) gone
    CROSS JOIN LATERAL (
      SELECT CASE WHEN gone.at IS NULL THEN c.due_at
                  ELSE greatest(c.due_at, gone.at) + s.left_target * interval '1 minute' END AS at) due
    CROSS JOIN LATERAL (
      SELECT CASE WHEN NOT s.by_due THEN waited.minutes
                  WHEN due.at IS NULL THEN waited.minutes - s.target
                  ELSE CAST(extract(epoch FROM CAST(:now AS timestamptz) - due.at) AS float) / 60
             END AS minutes) late
    WHERE c.status = 'open' AND c.assignee_id IS NULL AND c.merged_into_id IS NULL
"""  # noqa: S608 - put together from constants of this file

# Of each line as many as could be given now, and a few more, as some may be held back by a rule. NOT IN
# is one hash of what is offered, however the planner guesses; NOT EXISTS becomes a loop in a plan that was
# made while nothing was.
_HEADS = f"""
    WITH {_SCALE}
    SELECT head.* FROM unnest(CAST(:queue_ids AS bigint[]), CAST(:channels AS text[])) AS l(queue_id, channel)
    JOIN scale s ON s.channel = l.channel
    CROSS JOIN LATERAL (
      SELECT c.id, c.queue_id, c.channel, c.priority, cu.tier, cv.worth, c.due_at, gone.at AS left_at,
             w.since, {_KNOWS} AS knows
      FROM cases c {_SCALED} AND coalesce(c.queue_id, 0) = l.queue_id AND c.channel = l.channel
        AND c.id NOT IN (SELECT o.case_id FROM offers o WHERE o.state = 'live')
      ORDER BY {_SCORE} DESC, w.since, c.id
      LIMIT :most
      {{hold}}
    ) head
    """  # noqa: S608 - put together from constants of this file
_WAITING_SEEN = text(_HEADS.format(hold=""))
# Rows that another transaction holds are left to it.
_WAITING_TAKEN = text(_HEADS.format(hold="FOR NO KEY UPDATE OF c SKIP LOCKED"))
_WAITING_ONE = text(
    f"""
    WITH {_SCALE}
    SELECT c.id, c.queue_id, c.channel, c.priority, cu.tier, cv.worth, c.due_at, gone.at AS left_at, w.since,
           {_KNOWS} AS knows
    FROM cases c JOIN scale s ON s.channel = c.channel {_SCALED} AND c.id = :case_id
      AND (coalesce(c.queue_id, 0), c.channel) IN
          (SELECT * FROM unnest(CAST(:queue_ids AS bigint[]), CAST(:channels AS text[])))
      AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.case_id = c.id AND o.state = 'live')
    FOR NO KEY UPDATE OF c
    """  # noqa: S608 - put together from constants of this file
)

_WAITING_NOW = text(
    f"""
    SELECT c.id, c.queue_id, c.channel, c.priority, cu.tier, cv.worth, c.due_at, {_LEFT_AT} AS left_at,
           c.subject, {_KNOWS} AS knows, coalesce(c.waiting_since, c.last_at) AS since
    FROM cases c JOIN customers cu ON cu.id = c.customer_id
    LEFT JOIN customer_values cv ON cv.customer_id = c.customer_id
    WHERE c.status = 'open' AND c.assignee_id IS NULL AND c.merged_into_id IS NULL
    ORDER BY since, c.id
    LIMIT :limit
    """  # noqa: S608 - put together from constants of this file
)

# Who is being offered to somebody stands where they stood.
_PLACE = text(
    f"""
    WITH {_SCALE}
    SELECT line.place, line.length FROM (
      SELECT c.id, row_number() OVER (ORDER BY {_SCORE} DESC, w.since, c.id) AS place,
             count(*) OVER () AS length
      FROM cases c JOIN scale s ON s.channel = c.channel {_SCALED}
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
    arrived_since="now()",  # what is expected is asked of the whole floor
)


@dataclass(frozen=True)
class FloorRows:
    """All that a routing decision looks at, as one statement found it; plain JSON values."""

    queues: Sequence[Mapping[str, Any]]
    agents: Sequence[Mapping[str, Any]]
    refusals: Sequence[Mapping[str, Any]]
    offered: frozenset[int]
    worths: Mapping[str, Mapping[str, Any]]
    arrivals: Mapping[str, int]
    policy: Mapping[str, Any] | None


def floor_rows(
    session: Session,
    *,
    refused_since: datetime,
    arrived_since: datetime,
    case_ids: Collection[int] = (),
    agent_id: int | None = None,
    available_only: bool = False,
) -> FloorRows:
    """Queues with what they ask, agents with places, chats that came, the policy in force; of the cases,
    who refused and whose they are.
    """
    row = session.execute(
        _FLOOR,
        {
            "refused_since": refused_since,
            "arrived_since": arrived_since,
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
        found["worths"],
        found["arrivals"],
        found["policy"],
    )


def hold_waiting(
    session: Session,
    lines: Collection[tuple[int | None, str]],
    *,
    scale: Sequence[Mapping[str, Any]],
    now: datetime,
    most: int,
    case_id: int | None = None,
) -> Sequence[Row[Any]]:
    """The first cases of each of these (queue, channel) lines, locked: (id, queue_id, channel, priority,
    tier, worth, due_at, left_at, since, knows). One case asked for by number is waited for; of many, those
    held elsewhere are left out.
    """
    asked = _asked_of(lines, scale, now)
    if case_id is not None:
        return session.execute(_WAITING_ONE, asked | {"case_id": case_id}).all()
    return session.execute(_WAITING_TAKEN, asked | {"most": most}).all()


def first_waiting(
    session: Session,
    lines: Collection[tuple[int | None, str]],
    *,
    scale: Sequence[Mapping[str, Any]],
    now: datetime,
    most: int,
) -> Sequence[Row[Any]]:
    """The first cases of each of these lines, as `hold_waiting` has them; nothing is held."""
    return session.execute(_WAITING_SEEN, _asked_of(lines, scale, now) | {"most": most}).all()


def waiting_now(session: Session, limit: int) -> Sequence[Row[Any]]:
    """What waits for an agent, whoever waits for longest first, as `hold_waiting` has it, with `subject`;
    nothing is held.
    """
    return session.execute(_WAITING_NOW, {"limit": limit}).all()


def place_in_line(
    session: Session,
    case_id: int,
    queue_id: int | None,
    channel: str,
    *,
    scale: Sequence[Mapping[str, Any]],
    now: datetime,
) -> tuple[int, int] | None:
    """The place of a waiting case in its (queue, channel) line, from 1, and how long the line is; None for
    one that does not wait.
    """
    found = session.execute(
        _PLACE,
        {
            "case_id": case_id,
            "queue_id": queue_id or 0,
            "channel": channel,
            "scale": _as_json(scale),
            "now": now,
        },
    ).one_or_none()
    return None if found is None else (int(found.place), int(found.length))


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


def _asked_of(
    lines: Collection[tuple[int | None, str]], scale: Sequence[Mapping[str, Any]], now: datetime
) -> dict[str, Any]:
    return {
        "queue_ids": [queue_id or 0 for queue_id, _ in lines],
        "channels": [channel for _, channel in lines],
        "scale": _as_json(scale),
        "now": now,
    }


def _as_json(scale: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(list(scale)).decode()
