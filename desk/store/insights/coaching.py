"""What coaching is told from: each agent's resolved cases by topic, tier and channel, and what was said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session, aliased

from desk.model.agent import Agent, TeamMember
from desk.model.coaching import Cell, CoachingEntry, Measure
from desk.model.permission import Role
from desk.store.cases.answer_time import ANSWERS
from desk.store.insights.scores import SCORES

_AUTHOR, _MINE, _THEIRS = aliased(Agent), aliased(TeamMember), aliased(TeamMember)

# A case counts once, for whoever resolved it first in the period. One that was opened again counts as well:
# leaving it out would leave out just those that went wrong.
_RESOLVED = """
    ended AS (
      SELECT DISTINCT ON (x.case_id) x.case_id, x.id, x.at, CAST(substr(x.actor, 7) AS bigint) AS agent_id
      FROM case_changes x
      WHERE x.what = 'status' AND x.after = '"resolved"' AND x.actor LIKE 'agent:%'
        AND x.at >= :since AND x.at < :until
      ORDER BY x.case_id, x.id
    ), resolved AS (
      SELECT e.*, c.opened_at, c.channel, u.tier, q.topic_id
      FROM ended e JOIN cases c ON c.id = e.case_id JOIN customers u ON u.id = c.customer_id
        JOIN LATERAL (SELECT topic_id FROM questions q WHERE q.case_id = e.case_id
          ORDER BY q.asked_at, q.id LIMIT 1) q ON q.topic_id IS NOT NULL
      WHERE c.merged_into_id IS NULL
    )
"""
_CELLS = text(
    f"""
    WITH {_RESOLVED}, touched AS (SELECT case_id FROM resolved), {ANSWERS}, worked AS (
      SELECT r.case_id, extract(epoch FROM sum(a.took))::float8 AS seconds
      FROM resolved r JOIN answers a ON a.case_id = r.case_id AND a.agent_id = r.agent_id GROUP BY r.case_id
    ), scored AS (
      SELECT z.case_id, max(z.score) AS score FROM touched t JOIN {SCORES} z ON z.case_id = t.case_id
      GROUP BY z.case_id
    )
    SELECT m.measure, r.agent_id, r.topic_id, r.tier, r.channel, count(*) AS cases,
      sum(m.value)::float8 AS total, sum(m.value * m.value)::float8 AS squares
    FROM resolved r LEFT JOIN worked w USING (case_id) LEFT JOIN scored s USING (case_id)
      CROSS JOIN LATERAL (VALUES
        ('{Measure.RESOLUTION}', ln(greatest(extract(epoch FROM r.at - r.opened_at)::float8, 1))),
        ('{Measure.HANDLING}', ln(greatest(w.seconds, 1))),
        ('{Measure.REOPENED}', EXISTS (SELECT FROM case_changes y WHERE y.case_id = r.case_id AND y.id > r.id
          AND y.what = 'status' AND y.before = '"resolved"' AND y.after <> '"closed"'
          AND y.at <= r.at + interval '14 days')::int::float8),
        ('{Measure.SATISFIED}', (s.score >= 4)::int::float8)
      ) m(measure, value)
    WHERE m.value IS NOT NULL GROUP BY 1, 2, 3, 4, 5
    """  # noqa: S608 - put together from constants
)
_DRAWN = text(
    f"""
    WITH {_RESOLVED}
    SELECT r.case_id, c.subject, r.at AS resolved_at, r.topic_id, r.tier, r.channel
    FROM resolved r JOIN cases c ON c.id = r.case_id
    WHERE r.agent_id = :agent AND (CAST(:topic AS bigint) IS NULL OR r.topic_id = :topic)
    ORDER BY md5(CAST(:seed AS text) || ' ' || r.case_id), r.case_id LIMIT :limit OFFSET :offset
    """  # noqa: S608 - put together from constants
)


def cells_of(session: Session, since: datetime, until: datetime) -> list[Cell]:
    """What every agent did in every stratum of each measure, by cases first resolved in the period.

    A case without a known topic is like no other, and left out.
    """
    rows = session.execute(_CELLS, {"since": since, "until": until})
    return [Cell(Measure(row.measure), *row[1:]) for row in rows]


def drawn_cases(
    session: Session,
    since: datetime,
    until: datetime,
    *,
    agent_id: int,
    topic_id: int | None,
    seed: str,
    limit: int,
    offset: int,
) -> list[dict[str, Any]]:
    """Cases that the agent resolved, `{case_id, subject, resolved_at, topic_id, tier, channel}`, in an order
    that the seed draws, whatever came of them."""
    asked = {
        "since": since, "until": until, "agent": agent_id, "topic": topic_id, "seed": seed, "limit": limit,
        "offset": offset,
    }  # fmt: skip
    return [dict(row._mapping) for row in session.execute(_DRAWN, asked)]


def team_of(session: Session, manager_id: int) -> Sequence[Agent]:
    """The agents who share a team with the manager, by name; for a manager of no team, all of them."""
    shared = exists().where(
        _MINE.agent_id == manager_id, _THEIRS.team_id == _MINE.team_id, _THEIRS.agent_id == Agent.id
    )
    leads = session.scalar(select(exists().where(TeamMember.agent_id == manager_id)))
    asked = select(Agent).where(Agent.disabled_at.is_(None), Agent.id != manager_id, Agent.role == Role.AGENT)
    return session.scalars((asked.where(shared) if leads else asked).order_by(Agent.name, Agent.id)).all()


def entries_about(session: Session, agent_id: int, limit: int) -> list[dict[str, Any]]:
    """What was said in the agent's coaching, with who said it, the latest first."""
    rows = session.execute(
        select(CoachingEntry, _AUTHOR.name)
        .join(_AUTHOR, _AUTHOR.id == CoachingEntry.author_id)
        .where(CoachingEntry.agent_id == agent_id)
        .order_by(CoachingEntry.id.desc())
        .limit(limit)
    )
    return [
        {
            "id": one.id, "kind": one.kind, "text": one.text, "at": one.at, "author_id": one.author_id,
            "author": name, "case_id": one.case_id, "topic_id": one.topic_id, "answers_id": one.answers_id,
            "due_on": one.due_on, "outcome": one.outcome, "ended_at": one.ended_at,
        }
        for one, name in rows
    ]  # fmt: skip
