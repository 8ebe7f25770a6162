"""Handing over what waits in the outbox, each channel in its own way and at its own pace."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from desk.actions.mail.deliveries import doubt_abandoned
from desk.jobs.post_mail import POST, post_mail
from desk.jobs.post_texts import post_texts
from desk.model.inbound import ChannelKind
from desk.settings import Settings
from desk.store.channels import get_channel
from desk.store.outbox import due_channels
from desk.store.unit_of_work import Store

CHANNELS_AT_ONCE = 4

POSTS: dict[ChannelKind, Callable[[Store, Settings, int], int]] = {
    ChannelKind.EMAIL: post_mail,
    ChannelKind.SMS: post_texts,
}
"""What carries the messages of each kind of channel: given its number, returns how many were tried."""


def deliver_due(store: Store, settings: Settings) -> int:
    """Hand over everything that is due, and doubt what others left lying; how many were tried.

    Channels do not wait for each other: a slow server holds up its own messages only.
    """
    with store.unit_of_work(POST) as work:
        doubt_abandoned(work)
        due = {
            channel_id: get_channel(work.session, channel_id).kind
            for channel_id in due_channels(work.session, work.now)
        }
    if not due:
        return 0
    with ThreadPoolExecutor(CHANNELS_AT_ONCE, thread_name_prefix="post") as pool:
        return sum(pool.map(lambda one: POSTS[one[1]](store, settings, one[0]), due.items()))
