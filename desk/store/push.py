"""Pushing from a process without sockets: changes go to the web processes through Redis, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from socketio import RedisManager

from desk.model.change import Change
from desk.settings import Settings

NAMESPACE = "/desk"
CHANNEL = "desk:sockets"
_FAST = {"socket_timeout": 5, "socket_connect_timeout": 1}


def bus(settings: Settings, *, write_only: bool) -> RedisManager:
    """The line between all processes. python-socketio speaks JSON on it since 5.14, never pickle."""
    options = _FAST if write_only else {"socket_connect_timeout": 1}
    return RedisManager(settings.redis_url, channel=CHANNEL, write_only=write_only, redis_options=options)


def pusher(settings: Settings) -> Callable[[Sequence[Change]], None]:
    """A function that tells the rooms of each change. A push may get lost: screens compare positions."""
    line = bus(settings, write_only=True)

    def push(changes: Sequence[Change]) -> None:
        for change in changes:
            line.emit("change", change.payload, namespace=NAMESPACE, room=list(change.rooms))

    return push
