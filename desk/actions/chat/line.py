"""A waiting visitor's place in line, in the order in which routing takes it, and the wait it has shown."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from desk.actions.routing.floor import policy_in_force
from desk.actions.routing.staffing import is_staffed
from desk.channels.chat.hours import is_open
from desk.model.channel import Channel
from desk.model.inbound import ChannelKind
from desk.routing.waiting import LATELY, MOST, Taken, expected_wait
from desk.store.chat.chats import taken_lately
from desk.store.routing.queues import place_in_line
from desk.store.unit_of_work import Work


def is_attended(work: Work, channel_id: int, queue_id: int | None) -> bool:
    """Whether the channel is open, and somebody takes its chats of this queue now."""
    channel = work.session.get_one(Channel, channel_id)
    return is_open(channel.config.get("chat", {}).get("hours"), work.now) and is_staffed(
        work, queue_id, channel.kind
    )


def line_shown(work: Work, row: Row[Any], *, attended: bool) -> dict[str, Any]:
    """For a chat that waits: `place` and `wait`, or that leaving a message is the better way."""
    if not attended:
        return {"leave_message": True}
    stands = place_in_line(
        work.session,
        row.case_id,
        row.queue_id,
        ChannelKind.CHAT.value,
        scale=policy_in_force(work).scale,
        now=work.now,
    )
    place = stands and stands[0]
    return {"place": place, "wait": None if place is None else _wait(work, row.queue_id, place)}


def _wait(work: Work, queue_id: int | None, place: int) -> dict[str, int] | None:
    taken = [Taken(*one) for one in taken_lately(work.session, queue_id, work.now - LATELY, MOST + 1)]
    wait = expected_wait(place, taken, work.now)
    if wait is None:
        return None
    return {"seconds_low": int(wait.low.total_seconds()), "seconds_high": int(wait.high.total_seconds())}
