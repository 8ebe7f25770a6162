"""Signing in and out: a session is opened on proof, renewed at each proof, and ended for good."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from desk.actions.people.passwords import check_new_password, hash_of_password, is_password
from desk.actions.people.second_factor import takes_code
from desk.actions.setup.audit import audit
from desk.model.access import Session
from desk.model.agent import Agent
from desk.model.errors import Forbidden, NotFound
from desk.store.people.sessions import end_sessions, hash_of, sessions_of
from desk.store.unit_of_work import Work
from desk.store.vault import Vault

SECRET_BYTES = 32
PENDING_FOR = timedelta(minutes=10)
BROWSER_LENGTH = 200


@dataclass(frozen=True, slots=True)
class SignInRecord:
    """What a sign-in is checked against; for an unknown or disabled address there is none."""

    agent_id: int
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session just opened. `secret` goes into the cookie and is kept nowhere."""

    secret: str
    agent_id: int
    pending: bool


def sign_in_record(work: Work, email: str) -> SignInRecord | None:
    """How the agent with this address signs in; None for whoever may not."""
    found = work.session.execute(
        select(Agent.id, Agent.password_hash).where(
            Agent.email == email.strip().lower(), Agent.disabled_at.is_(None)
        )
    ).first()
    return None if found is None else SignInRecord(found.id, found.password_hash)


def open_session(work: Work, agent_id: int, *, browser: str, lasts: timedelta) -> OpenedSession:
    """The password was right: a new session, pending while a second factor is owed."""
    agent = work.session.get(Agent, agent_id)
    if agent is None or not agent.is_active:
        raise NotFound("There is no such agent.")
    pending = agent.totp_confirmed_at is not None
    if not pending:
        audit(work, "signed in", f"agent:{agent.id}")
    return _opened(work, agent.id, browser, PENDING_FOR if pending else lasts, pending=pending)


def finish_sign_in(
    work: Work, vault: Vault, session_id: int, code: str, *, lasts: timedelta
) -> OpenedSession | None:
    """The second factor: the pending session ends and a whole one begins; None when the code is not right."""
    pending = work.session.get(Session, session_id, with_for_update=True)
    if pending is None or pending.ended_at is not None or not pending.pending:
        return None
    agent = work.session.get(Agent, pending.agent_id, with_for_update=True)
    if agent is None or not agent.is_active:
        return None
    if not takes_code(agent, vault, code, work.now):
        audit(work, "second factor refused", f"agent:{agent.id}")
        return None
    pending.ended_at = work.now
    audit(work, "signed in", f"agent:{agent.id}", {"second_factor": True})
    return _opened(work, agent.id, pending.browser, lasts, pending=False)


def note_refusal(work: Work, agent_id: int | None) -> None:
    """A wrong password is a line in the audit log; of an unknown address only that there was one."""
    audit(work, "sign-in refused", f"agent:{agent_id}" if agent_id else "nobody")


def sign_out(work: Work, session_id: int) -> None:
    """End the session, at the server and not only in the browser."""
    session = work.session.get(Session, session_id)
    if session is not None and session.ended_at is None:
        session.ended_at = work.now
        audit(work, "signed out", f"agent:{session.agent_id}")


def own_sessions(work: Work, *, idle: timedelta) -> Sequence[Session]:
    """The actor's live sessions."""
    return sessions_of(work.session, work.actor.agent_id or 0, now=work.now, idle=idle)


def end_own_session(work: Work, session_id: int) -> None:
    """End one of the actor's sessions. Raises NotFound for anybody else's."""
    session = work.session.get(Session, session_id)
    if session is None or session.agent_id != work.actor.agent_id or session.ended_at is not None:
        raise NotFound("There is no such session.")
    session.ended_at = work.now
    audit(work, "session ended", f"session:{session_id}")


def change_own_password(work: Work, current: str, new: str, *, keep_session: int | None) -> None:
    """A new password; every other session of the actor ends. Raises Forbidden when the old one is wrong."""
    agent = work.session.get(Agent, work.actor.agent_id, with_for_update=True)
    if agent is None or not is_password(agent.password_hash, current):
        raise Forbidden("The password is not right.")
    set_password(work, agent, new, keep_session=keep_session)


def set_password(work: Work, agent: Agent, password: str, *, keep_session: int | None = None) -> None:
    """Give the agent a password and end their sessions. Raises Invalid for a weak one."""
    check_new_password(password, email=agent.email, name=agent.name)
    agent.password_hash = hash_of_password(password)
    end_sessions(work.session, agent.id, work.now, but=keep_session)
    audit(work, "password changed", f"agent:{agent.id}")


def agent_by_email(work: Work, email: str) -> Agent:
    """The agent with this address. Raises NotFound."""
    agent = work.session.scalar(select(Agent).where(func.lower(Agent.email) == email.strip().lower()))
    if agent is None:
        raise NotFound(f"There is no agent {email}.")
    return agent


def _opened(work: Work, agent_id: int, browser: str, lasts: timedelta, *, pending: bool) -> OpenedSession:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    work.session.add(
        Session(
            secret_hash=hash_of(secret),
            agent_id=agent_id,
            created_at=work.now,
            seen_at=work.now,
            expires_at=work.now + lasts,
            csrf=secrets.token_urlsafe(SECRET_BYTES),
            pending=pending,
            address=work.address[:64],
            browser=browser[:BROWSER_LENGTH],
        )
    )
    return OpenedSession(secret, agent_id, pending)
