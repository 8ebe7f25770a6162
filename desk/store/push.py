"""Pushing: changes go to the web processes through Redis, as JSON, and from there to the screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
import structlog
from redis.exceptions import RedisError
from socketio import RedisManager

from desk.model.change import AGENTS, Change
from desk.settings import Settings
from desk.store.opening import redis_for

NAMESPACE = AGENTS
CHANNEL = "desk:sockets"
RETRY_SECONDS = 0.5
AT_ONCE = 100
"""After so many lines that are told the same, others have their turn: they wait some two milliseconds."""
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

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        """Who is to be told, as (socket id, transport); with a pause now and then among very many."""
        for number, participant in enumerate(super().get_participants(namespace, room), 1):
            yield participant
            if number % AT_ONCE == 0:
                self.server.sleep(0)

    def _listen(self) -> Iterator[bytes | dict[str, Any]]:
        """What other processes say, for as long as the bus is open."""
        while not self.closed:
            try:
                self._redis_connect()
                self.pubsub.subscribe(self.channel)
                while not self.closed:
                    message = self.pubsub.get_message(timeout=_WAIT_SECONDS)
                    if message is not None and message["type"] == "message":
                        yield from _told_in(message["data"])
            except RedisError as error:
                _log.warning("redis away: screens fetch what they miss", error=type(error).__name__)
                self.server.sleep(RETRY_SECONDS)
        self.pubsub.close()
        self.redis.close()


def bus(settings: Settings) -> Bus:
    """The bus of a process with sockets."""
    return Bus(settings.redis_url, channel=CHANNEL, redis_options={"socket_connect_timeout": 1})


def pusher(settings: Settings) -> Callable[[Sequence[Change]], None]:
    """A function that tells the rooms of each change, all in one word to Redis. A push may get lost: screens
    compare positions.
    """
    redis = redis_for(settings)

    def push(changes: Sequence[Change]) -> None:
        if not changes:
            return
        try:
            redis.publish(CHANNEL, published(changes))
        except RedisError as error:
            _log.warning("redis away: screens fetch what they miss", error=type(error).__name__)

    return push


def published(changes: Sequence[Change]) -> bytes:
    """What is published of them."""
    return orjson.dumps([_emitted(change) for change in changes])


def _emitted(change: Change) -> dict[str, Any]:
    """As python-socketio's managers tell each other to emit."""
    return {
        "method": "emit",
        "event": change.name,
        "data": change.payload,
        "namespace": change.namespace,
        "room": change.rooms,
    }


def _told_in(published: bytes) -> Iterator[bytes | dict[str, Any]]:
    """One word of the library, or each of several of ours; what is neither, the library passes over."""
    if published[:1] != b"[":
        yield published
        return
    try:
        told = orjson.loads(published)
    except orjson.JSONDecodeError:
        return
    yield from (one for one in told if isinstance(one, dict))
