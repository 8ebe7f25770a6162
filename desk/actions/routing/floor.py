"""The floor as routing sees it: rows of the store made into candidates, cases and what they ask."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from desk.model.agent import DEFAULT_CAPACITY
from desk.model.case import Priority
from desk.model.customer import Tier
from desk.model.inbound import ChannelKind
from desk.model.permission import Role
from desk.model.presence import PresenceState
from desk.routing.board import Board
from desk.routing.eligibility import Candidate, Obstacle, SkillAsked, Waiting, obstacle
from desk.routing.floor import Asked, InLine, board_of, due_of, topic_of
from desk.routing.handling import Learnt
from desk.routing.known_policies import FIRST
from desk.routing.overflow import Overflow
from desk.routing.policy import Policy
from desk.routing.policy_text import read_policy
from desk.routing.scale import scale_of
from desk.sla.calendars import hours_in
from desk.store.routing.policies import active_body
from desk.store.routing.queues import FloorRows, floor_rows
from desk.store.unit_of_work import Work

LONGEST_REST = timedelta(days=1)
"""No policy lets an agent who refused a case rest for longer."""

FORECAST_FROM = timedelta(hours=1)
"""Live work is expected to go on coming as it came for so long."""


@dataclass(frozen=True)
class PolicyInForce:
    """A routing policy as it is kept, read; `scale` is its order as the database sorts by it."""

    version: int
    policy: Policy
    scale: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Floor:
    """Everybody and every queue at one moment; of the cases asked for, `refused` by case and agent, and
    `worths` (tier, worth where it is known, the agent who knows the customer, when the visitor left).

    `arrivals` counts the chats that came of late, by queue. Of the queues that are `pulled` from nothing is
    offered; in those that are `helped` others may take cases too.
    """

    candidates: tuple[Candidate, ...]
    skills: Asked
    names: Mapping[int | None, str]
    offer_seconds: Mapping[int | None, int]
    pulled: frozenset[int | None]
    helped: Mapping[int | None, Mapping[str, Any]]
    refused: Mapping[int, Mapping[int, datetime]]
    offered: frozenset[int]
    worths: Mapping[int, Mapping[str, Any]]
    arrivals: Mapping[int | None, int]
    in_force: PolicyInForce

    @property
    def policy(self) -> Policy:
        return self.in_force.policy

    def waiting(self, case_id: int, queue_id: int | None, channel: ChannelKind) -> Waiting:
        """A case with what its queue asks."""
        return Waiting(case_id, queue_id, channel, self.skills.get(queue_id, ()))

    def open_lines(self) -> list[tuple[int | None, ChannelKind]]:
        """The (queue, channel) lines that somebody could be given a case of now."""
        queues = [queue_id for queue_id in (None, *self.skills) if queue_id not in self.pulled]
        lines = [(queue_id, channel) for queue_id in queues for channel in ChannelKind]
        return [line for line in lines if self.has_somebody(*line)]

    def in_line(self, row: Row[Any]) -> InLine:
        """A waiting case's row, as it stands in line."""
        return InLine(
            self.waiting(row.id, row.queue_id, ChannelKind(row.channel)),
            since=row.since,
            due=due_of(row.due_at, row.left_at, self.policy),
            tier=row.tier,
            priority=row.priority,
            worth=row.worth,
            knows=row.knows,
        )

    def board(self, cases: Collection[InLine], candidates: Sequence[Candidate], now: datetime) -> Board:
        """These cases and agents, ready to be decided over."""
        return board_of(
            cases,
            candidates,
            {None: (), **self.skills},
            refused=self.refused,
            live_expected=self.live_expected(self.policy),
            policy=self.policy,
            now=now,
            overflow=self.overflow(now),
        )

    def overflow(self, now: datetime) -> dict[int | None, Overflow]:
        """Who helps out in which queue, as it is at this moment."""
        return {
            queue_id: Overflow(
                helper["id"],
                helper["name"],
                helper["minutes"],
                hours_in(helper["calendar"] or "").closed_since(now),
            )
            for queue_id, helper in self.helped.items()
        }

    def live_expected(self, policy: Policy) -> dict[str, float]:
        """How many chats are to be expected within the policy's horizon, by topic."""
        look = policy.look_ahead
        share = look.horizon_minutes * timedelta(minutes=1) / FORECAST_FROM if look else 0.0
        return {topic_of(queue_id): share * count for queue_id, count in self.arrivals.items()}

    def queue_of(self, topic: str) -> str:
        """What people call a topic."""
        return next((name for queue_id, name in self.names.items() if topic_of(queue_id) == topic), topic)

    def has_somebody(
        self, queue_id: int | None, channel: ChannelKind, but_for: Collection[Obstacle] = ()
    ) -> bool:
        """Whether anybody could be given a case of the queue, or helps out there, but for these obstacles."""
        helper = self.helped.get(queue_id)
        asked = [self.waiting(0, one, channel) for one in (queue_id, *([helper["id"]] if helper else []))]
        among = {None, *but_for}
        return any(obstacle(agent, waiting) in among for agent in self.candidates for waiting in asked)


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
            refused_since=work.now - LONGEST_REST,
            arrived_since=work.now - FORECAST_FROM,
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
        names={None: "no queue"} | {queue["id"]: queue["name"] for queue in rows.queues},
        offer_seconds={queue["id"]: queue["offer_seconds"] for queue in rows.queues},
        helped={queue["id"]: queue["overflow"] for queue in rows.queues if queue["overflow"]},
        pulled=frozenset(queue["id"] for queue in rows.queues if queue["pull"]),
        refused=_refused(rows),
        offered=rows.offered,
        worths={int(case_id): worth for case_id, worth in rows.worths.items()},
        arrivals={int(queue_id) or None: count for queue_id, count in rows.arrivals.items()},
        in_force=policy_read(rows.policy["version"], rows.policy["body"]) if rows.policy else as_it_begins(),
    )


def policy_in_force(work: Work) -> PolicyInForce:
    """The routing policy that is active."""
    found = active_body(work.session)
    return policy_read(*found) if found else as_it_begins()


@lru_cache(maxsize=1)
def as_it_begins() -> PolicyInForce:
    """The policy of a desk whose managers have activated none: version 0."""
    return PolicyInForce(0, FIRST, scale_of(FIRST, ChannelKind, Tier, Priority))


@lru_cache(maxsize=32)
def policy_read(version: int, body: str) -> PolicyInForce:
    """A kept policy, read once: a version in force never changes."""
    policy = read_policy(body)
    return PolicyInForce(version, policy, scale_of(policy, ChannelKind, Tier, Priority))


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
        handled={int(queue_id) or None: Learnt(**told) for queue_id, told in agent["handled"].items()},
    )


def _skills(queue: Mapping[str, Any]) -> tuple[SkillAsked, ...]:
    return tuple(SkillAsked(skill["id"], skill["name"], skill["minimum"]) for skill in queue["skills"])


def _refused(rows: FloorRows) -> dict[int, dict[int, datetime]]:
    found: dict[int, dict[int, datetime]] = {}
    for refusal in rows.refusals:
        at = datetime.fromisoformat(refusal["at"])
        found.setdefault(refusal["case_id"], {})[refusal["agent_id"]] = at
    return found
