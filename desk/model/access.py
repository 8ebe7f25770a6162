"""Who is let in: sessions, tokens, and the log of what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record


class Session(Record):
    """A signed-in browser. Only the hash of its secret is kept; `pending` waits for the second factor."""

    __tablename__ = "sessions"

    id: Mapped[Key] = mapped_column(init=False)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True, repr=False)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    csrf: Mapped[str] = mapped_column(String(43), repr=False)
    pending: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str] = mapped_column(String(64), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class ApiToken(Record):
    """A key for a program, acting for the agent who made it, within its scopes. Only its hash is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[Key] = mapped_column(init=False)
    name: Mapped[str] = mapped_column(String(120))
    prefix: Mapped[str] = mapped_column(String(12))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True, repr=False)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), index=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class AuditEntry(Record):
    """One line of the audit log. `digest` covers this line and the one before it, so that tampering shows."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_about", "about", text("id DESC")),)

    id: Mapped[Key] = mapped_column(init=False)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(120))
    what: Mapped[str] = mapped_column(String(80))
    about: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(64), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    digest: Mapped[str] = mapped_column(String(64), default="")
