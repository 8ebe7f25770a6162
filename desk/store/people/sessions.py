"""Sessions and API tokens by the hash of their secret: who is asking, in one statement."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, text, update
from sqlalchemy.orm import Session as Database

from desk.model.access import Session
from desk.model.permission import Actor, Permission, Role
from desk.store.line import Line, Statement

TOUCH_EVERY = timedelta(minutes=1)
"""How exact `seen_at` is: one write a minute and session, instead of one a request."""

_AGENT = """
    a.id AS agent_id, a.name, a.email, a.role, a.assigned_only, a.preferences,
    a.totp_confirmed_at IS NOT NULL AS has_totp,
    ARRAY(SELECT tm.team_id FROM team_members tm WHERE tm.agent_id = a.id ORDER BY 1) AS team_ids,
    ARRAY(SELECT DISTINCT qt.queue_id FROM team_members tm JOIN queue_teams qt USING (team_id)
          WHERE tm.agent_id = a.id ORDER BY 1) AS queue_ids
"""
# A role may be asked for a second factor; whoever has none is let in once one is set up.
_OWES = """
    (s.pending OR (a.totp_confirmed_at IS NULL AND EXISTS (
        SELECT 1 FROM policies p WHERE p.key = 'second_factor_roles' AND p.value ? a.role)))
"""
_BY_SESSION = Statement(
    f"""
    SELECT {_AGENT}, s.id AS session_id, s.csrf, {_OWES} AS pending, s.seen_at AS used_at,
           NULL::varchar[] AS scopes, NULL::bigint AS token_id
    FROM sessions s JOIN agents a ON a.id = s.agent_id
    WHERE s.secret_hash = :hash AND s.ended_at IS NULL AND s.expires_at > :now
      AND s.seen_at > :idle_since AND a.disabled_at IS NULL
    """  # noqa: S608 - put together from constants of this file
)
_BY_TOKEN = Statement(
    f"""
    SELECT {_AGENT}, NULL::bigint AS session_id, '' AS csrf, false AS pending,
           t.last_used_at AS used_at, t.scopes, t.id AS token_id
    FROM api_tokens t JOIN agents a ON a.id = t.agent_id
    WHERE t.secret_hash = :hash AND t.revoked_at IS NULL
      AND (t.expires_at IS NULL OR t.expires_at > :now) AND a.disabled_at IS NULL
    """  # noqa: S608 - put together from constants of this file
)


_BY_NUMBER = Statement(
    f"""
    SELECT {_AGENT}, NULL::bigint AS session_id, '' AS csrf, false AS pending,
           NULL::timestamptz AS used_at, NULL::varchar[] AS scopes, NULL::bigint AS token_id
    FROM agents a WHERE a.id = :agent_id AND a.disabled_at IS NULL
    """  # noqa: S608 - put together from constants of this file
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, with the rights of this moment.

    `pending` still owes the second factor: its code, or, without `has_totp`, to set one up.
    """

    agent_id: int
    name: str
    email: str
    role: Role
    assigned_only: bool
    preferences: Mapping[str, Any]
    has_totp: bool
    team_ids: tuple[int, ...]
    queue_ids: frozenset[int]
    session_id: int | None
    token_id: int | None
    csrf: str = field(repr=False)
    pending: bool
    used_at: datetime | None
    scopes: frozenset[Permission] | None

    @property
    def actor(self) -> Actor:
        return Actor(
            name=self.name,
            agent_id=self.agent_id,
            role=self.role,
            queue_ids=self.queue_ids,
            assigned_only=self.assigned_only,
            scopes=self.scopes,
        )


