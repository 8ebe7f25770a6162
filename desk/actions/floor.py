"""The floor as routing sees it: rows of the store made into candidates, cases and what they ask."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from desk.model.agent import DEFAULT_CAPACITY
from desk.model.case import Priority
from desk.model.customer import Tier
from desk.model.inbound import ChannelKind
from desk.model.permission import Role
from desk.model.presence import PresenceState
from desk.routing.eligibility import REST, Candidate, SkillAsked, Waiting, obstacle
from desk.routing.patience import TIER_MINUTES, InLine, lead
from desk.store.queues import FloorRows, floor_rows
from desk.store.unit_of_work import Work


@dataclass(frozen=True)
class Floor:
    """Everybody and every queue at one moment; of the cases asked for, `refused` by case and agent."""

    candidates: tuple[Candidate, ...]
    skills: Mapping[int | None, tuple[SkillAsked, ...]]
    offer_seconds: Mapping[int | None, int]
    refused: Mapping[int, Mapping[int, datetime]]
    offered: frozenset[int]
    tiers: Mapping[int, Tier]
    tier_minutes: Mapping[Tier, int]

    def waiting(self, case_id: int, queue_id: int | None, channel: ChannelKind) -> Waiting:
        """A case with what its queue asks."""
        return Waiting(case_id, queue_id, channel, self.skills.get(queue_id, ()))

    def open_lines(self) -> list[tuple[int | None, ChannelKind]]:
        """The (queue, channel) lines that somebody could be given a case of now."""
        lines = [(queue_id, channel) for queue_id in (None, *self.skills) for channel in ChannelKind]
        return [line for line in lines if self._somebody_for(self.waiting(0, *line))]

    def in_line(self, row: Row[Any]) -> tuple[InLine, Waiting]:
        """A waiting case's place in line, and what it asks."""
        head_start = lead(Tier(row.tier), Priority(row.priority), self.tier_minutes)
        return (
            InLine(row.id, row.waiting_since, head_start),
            self.waiting(row.id, row.queue_id, ChannelKind(row.channel)),
        )

    def _somebody_for(self, waiting: Waiting) -> bool:
        return any(obstacle(candidate, waiting) is None for candidate in self.candidates)


def the_floor(
    work: Work,
    *,
    case_ids: Collection[int] = (),
    agent_id: int | None = None,
    available_only: bool = False,
) -> Floor:
    """The floor as the database has it at this moment, in one statement."""
    return floor_from(
        floor_rows(
            work.session,
            refused_since=work.now - REST,
            case_ids=case_ids,
            agent_id=agent_id,
            available_only=available_only,
        )
    )


def floor_from(rows: FloorRows) -> Floor:
    """The rows as routing sees them."""
    return Floor(
        candidates=tuple(_candidate(agent) for agent in rows.agents),
        skills={queue["id"]: _skills(queue) for queue in rows.queues},
        offer_seconds={queue["id"]: queue["offer_seconds"] for queue in rows.queues},
        refused=_refused(rows),
        offered=rows.offered,
        tiers={int(case_id): Tier(tier) for case_id, tier in rows.tiers.items()},
        tier_minutes=tier_minutes_of(rows.tier_minutes),
    )


def tier_leads(tier_minutes: Mapping[Tier, int]) -> dict[Tier, timedelta]:
    """What each tier alone gains, at the lowest priority."""
    return {tier: lead(tier, Priority.LOW, tier_minutes) for tier in Tier}


def _candidate(agent: Mapping[str, Any]) -> Candidate:
    return Candidate(
        agent_id=agent["id"],
        name=agent["name"],
        role=Role(agent["role"]),
        state=PresenceState(agent["state"]),
        idle_since=datetime.fromisoformat(agent["idle_since"]),
        queue_ids=frozenset(agent["queue_ids"]),
        assigned_only=agent["assigned_only"],
        levels={int(skill): level for skill, level in agent["levels"].items()},
        limits={channel: agent["limits"].get(channel, DEFAULT_CAPACITY[channel]) for channel in ChannelKind},
        taken={
            channel: agent["held"].get(channel, 0) + agent["offered"].get(channel, 0)
            for channel in ChannelKind
        },
    )


def _skills(queue: Mapping[str, Any]) -> tuple[SkillAsked, ...]:
    return tuple(SkillAsked(skill["id"], skill["name"], skill["minimum"]) for skill in queue["skills"])


def _refused(rows: FloorRows) -> dict[int, dict[int, datetime]]:
    found: dict[int, dict[int, datetime]] = {}
    for refusal in rows.refusals:
        at = datetime.fromisoformat(refusal["at"])
        found.setdefault(refusal["case_id"], {})[refusal["agent_id"]] = at
    return found


def tier_minutes_of(kept: Mapping[str, int] | None) -> Mapping[Tier, int]:
    """The minutes by which each tier moves forward: those of the policy, or the ones it comes with."""
    if kept is None:
        return TIER_MINUTES
    return {tier: int(kept.get(tier, 0)) for tier in Tier}
