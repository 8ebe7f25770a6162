"""Commit 1 of every text: the call as it came. From here on it is ours, and Twilio may have its answer."""

from __future__ import annotations

from collections.abc import Sequence

from desk.channels.sms.inbound import is_sid, raw_text
from desk.model.channel import Channel, ChannelState
from desk.model.errors import Invalid
from desk.model.events import ChannelChanged, TextKept
from desk.model.inbound import ChannelKind
from desk.store.failpoints import failpoint
from desk.store.inbox import RawMail, keep_raw
from desk.store.unit_of_work import Work

Pairs = Sequence[tuple[str, str]]


def keep_texts(work: Work, channel_id: int, calls: Sequence[Pairs]) -> int:
    """Keep what came in and return how many were new; the same MessageSid again is no news.

    Raises Invalid for a call without one.
    """
    raws = []
    for pairs in calls:
        sid = dict(pairs).get("MessageSid", "")
        if not is_sid(sid):
            raise Invalid("The call names no message.", "MessageSid")
        raws.append(RawMail(source_key=sid, raw=raw_text(pairs)))
    kept = keep_raw(work.line, channel_id, raws, work.now, ChannelKind.SMS).new
    if kept:
        work.record(TextKept(channel_id=channel_id, count=len(kept)))
        _note_alive(work, channel_id)
    failpoint("before_raw_commit")
    return len(kept)


def _note_alive(work: Work, channel_id: int) -> None:
    """Texts reach us, so the channel works as far as that goes."""
    channel = work.session.get_one(Channel, channel_id)
    if channel.state is ChannelState.CONNECTING:
        channel.state = ChannelState.OK
        work.record(ChannelChanged(channel_id=channel.id, state=channel.state.value))
