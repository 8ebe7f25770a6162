"""The floor as a supervisor sees it: each queue with its line, each agent with what they hold."""

from __future__ import annotations

from typing import Any

from desk.actions.routing.floor import the_floor
from desk.model.permission import ROLES, Permission
from desk.store.routing.floor_now import agents_now, queues_now
from desk.store.unit_of_work import Work


def floor_shown(work: Work) -> dict[str, Any]:
    """As it is at this moment, in three statements. Raises Forbidden."""
    work.require(Permission.WATCH_FLOOR)
    at_work = {row.id: row for row in agents_now(work.session)}
    return {
        "now": work.now,
        "queues": [dict(row._mapping) for row in queues_now(work.session)],
        "agents": [
            {
                "id": candidate.agent_id,
                "name": candidate.name,
                "state": candidate.state.value,
                "since": at_work[candidate.agent_id].since,
                "load": {
                    channel.value: {"taken": candidate.taken[channel], "limit": candidate.limits[channel]}
                    for channel in candidate.limits
                },
                "cases": at_work[candidate.agent_id].cases,
            }
            for candidate in the_floor(work).candidates
            if Permission.WORK_CASES in ROLES[candidate.role] and candidate.agent_id in at_work
        ],
    }
