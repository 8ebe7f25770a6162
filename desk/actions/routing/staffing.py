"""Who could take the work of a channel: at all, and at this moment. Asked of routing's own rule."""

from __future__ import annotations

from desk.actions.routing.floor import the_floor
from desk.model.channel import Channel
from desk.model.inbound import ChannelKind
from desk.routing.eligibility import Obstacle, is_able
from desk.store.routing.rules import triage_setup
from desk.store.unit_of_work import Work


def entry_queue(work: Work, channel: Channel) -> int | None:
    """Where a case of the channel goes that no rule sends elsewhere."""
    return triage_setup(work.line).queue_of(channel.id)


def able_agents(work: Work, channel: Channel) -> int:
    """How many agents could be offered what comes in by the channel, were they here and free."""
    floor = the_floor(work)
    waiting = floor.waiting(0, entry_queue(work, channel), channel.kind)
    return sum(1 for candidate in floor.candidates if is_able(candidate, waiting))


def is_staffed(work: Work, queue_id: int | None, channel: ChannelKind) -> bool:
    """Whether somebody with the skills takes work of the queue now, be it that all their places are taken."""
    return the_floor(work).has_somebody(queue_id, channel, but_for={Obstacle.FULL})
