"""An agent is a person who works here: what they can, how much they can hold, and how they sign in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.inbound import ChannelKind
from desk.model.permission import Role
from desk.model.record import Key, Record

DEFAULT_CAPACITY: Mapping[ChannelKind, int] = {
    ChannelKind.EMAIL: 5,
    ChannelKind.SMS: 3,
    ChannelKind.CHAT: 2,
    ChannelKind.FORM: 5,
    ChannelKind.API: 5,
}
"""How many open cases of a channel an agent may hold where nobody has said otherwise."""


class Agent(Record):
    """Whoever signs in, in any role. `totp_secret` is encrypted; `recovery_codes` are hashes."""

    __tablename__ = "agents"

    id: Mapped[Key] = mapped_column(init=False)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(320), unique=True)
    role: Mapped[Role]
    created_at: Mapped[datetime]
    password_hash: Mapped[str | None] = mapped_column(String(200), default=None, repr=False)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary, default=None, repr=False)
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    totp_last_step: Mapped[int | None] = mapped_column(default=None)
    recovery_codes: Mapped[list[str]] = mapped_column(ARRAY(String), default_factory=list, repr=False)
    disabled_at: Mapped[datetime | None] = mapped_column(default=None)
    assigned_only: Mapped[bool] = mapped_column(default=False)
    preferences: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None


class Team(Record):
    __tablename__ = "teams"

    id: Mapped[Key] = mapped_column(init=False)
    name: Mapped[str] = mapped_column(String(120), unique=True)


class TeamMember(Record):
    __tablename__ = "team_members"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), primary_key=True, index=True)


class Skill(Record):
    """An ability that work may ask for: a language, a product, a trade."""

    __tablename__ = "skills"

    id: Mapped[Key] = mapped_column(init=False)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class Proficiency(Record):
    """How good an agent is at a skill, 1 to 5."""

    __tablename__ = "proficiencies"

    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id"), primary_key=True, index=True)
    level: Mapped[int]


class Capacity(Record):
    """How many cases of a channel an agent may hold at once; 0 keeps the channel away."""

    __tablename__ = "capacities"

    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(12), primary_key=True)
    limit: Mapped[int] = mapped_column("most")


class CannedReply(Record):
    """A ready answer with placeholders, found by `/key`."""

    __tablename__ = "canned_replies"

    id: Mapped[Key] = mapped_column(init=False)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str]
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id"), default=None)


class Macro(Record):
    """Several deeds behind one key; each step is `{"do": …, "value": …}`."""

    __tablename__ = "macros"

    id: Mapped[Key] = mapped_column(init=False)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    steps: Mapped[list[Any]] = mapped_column(JSONB)


class SavedView(Record):
    """A filter with a name, one agent's own or shared with all."""

    __tablename__ = "saved_views"

    id: Mapped[Key] = mapped_column(init=False)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    filter: Mapped[dict[str, Any]] = mapped_column(JSONB)
    shared: Mapped[bool] = mapped_column(default=False)
