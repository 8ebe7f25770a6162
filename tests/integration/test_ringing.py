"""The relay's bell: rung by a commit that somebody waits for, with one ring waiting at most."""

from __future__ import annotations

from redis import Redis

from desk.model.events import AgentFreed, MailKept
from desk.model.permission import system
from desk.store.opening import NUDGE, nudge_by
from desk.store.unit_of_work import Store

TEST = system("test")


def test_a_commit_rings_once_for_what_is_awaited(store: Store, redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    redis.delete(NUDGE)
    ringing = Store(engine=store.engine, files=store.files, nudge=nudge_by(redis))

    with ringing.unit_of_work(TEST) as work:
        work.record(MailKept(channel_id=1))
    assert redis.llen(NUDGE) == 0

    for _ in range(3):
        with ringing.unit_of_work(TEST) as work:
            work.record(AgentFreed(agent_id=1))
    # No ring has an answer of its own; on the same connection this is asked after all of them.
    assert redis.llen(NUDGE) == 1


def test_a_bell_that_is_away_fails_no_deed(store: Store) -> None:
    away = Redis(port=1, socket_connect_timeout=1)
    ringing = Store(engine=store.engine, files=store.files, nudge=nudge_by(away))

    with ringing.unit_of_work(TEST) as work:
        work.record(AgentFreed(agent_id=1))
