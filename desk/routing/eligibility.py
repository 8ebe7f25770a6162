"""Who may be given a case now, and for everybody else the reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from desk.model.inbound import ChannelKind
from desk.model.permission import ROLES, Permission, Role
from desk.model.presence import PresenceState
from desk.routing.handling import Learnt
from desk.routing.policy import Policy


class Obstacle(StrEnum):
    """Why an agent is not given a case, from what rarely changes to what changes by the minute."""

    NO_RIGHT = "no_right"
    NOT_IN_QUEUE = "not_in_queue"
    UNSKILLED = "unskilled"
    OFFLINE = "offline"
    AWAY = "away"
    FULL = "full"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SkillAsked:
    """A skill that a queue asks for; `minimum` is 1 to 5."""

    skill_id: int
    name: str
    minimum: int = 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits for an agent, and what it asks for."""

    case_id: int
    queue_id: int | None
    channel: ChannelKind
    skills: tuple[SkillAsked, ...] = ()

    @property
    def signature(self) -> tuple[int | None, ChannelKind, tuple[SkillAsked, ...]]:
        """What cases of one line have in common: whoever can be given one can be given any of them."""
        return self.queue_id, self.channel, self.skills


@dataclass(frozen=True)
class Candidate:
    """An agent as routing sees one: `levels` by skill, `limits` and `taken` by channel.

    `taken` counts the open cases an agent holds and the live offers before them. `handled` is what their own
    cases have told, by queue.
    """

    agent_id: int
    name: str
    role: Role
    state: PresenceState
    idle_since: datetime
    queue_ids: frozenset[int] = frozenset()
    assigned_only: bool = False
    levels: Mapping[int, int] = field(default_factory=dict)
    limits: Mapping[ChannelKind, int] = field(default_factory=dict)
    taken: Mapping[ChannelKind, int] = field(default_factory=dict)
    handled: Mapping[int | None, Learnt] = field(default_factory=dict)

    def free_places(self, channel: ChannelKind) -> int:
        """How many more cases of the channel the agent may be given; never below 0."""
        return max(0, self.limits.get(channel, 0) - self.taken.get(channel, 0))


def obstacle(candidate: Candidate, waiting: Waiting) -> Obstacle | None:
    """The first reason why the agent cannot be given the case; None when they can."""
    standing = _lasting_obstacle(candidate, waiting)
    if standing is not None:
        return standing
    if candidate.state is PresenceState.OFFLINE:
        return Obstacle.OFFLINE
    if candidate.state is PresenceState.AWAY:
        return Obstacle.AWAY
    if candidate.free_places(waiting.channel) == 0:
        return Obstacle.FULL
    return None


def is_able(candidate: Candidate, waiting: Waiting) -> bool:
    """Whether the agent could be given the case, were they here and free."""
    return _lasting_obstacle(candidate, waiting) is None


def rest_of(
    agent_id: int,
    candidates: Iterable[Candidate],
    waiting: Waiting,
    refused_at: Mapping[int, datetime],
    policy: Policy,
) -> timedelta:
    """How long an agent who refused the case is not asked again.

    Only shortly while every other agent who could be given it, full ones among them, refused as well:
    long enough not to nag, too short to keep the customer waiting.
    """
    others_able = any(
        obstacle(other, waiting) in (None, Obstacle.FULL)
        for other in candidates
        if other.agent_id != agent_id and other.agent_id not in refused_at
    )
    return timedelta(minutes=policy.rest_minutes if others_able else policy.short_rest_minutes)


def works_in(candidate: Candidate, queue_id: int | None) -> bool:
    """Whether the agent may be given cases of the queue, be they skilled for it or not.

    By membership of a team of the queue; a case in no queue is every plain agent's.
    """
    if not _may_be_given(candidate):
        return False
    if queue_id is None:
        return candidate.role is Role.AGENT
    return queue_id in candidate.queue_ids


def _may_be_given(candidate: Candidate) -> bool:
    return Permission.WORK_CASES in ROLES[candidate.role] and not candidate.assigned_only


def _lasting_obstacle(candidate: Candidate, waiting: Waiting) -> Obstacle | None:
    if not _may_be_given(candidate):
        return Obstacle.NO_RIGHT
    if not works_in(candidate, waiting.queue_id):
        return Obstacle.NOT_IN_QUEUE
    if any(candidate.levels.get(skill.skill_id, 0) < skill.minimum for skill in waiting.skills):
        return Obstacle.UNSKILLED
    return None
