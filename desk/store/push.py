"""Pushing: changes go to the web processes through Redis, as JSON, and from there to the screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import structlog
from redis.exceptions import RedisError
from socketio import RedisManager

from desk.model.change import AGENTS, Change
from desk.settings import Settings

NAMESPACE = AGENTS
CHANNEL = "desk:sockets"
RETRY_SECONDS = 0.5
_WAIT_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class Bus(RedisManager):  # type: ignore[misc]  # python-socketio carries no types
    """The line between all processes. It speaks JSON, as python-socketio does since 5.14, never pickle.

    Unlike the library's own it is back half a second after Redis is, and it can be closed.
    """

    closed = False

    def close(self) -> None:
        """Stop listening; the thread that does ends within a second."""
        self.closed = True

    def _listen(self) -> Iterator[bytes]:
        """What other processes say, for as long as the bus is open."""
        while not self.closed:
            try:
                self._redis_connect()
                self.pubsub.subscribe(self.channel)
                while not self.closed:
                    message = self.pubsub.get_message(timeout=_WAIT_SECONDS)
                    if message is not None and message["type"] == "message":
                        yield message["data"]
            except RedisError as error:
                _log.warning("redis away: screens fetch what they miss", error=type(error).__name__)
                self.server.sleep(RETRY_SECONDS)
        self.pubsub.close()
        self.redis.close()


def bus(settings: Settings) -> Bus:
    """The bus of a process with sockets."""
    return Bus(settings.redis_url, channel=CHANNEL, redis_options={"socket_connect_timeout": 1})


def pusher(settings: Settings) -> Callable[[Sequence[Change]], None]:
    """A function that tells the rooms of each change. A push may get lost: screens compare positions."""
    options = {"socket_timeout": 5, "socket_connect_timeout": 1}
    line = RedisManager(settings.redis_url, channel=CHANNEL, write_only=True, redis_options=options)

    def push(changes: Sequence[Change]) -> None:
        for change in changes:
            line.emit(change.name, change.payload, namespace=change.namespace, room=list(change.rooms))

    return push
