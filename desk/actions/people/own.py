"""What an agent sees and changes of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.model.agent import Agent
from desk.model.errors import NotFound
from desk.model.permission import ROLES
from desk.model.presence import Presence, PresenceState
from desk.store.people.sessions import Caller
from desk.store.unit_of_work import Work

PREFERENCES: Mapping[str, Any] = {
    "theme": "system",
    "density": "comfortable",
    "single_keys": True,
    "sounds": True,
    "notifications": False,
    "signature": "",
    "hold_seconds": 8,
    "time_zone": "",
}
"""What holds until an agent says otherwise. An empty time zone is the browser's."""


def me_shown(work: Work, caller: Caller) -> dict[str, Any]:
    """The caller, as their own screen shows them."""
    presence = work.session.get(Presence, caller.agent_id)
    return {
        "id": caller.agent_id,
        "name": caller.name,
        "email": caller.email,
        "role": caller.role,
        "permissions": sorted(right for right in ROLES[caller.role] if caller.actor.may(right)),
        "team_ids": list(caller.team_ids),
        "presence": {
            "state": presence.state if presence else PresenceState.OFFLINE,
            "since": presence.since if presence else work.now,
        },
        "preferences": preferences_of(caller.preferences),
        "totp": caller.has_totp,
    }


def preferences_of(kept: Mapping[str, Any]) -> dict[str, Any]:
    """All preferences: those kept, and the rest as they come."""
    return {name: kept.get(name, value) for name, value in PREFERENCES.items()}


def prefer(work: Work, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change some of the actor's preferences; returns all of them."""
    agent = work.session.get(Agent, work.actor.agent_id, with_for_update=True)
    if agent is None:
        raise NotFound("There is no such agent.")
    agent.preferences = {**agent.preferences, **changes}
    return preferences_of(agent.preferences)
