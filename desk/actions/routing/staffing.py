"""Who could take the work of a channel: at all, and at this moment. Asked of routing's own rule."""

from __future__ import annotations

from desk.actions.routing.floor import the_floor
from desk.model.channel import Channel
from desk.routing.eligibility import Obstacle, obstacle
from desk.store.routing.rules import triage_setup
from desk.store.unit_of_work import Work

_ABLE = (None, Obstacle.OFFLINE, Obstacle.AWAY, Obstacle.FULL)
_HERE = (None, Obstacle.FULL)


def able_agents(work: Work, channel: Channel) -> int:
    """How many agents could be offered what comes in by the channel, were they here and free."""
    return _count(work, channel, _ABLE)


def is_staffed(work: Work, channel: Channel) -> bool:
    """Whether one of them takes work now, be it that all their places are taken."""
    return _count(work, channel, _HERE) > 0


def _count(work: Work, channel: Channel, among: tuple[Obstacle | None, ...]) -> int:
    floor = the_floor(work)
    setup = triage_setup(work.line)
    waiting = floor.waiting(0, setup.queue_of(channel.id), channel.kind)
    return sum(1 for candidate in floor.candidates if obstacle(candidate, waiting) in among)
