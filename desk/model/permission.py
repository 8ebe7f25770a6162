"""Rights: what each role may do, and to which cases. The one table that every entrance asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desk.model.case import Case


class Role(StrEnum):
    AGENT = "agent"
    MANAGER = "manager"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """A deed, in the words a setup page would use."""

    SIGNED_IN = "signed_in"
    READ_CASES = "read_cases"
    WORK_CASES = "work_cases"
    MERGE_CASES = "merge_cases"
    READ_CUSTOMERS = "read_customers"
    EDIT_CUSTOMERS = "edit_customers"
    MERGE_CUSTOMERS = "merge_customers"
    READ_ARTICLES = "read_articles"
    EDIT_ARTICLES = "edit_articles"
    PUBLISH_ARTICLES = "publish_articles"
    TAKE_CONTACTS = "take_contacts"
    TAKE_PURCHASES = "take_purchases"
    OVERRULE_COVER = "overrule_cover"
    READ_QUARANTINE = "read_quarantine"
    RERUN_QUARANTINE = "rerun_quarantine"
    EXPORT = "export"
    SHARE_VIEWS = "share_views"
    WATCH_FLOOR = "watch_floor"
    COACH = "coach"
    READ_SETUP = "read_setup"
    EDIT_WORK_SETUP = "edit_work_setup"
    EDIT_AGENTS = "edit_agents"
    EDIT_CHANNELS = "edit_channels"
    EDIT_POLICIES = "edit_policies"
    EDIT_TOKENS = "edit_tokens"
    READ_AUDIT = "read_audit"


_AGENT = frozenset(
    {
        Permission.SIGNED_IN,
        Permission.READ_CASES,
        Permission.WORK_CASES,
        Permission.MERGE_CASES,
        Permission.READ_CUSTOMERS,
        Permission.EDIT_CUSTOMERS,
        Permission.READ_ARTICLES,
        Permission.EDIT_ARTICLES,
        Permission.READ_QUARANTINE,
    }
)
_MANAGER = _AGENT | {
    Permission.MERGE_CUSTOMERS,
    Permission.PUBLISH_ARTICLES,
    Permission.TAKE_CONTACTS,
    Permission.TAKE_PURCHASES,
    Permission.OVERRULE_COVER,
    Permission.RERUN_QUARANTINE,
    Permission.EXPORT,
    Permission.SHARE_VIEWS,
    Permission.WATCH_FLOOR,
    Permission.COACH,
    Permission.READ_SETUP,
    Permission.EDIT_WORK_SETUP,
    Permission.EDIT_POLICIES,
}
_ADMIN = _MANAGER | {
    Permission.EDIT_AGENTS,
    Permission.EDIT_CHANNELS,
    Permission.EDIT_TOKENS,
    Permission.READ_AUDIT,
}
_AUDITOR = frozenset(
    {
        Permission.SIGNED_IN,
        Permission.READ_CASES,
        Permission.READ_CUSTOMERS,
        Permission.READ_ARTICLES,
        Permission.READ_QUARANTINE,
        Permission.WATCH_FLOOR,
        Permission.READ_SETUP,
        Permission.READ_AUDIT,
    }
)

ROLES: dict[Role, frozenset[Permission]] = {
    Role.AGENT: _AGENT,
    Role.MANAGER: _MANAGER,
    Role.ADMIN: _ADMIN,
    Role.AUDITOR: _AUDITOR,
}

SEES_ALL_CASES = frozenset({Role.MANAGER, Role.ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does a deed: an agent in a role with the queues they work, or the system itself.

    `scopes`, where given (an API token), narrow the role's rights and never widen them.
    """

    name: str
    agent_id: int | None = None
    role: Role | None = None
    queue_ids: frozenset[int] = field(default_factory=frozenset)
    assigned_only: bool = False
    scopes: frozenset[Permission] | None = None

    @property
    def is_system(self) -> bool:
        return self.role is None

    @property
    def sees_all_cases(self) -> bool:
        return self.is_system or self.role in SEES_ALL_CASES

    @property
    def key(self) -> str:
        """How history, journal and audit log name the actor, e.g. `agent:7` or `system:mailroom`."""
        return f"agent:{self.agent_id}" if self.agent_id else f"system:{self.name}"

    def may(self, permission: Permission) -> bool:
        if self.role is None:
            return True
        if self.scopes is not None and permission not in self.scopes:
            return False
        return permission in ROLES[self.role]

    def sees(self, case: Case, *, watching: bool = False) -> bool:
        """Whether the case is known to this actor at all: theirs, in a queue of theirs, or watched.

        A case that waits in no queue is seen by every agent who is not held to their own.
        """
        if self.sees_all_cases or case.assignee_id == self.agent_id or watching:
            return True
        if self.assigned_only:
            return False
        return case.queue_id is None or case.queue_id in self.queue_ids


def system(name: str) -> Actor:
    """The desk itself, in one of its parts: `mailroom`, `clock`, `worker`."""
    return Actor(name=name)
