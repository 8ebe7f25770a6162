"""Agents set up: let in with a password, given teams, skills and places, and shown out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select

from desk.actions.people.passwords import check_new_password, hash_of_password
from desk.actions.routing.assignments import assign
from desk.actions.routing.presence import change_presence
from desk.actions.setup.audit import audit
from desk.model.agent import DEFAULT_CAPACITY, Agent, Capacity, Proficiency, Skill, Team, TeamMember
from desk.model.customer import normal_email
from desk.model.errors import Invalid, NotFound
from desk.model.events import AgentFreed, RightsChanged, SetupChanged
from desk.model.inbound import ChannelKind
from desk.model.permission import ROLES, Permission, Role
from desk.model.presence import PresenceState
from desk.store.people.agents import agent_rows, hold_open_cases_of, other_admins
from desk.store.people.sessions import end_sessions
from desk.store.setup import Part, missing_ids, replace_part
from desk.store.unit_of_work import Work

CHANNELS_WITH_PLACES = (ChannelKind.EMAIL, ChannelKind.SMS, ChannelKind.CHAT)
_TEAMS = Part("team_ids", TeamMember, "agent_id", ("team_id",))
_SKILLS = Part("skills", Proficiency, "agent_id", ("skill_id", "level"))


def agents_shown(work: Work) -> list[dict[str, Any]]:
    """Everybody who works here, and who did, as the setup page shows them."""
    work.require(Permission.READ_SETUP)
    return [_shown(row) for row in agent_rows(work.session)]


def add_agent(work: Work, values: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Let somebody in. Returns their row, and the password where none was given and one was made.

    Raises Invalid for an address that is taken or cannot be, and for a password that is too weak.
    """
    work.require(Permission.EDIT_AGENTS)
    email = _free_address(work, values["email"])
    made = None if values.get("password") else secrets.token_urlsafe(12)
    password = values.get("password") or made or ""
    if made is None:
        check_new_password(password, email=email, name=values["name"], field="password")
    agent = Agent(
        name=values["name"],
        email=email,
        role=Role(values.get("role", Role.AGENT)),
        created_at=work.now,
        password_hash=hash_of_password(password),
        assigned_only=values.get("assigned_only", False),
        disabled_at=None if values.get("active", True) else work.now,
    )
    work.session.add(agent)
    work.session.flush()
    _set_lists(work, agent, values)
    audit(work, "agent added", f"agent:{agent.id}", _noted(values))
    work.record(SetupChanged(table="agents", row_id=agent.id))
    return _row(work, agent.id), made


