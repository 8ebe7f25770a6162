"""Handle times: learnt by night and on demand from what the desk kept, for every decision from then on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desk.actions.customers.worth import last_hour
from desk.actions.routing.floor import Floor, the_floor
from desk.actions.routing.replay import contacts_kept, minutes_since
from desk.model.events import LookBackAsked
from desk.model.permission import Permission
from desk.model.routing_policy import HandleTime
from desk.routing.floor import agent_at_work, topic_of
from desk.routing.handling import TOLD_FROM, Handled, Learnt, learn
from desk.routing.kept import minutes_spent
from desk.store.policies import policy, set_policies
from desk.store.routing.handle_times import handle_times, keep_handle_times
from desk.store.unit_of_work import Work

LOOKED_BACK = timedelta(days=120)
HOUR = 3
LEARNT = "handle_times_learnt"
ASKED = "handle_times_asked"

Found = Mapping[tuple[int, str], Learnt]


def learning_is_due(work: Work) -> bool:
    """Whether the night's hour has come since they were learnt last, or somebody asked for it."""
    learnt = policy(work.session, LEARNT, "")
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    since = max(last_hour(work.now, HOUR, zone), _moment(policy(work.session, ASKED, ""), work.now.min))
    return not learnt or datetime.fromisoformat(learnt) < since


def ask_to_learn(work: Work) -> None:
    """Have handle times learnt anew, soon."""
    work.require(Permission.EDIT_POLICIES)
    set_policies(work.session, {ASKED: work.now.isoformat()})
    work.record(LookBackAsked())


def learnt_now(work: Work) -> Found:
    """What the last months say, by agent and topic; nothing is kept yet.

    Counted is whoever answered first, as in a replay. Cases that were reopened teach nothing: they were not
    done in that time. Nor do agents who left, of whom no decision will be made.
    """
    begin = work.now - LOOKED_BACK
    floor = the_floor(work)
    kept = [one for one in contacts_kept(work, floor, begin, work.now, named=str) if not one.came_back]
    spent = minutes_spent(kept, floor.policy)
    rated = _rated(floor)
    ends = minutes_since(begin, work.now)
    return learn(
        [
            Handled(
                one.agent_id,
                one.topic,
                one.channel,
                spent[one.number],
                days_ago=(ends - one.at) / (24 * 60),
                rated=rated[one.agent_id].get(one.topic, 1.0),
            )
            for one in kept
            if one.number in spent and one.agent_id in rated
        ],
        floor.policy,
    )


def keep_learnt(work: Work, found: Found) -> int:
    """These are what decisions go by from now on; how many there are."""
    keep_handle_times(
        work.session,
        [
            HandleTime(
                agent_id=agent_id,
                queue_id=int(topic) if topic else None,
                cases=learnt.cases,
                seen=learnt.seen,
                precision=learnt.precision,
                minutes=dict(learnt.minutes),
            )
            for (agent_id, topic), learnt in found.items()
        ],
    )
    set_policies(work.session, {LEARNT: work.now.isoformat()})
    return len(found)


def handle_times_shown(work: Work) -> dict[str, Any]:
    """`{learnt_at, in_use, told_from, rows}`: for each agent and queue the speed that is learnt, the one that
    the level says, from how many cases, and usual minutes by channel. Raises Forbidden.
    """
    work.require(Permission.READ_SETUP)
    floor = the_floor(work)
    rated = _rated(floor)
    learnt_at = policy(work.session, LEARNT, "")
    rows = []
    for row in handle_times(work.session):
        of = row.HandleTime
        own = rated.get(of.agent_id, {}).get(topic_of(of.queue_id))
        if own is None:
            continue
        learnt = Learnt(of.cases, of.seen, of.precision, of.minutes)
        rows.append(
            {
                "agent_id": of.agent_id,
                "agent": row.agent,
                "queue_id": of.queue_id,
                "queue": row.queue,
                "cases": of.cases,
                "level_speed": round(own, 3),
                "speed": round(learnt.speed(own), 3),
                "minutes": {
                    channel: round(usual, 1)
                    for channel in sorted(of.minutes)
                    if (usual := learnt.usual(channel, own)) is not None
                },
            }
        )
    return {
        "learnt_at": learnt_at or None,
        "in_use": floor.policy.learnt_speeds,
        "told_from": TOLD_FROM,
        "rows": rows,
    }


def _rated(floor: Floor) -> dict[int, dict[str, float]]:
    """The speeds that levels say, by agent and topic."""
    by_level = replace(floor.policy, learnt_speeds=False)
    asked = {None: (), **floor.skills}
    return {
        candidate.agent_id: {
            topic: skill.speed for topic, skill in agent_at_work(candidate, asked, by_level).skills.items()
        }
        for candidate in floor.candidates
    }


def _moment(text: str, otherwise: datetime) -> datetime:
    return datetime.fromisoformat(text) if text else otherwise.replace(tzinfo=ZoneInfo("UTC"))
