"""Presence: an agent comes, steps away, goes; and one who gives no sign any more counts as gone."""

from __future__ import annotations

from datetime import timedelta

from desk.actions.routing.withdrawals import withdraw_offers_of
from desk.model.errors import Forbidden
from desk.model.events import AgentFreed, PresenceChanged
from desk.model.permission import Permission
from desk.model.presence import Presence, PresenceState
from desk.store.routing.presence import find_presence, note_seen, silent_agents
from desk.store.routing.presence_spans import begin_span
from desk.store.routing.queues import hold_agents
from desk.store.unit_of_work import Work

SILENCE = timedelta(seconds=90)
"""An agent whose browser gave no sign for so long is not at the desk."""

SIGN_EVERY = timedelta(seconds=15)
"""How exact `seen_at` is: one write in this time, however often the browser speaks."""


def set_presence(work: Work, state: PresenceState) -> Presence:
    """The actor says whether they take work. Whoever stops has their live offers withdrawn.

    Assigned cases stay: they are the agent's until somebody decides otherwise. Raises Forbidden
    for who does no work on cases, since nobody would be offered any.
    """
    if work.actor.agent_id is None or not work.actor.may(Permission.WORK_CASES):
        raise Forbidden("Only somebody who works on cases can be available for work.")
    return change_presence(work, work.actor.agent_id, state)


def step_away(work: Work, agent_id: int) -> None:
    """The agent has not answered their offers: away, and told so."""
    change_presence(work, agent_id, PresenceState.AWAY, cause="missed_offers")


def seen(work: Work, agent_id: int) -> None:
    """A sign of life from the agent's browser."""
    note_seen(work.session, agent_id, work.now, at_least=SIGN_EVERY)


def put_silent_offline(work: Work, limit: int = 200) -> int:
    """Agents without a sign for SILENCE go offline; returns how many."""
    silent = silent_agents(work.session, work.now - SILENCE, limit)
    if silent:
        hold_agents(work.session, silent)
    gone = 0
    for agent_id in silent:
        presence = find_presence(work.session, agent_id)
        # A sign may have come while we waited for the agent's row.
        if presence is not None and presence.seen_at < work.now - SILENCE:
            change_presence(work, agent_id, PresenceState.OFFLINE, cause="silence")
            gone += 1
    return gone


def change_presence(work: Work, agent_id: int, state: PresenceState, *, cause: str = "") -> Presence:
    """Set it, whoever decided so; the event names the `cause`."""
    hold_agents(work.session, [agent_id])
    presence = find_presence(work.session, agent_id)
    if presence is None:
        presence = _first_presence(work, agent_id)
    if not cause:
        presence.seen_at = work.now
    if presence.state is state:
        return presence
    presence.state, presence.since, presence.missed_offers = state, work.now, 0
    begin_span(work.session, agent_id, state, work.now)
    if state is PresenceState.AVAILABLE:
        presence.idle_since = work.now
        work.record(AgentFreed(agent_id=agent_id))
    else:
        withdraw_offers_of(work, agent_id)
    work.record(PresenceChanged(agent_id=agent_id, state=state.value, cause=cause))
    work.session.flush()
    return presence


def _first_presence(work: Work, agent_id: int) -> Presence:
    """We hold the agent's row, so nobody else makes the same one."""
    presence = Presence(
        agent_id=agent_id,
        state=PresenceState.OFFLINE,
        since=work.now,
        seen_at=work.now,
        idle_since=work.now,
    )
    work.session.add(presence)
    work.session.flush()
    return presence
