"""Opening the store: what a process needs before its first unit of work."""

from __future__ import annotations

from collections.abc import Callable

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from desk.settings import Settings
from desk.store.engine import engine_for
from desk.store.files import FileStore
from desk.store.nouns import know_all_nouns
from desk.store.unit_of_work import Store

NUDGE = "desk:nudge"

# One ring waits at most. https://redis.io/docs/latest/commands/client-reply/
_RING = f"CLIENT REPLY SKIP\r\nLPUSH {NUDGE} 1\r\nCLIENT REPLY SKIP\r\nLTRIM {NUDGE} 0 0\r\n".encode()


def open_store(settings: Settings, name: str, *, pool_size: int = 10) -> Store:
    """The store of this process; connects at the first use."""
    know_all_nouns()
    return Store(
        engine=engine_for(settings.database_url, name=name, pool_size=pool_size),
        files=FileStore(settings.files),
        nudge=nudge_by(redis_for(settings)),
    )


def redis_for(settings: Settings) -> Redis:
    """A connection that fails fast: Redis wakes, pushes, counts and notes, and nothing may hang on it."""
    return Redis.from_url(
        settings.redis_url,
        socket_timeout=5,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 1),
    )


def nudge_by(redis: Redis) -> Callable[[], None]:
    """A doorbell for the relay. Losing a ring costs a second, so nobody waits for an answer to it, and
    Redis's trouble is not ours.
    """
    pool = redis.connection_pool

    def nudge() -> None:
        try:
            connection = pool.get_connection()
            try:
                connection.send_packed_command([_RING], check_health=False)  # type: ignore[no-untyped-call]
            finally:
                pool.release(connection)
        except RedisError:
            return

    return nudge
