"""API tokens: a key for a program, shown once, narrower than its maker, and revocable."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from desk.actions.setup.audit import audit
from desk.model.access import ApiToken
from desk.model.agent import Agent
from desk.model.errors import Invalid, NotFound
from desk.model.permission import ROLES, Permission
from desk.store.people.sessions import hash_of
from desk.store.unit_of_work import Work

PREFIX = "desk_"
SHOWN_LENGTH = 12


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A token just made. `secret` is shown once and kept nowhere."""

    secret: str
    token: ApiToken


def make_token(
    work: Work, *, name: str, agent_id: int, scopes: Iterable[str], expires_at: datetime | None
) -> MadeToken:
    """A token that acts for the agent within `scopes`. Raises Invalid for a scope its agent does not have."""
    work.require(Permission.EDIT_TOKENS)
    agent = work.session.get(Agent, agent_id)
    if agent is None:
        raise NotFound(f"There is no agent {agent_id}.")
    if not agent.is_active:
        raise Invalid(f"{agent.name} is disabled, and so would be the token.")
    wanted = _scopes(scopes, agent)
    if expires_at is not None and expires_at <= work.now:
        raise Invalid("The token would have expired already.", "expires_at")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        name=name,
        prefix=secret[:SHOWN_LENGTH],
        secret_hash=hash_of(secret),
        agent_id=agent.id,
        scopes=wanted,
        created_at=work.now,
        expires_at=expires_at,
    )
    work.session.add(token)
    work.session.flush()
    audit(work, "token made", f"token:{token.id}", {"agent_id": agent.id, "scopes": wanted})
    return MadeToken(secret, token)


def revoke_token(work: Work, token_id: int) -> None:
    """From the next request on the token opens nothing."""
    work.require(Permission.EDIT_TOKENS)
    token = work.session.get(ApiToken, token_id)
    if token is None or token.revoked_at is not None:
        raise NotFound(f"There is no token {token_id}.")
    token.revoked_at = work.now
    audit(work, "token revoked", f"token:{token_id}")


def tokens(work: Work) -> Sequence[ApiToken]:
    """The tokens that were not revoked, the newest first."""
    work.require(Permission.EDIT_TOKENS)
    return work.session.scalars(
        select(ApiToken).where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.id.desc())
    ).all()


def _scopes(scopes: Iterable[str], agent: Agent) -> list[str]:
    known = {permission.value for permission in ROLES[agent.role]}
    wanted = sorted(set(scopes) | {Permission.SIGNED_IN.value})
    for scope in wanted:
        if scope not in known:
            raise Invalid(f"{agent.name} does not have the right “{scope}”.", "scopes")
    return wanted