def hash_of(secret: str) -> str:
    """How a random secret of 256 bits is kept; no salt is needed for what cannot be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def caller_by_session(
    connection: Connection, secret_hash: str, *, now: datetime, idle: timedelta
) -> Caller | None:
    """Whose live session it is; None when it ended, lay idle, or its agent is disabled."""
    return _caller(
        Line(connection).ask(_BY_SESSION, {"hash": secret_hash, "now": now, "idle_since": now - idle})
    )


def caller_by_token(connection: Connection, secret_hash: str, *, now: datetime) -> Caller | None:
    """Whose API token it is; None when it was revoked, has expired, or its agent is disabled."""
    return _caller(Line(connection).ask(_BY_TOKEN, {"hash": secret_hash, "now": now}))


def find_actor(connection: Connection, agent_id: int) -> Actor | None:
    """The agent with the rights of this moment, for what they ordered before; None when they are disabled."""
    caller = _caller(Line(connection).ask(_BY_NUMBER, {"agent_id": agent_id}))
    return caller.actor if caller else None


def note_use(connection: Connection, caller: Caller, now: datetime) -> None:
    """Move `seen_at` or `last_used_at` on, at most once a minute."""
    if caller.used_at is not None and now - caller.used_at < TOUCH_EVERY:
        return
    if caller.session_id is not None:
        statement = text("UPDATE sessions SET seen_at = :now WHERE id = :id")
        connection.execute(statement, {"now": now, "id": caller.session_id})
        return
    statement = text("UPDATE api_tokens SET last_used_at = :now WHERE id = :id")
    connection.execute(statement, {"now": now, "id": caller.token_id})


def sessions_of(database: Database, agent_id: int, *, now: datetime, idle: timedelta) -> Sequence[Session]:
    """The agent's live sessions, the one used last first."""
    return database.scalars(
        select(Session)
        .where(
            Session.agent_id == agent_id,
            Session.ended_at.is_(None),
            Session.pending.is_(False),
            Session.expires_at > now,
            Session.seen_at > now - idle,
        )
        .order_by(Session.seen_at.desc(), Session.id.desc())
    ).all()


def end_sessions(database: Database, agent_id: int, now: datetime, *, but: int | None = None) -> int:
    """End all sessions of an agent, `but` the one given; returns how many ended."""
    ended = database.scalars(
        update(Session)
        .where(Session.agent_id == agent_id, Session.ended_at.is_(None), Session.id != (but or 0))
        .values(ended_at=now)
        .returning(Session.id)
    ).all()
    return len(ended)


def rights_now(
    connection: Connection, session_ids: Sequence[int], *, now: datetime, idle: timedelta
) -> dict[int, tuple[str, bool, frozenset[int]]]:
    """Session to (role, assigned only, queues), for those of `session_ids` that are still alive."""
    rows = connection.execute(
        text(
            f"""
            SELECT s.id, a.role, a.assigned_only,
                   ARRAY(SELECT qt.queue_id FROM team_members tm JOIN queue_teams qt USING (team_id)
                         WHERE tm.agent_id = a.id) AS queue_ids
            FROM sessions s JOIN agents a ON a.id = s.agent_id
            WHERE s.id = ANY(:ids) AND s.ended_at IS NULL AND s.expires_at > :now
              AND s.seen_at > :idle_since AND a.disabled_at IS NULL AND NOT {_OWES}
            """  # noqa: S608 - put together from constants of this file
        ),
        {"ids": list(session_ids), "now": now, "idle_since": now - idle},
    )
    return {row.id: (row.role, row.assigned_only, frozenset(row.queue_ids)) for row in rows}


def _caller(rows: Sequence[Any]) -> Caller | None:
    if not rows:
        return None
    (row,) = rows
    return Caller(
        agent_id=row.agent_id,
        name=row.name,
        email=row.email,
        role=Role(row.role),
        assigned_only=row.assigned_only,
        preferences=row.preferences,
        has_totp=row.has_totp,
        team_ids=tuple(row.team_ids),
        queue_ids=frozenset(row.queue_ids),
        session_id=row.session_id,
        token_id=row.token_id,
        csrf=row.csrf,
        pending=row.pending,
        used_at=row.used_at,
        scopes=None if row.scopes is None else frozenset(map(Permission, row.scopes)),
    )
