"""Who may be given a case now, and for everybody else the reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from desk.model.inbound import ChannelKind
from desk.model.permission import ROLES, Permission, Role
from desk.model.presence import PresenceState

REST = timedelta(minutes=10)
"""How long an agent who declined a case, or let its offer lapse, is not asked again."""

SHORT_REST = timedelta(seconds=30)
"""The same while nobody else is able: long enough not to nag, too short to keep the customer waiting."""


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

    `taken` counts the open cases an agent holds and the live offers before them.
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


def eligible(
    candidates: Iterable[Candidate],
    waiting: Waiting,
    *,
    refused_at: Mapping[int, datetime],
    now: datetime,
) -> list[Candidate]:
    """Everybody who can be given the case now.

    `refused_at` says when an agent last declined this case or let it lapse. Such an agent rests
    for REST, but only for SHORT_REST while nobody else is able: present, skilled and with the
    right, even if full at the moment.
    """
    everybody = list(candidates)
    rest = {agent_id: rest_of(agent_id, everybody, waiting, refused_at) for agent_id in refused_at}
    return [
        candidate
        for candidate in everybody
        if obstacle(candidate, waiting) is None and not _rests(candidate, refused_at, rest, now)
    ]


def rest_of(
    agent_id: int,
    candidates: Iterable[Candidate],
    waiting: Waiting,
    refused_at: Mapping[int, datetime],
) -> timedelta:
    """How long this agent rests after refusing: short when every other able agent refused as well."""
    others_able = any(
        obstacle(other, waiting) in (None, Obstacle.FULL)
        for other in candidates
        if other.agent_id != agent_id and other.agent_id not in refused_at
    )
    return REST if others_able else SHORT_REST


def _rests(
    candidate: Candidate,
    refused_at: Mapping[int, datetime],
    rest: Mapping[int, timedelta],
    now: datetime,
) -> bool:
    at = refused_at.get(candidate.agent_id)
    return at is not None and now < at + rest[candidate.agent_id]


def _lasting_obstacle(candidate: Candidate, waiting: Waiting) -> Obstacle | None:
    if Permission.WORK_CASES not in ROLES[candidate.role] or candidate.assigned_only:
        return Obstacle.NO_RIGHT
    if not _works_the_queue(candidate, waiting):
        return Obstacle.NOT_IN_QUEUE
    if any(candidate.levels.get(skill.skill_id, 0) < skill.minimum for skill in waiting.skills):
        return Obstacle.UNSKILLED
    return None


def _works_the_queue(candidate: Candidate, waiting: Waiting) -> bool:
    """By membership of a team of the queue; a case in no queue is every plain agent's."""
    if waiting.queue_id is None:
        return candidate.role is Role.AGENT
    return waiting.queue_id in candidate.queue_ids