def change_agent(work: Work, agent_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """Change what is given of an agent; the rest stays.

    Raises NotFound, and Invalid where nobody would be left to set the desk up.
    """
    work.require(Permission.EDIT_AGENTS)
    if values.get("active") is False:
        disable_agent(work, agent_id)
    agent = _agent(work, agent_id)
    _check_someone_stays(work, agent, role=Role(values.get("role", agent.role)))
    if "email" in values and normal_email(values["email"], "email") != agent.email:
        agent.email = _free_address(work, values["email"])
    if values.get("password"):
        name = values.get("name", agent.name)
        check_new_password(values["password"], email=agent.email, name=name, field="password")
        agent.password_hash = hash_of_password(values["password"])
        end_sessions(work.session, agent.id, work.now)
    if values.get("active"):
        agent.disabled_at = None
    agent.name = values.get("name", agent.name)
    agent.role = Role(values.get("role", agent.role))
    agent.assigned_only = values.get("assigned_only", agent.assigned_only)
    work.session.flush()
    _set_lists(work, agent, values)
    _leave_the_line_without_right(work, agent)
    audit(work, "agent changed", f"agent:{agent.id}", _noted(values))
    for event in (RightsChanged(agent_id=agent.id), AgentFreed(agent_id=agent.id)):
        work.record(event)
    work.record(SetupChanged(table="agents", row_id=agent.id))
    return _row(work, agent.id)


def disable_agent(work: Work, agent_id: int) -> None:
    """Show somebody out: their sessions end, and their open cases go back in line.

    Raises NotFound, and Invalid for oneself and for the last one who can set the desk up.
    """
    work.require(Permission.EDIT_AGENTS)
    if agent_id == work.actor.agent_id:
        raise Invalid("You cannot disable yourself; ask another administrator.", "active")
    # Cases before the agent, as everywhere: whoever gives work holds them in this order.
    cases = hold_open_cases_of(work.session, agent_id)
    agent = _agent(work, agent_id)
    if not agent.is_active:
        return
    _check_someone_stays(work, agent, role=None)
    for case in cases:
        assign(work, case, None)
    change_presence(work, agent.id, PresenceState.OFFLINE)
    agent.disabled_at = work.now
    end_sessions(work.session, agent.id, work.now)
    audit(work, "agent disabled", f"agent:{agent.id}", {"cases_put_back": len(cases)})
    work.record(RightsChanged(agent_id=agent.id))
    work.record(SetupChanged(table="agents", row_id=agent.id))


def _agent(work: Work, agent_id: int) -> Agent:
    agent = work.session.get(Agent, agent_id, with_for_update={"key_share": True})
    if agent is None:
        raise NotFound(f"There is no agent {agent_id}.")
    return agent


def _check_someone_stays(work: Work, agent: Agent, *, role: Role | None) -> None:
    if agent.role is Role.ADMIN and role is not Role.ADMIN and other_admins(work.session, agent.id) == 0:
        raise Invalid(f"{agent.name} is the only administrator. Make somebody else one first.", "role")


def _free_address(work: Work, email: str) -> str:
    address = normal_email(email, "email")
    taken = work.session.scalar(select(Agent.name).where(Agent.email == address))
    if taken:
        raise Invalid(f"{taken} signs in with {address} already.", "email")
    return address


def _set_lists(work: Work, agent: Agent, values: Mapping[str, Any]) -> None:
    for part, noun, ids in (
        (_TEAMS, Team, values.get("team_ids") or []),
        (_SKILLS, Skill, [skill["skill_id"] for skill in values.get("skills") or []]),
    ):
        missing = missing_ids(work.session, noun, ids)
        if missing:
            raise Invalid(f"There is no {noun.__name__.lower()} {missing[0]}.", part.field)
        if part.field in values:
            replace_part(work.session, part, agent.id, values[part.field])
    _set_places(work, agent, values.get("capacity") or {})


def _set_places(work: Work, agent: Agent, places: Mapping[str, int | None]) -> None:
    """Only the channels that are named change; None goes back to the default."""
    if not places:
        return
    mine = Capacity.agent_id == agent.id
    work.session.execute(delete(Capacity).where(mine, Capacity.channel.in_(list(places))))
    rows = [
        {"agent_id": agent.id, "channel": channel, "limit": limit}
        for channel, limit in places.items()
        if limit is not None
    ]
    if rows:
        work.session.execute(insert(Capacity), rows)


def _leave_the_line_without_right(work: Work, agent: Agent) -> None:
    """Somebody who may not work on cases any more takes none: their offers go to others."""
    if Permission.WORK_CASES not in ROLES[agent.role]:
        change_presence(work, agent.id, PresenceState.OFFLINE)


def _row(work: Work, agent_id: int) -> dict[str, Any]:
    return _shown(agent_rows(work.session, agent_id)[0])


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    places = {
        channel.value: row["capacity"].get(channel, DEFAULT_CAPACITY[channel])
        for channel in CHANNELS_WITH_PLACES
    }
    return {**row, "team_ids": list(row["team_ids"]), "capacity": places}


def _noted(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the audit log keeps of a form: everything but the password."""
    return {name: value for name, value in values.items() if name != "password"}
