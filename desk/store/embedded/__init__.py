"""The embedded servers: a real PostgreSQL and a real Redis out of wheels, on sockets in folders of their own.

Each is started once for a home and shared by all who ask. Whoever uses a server holds a shared lock on
one file; a keeper (`keeper.py`) watches that lock and stops the server after the last has gone, be it by
a clean end or by SIGKILL.

    <place>/                     the home; as root, a folder in the state directory
      postgres/  data s log      s holds the socket (a short folder elsewhere when the path is too long)
      redis/     data s log
      *.start *.users *.keeper   locks
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from desk.store.embedded.binaries import server_user
from desk.store.embedded.place import place_of
from desk.store.embedded.postgres import postgres_command, postgres_is_ready, postgres_url
from desk.store.embedded.redis import redis_command, redis_is_ready, redis_url
from desk.store.embedded.server import Server
from desk.store.embedded.using import use

STATE_DIRECTORY = Path("/var/lib/desk")


@dataclass(frozen=True)
class Embedded:
    """Where the embedded servers answer. `stop` gives them back: the last user's call stops them."""

    database_url: str
    redis_url: str
    stop: Callable[[], None]


def start(
    home: Path,
    *,
    postgres: bool = True,
    redis: bool = True,
    durable: bool = True,
    state_dir: Path = STATE_DIRECTORY,
) -> Embedded:
    """Start what is wanted, or join what already runs for this home; safe against two starts at once.

    `durable=False` is for throw-away data only: nothing is synced, and with the last user the data is
    gone. Raises Misconfigured with what to do when a server cannot start.
    """
    user = server_user()
    place = place_of(home, user, state_dir, durable=durable)
    stops: list[Callable[[], None]] = []
    database = cache = ""
    try:
        if postgres:
            server = Server("postgres", place, user, durable)
            command = partial(postgres_command, server, state_dir)
            stops.append(use(server, command, postgres_is_ready, signal.SIGINT))
            database = postgres_url(server)
        if redis:
            server = Server("redis", place, user, durable)
            command = partial(redis_command, server, state_dir)
            stops.append(use(server, command, redis_is_ready, signal.SIGTERM))
            cache = redis_url(server)
    except BaseException:
        _call_all(stops)
        raise
    if user.another and not durable:
        stops.insert(0, lambda: _discard(place))
    return Embedded(database, cache, lambda: _call_all(stops))


def _call_all(stops: list[Callable[[], None]]) -> None:
    while stops:
        stops.pop()()


def _discard(place: Path) -> None:
    """Remove a throw-away place, unless somebody else's server still stands in it."""
    if not any((place / name).exists() for name in ("postgres", "redis")):
        shutil.rmtree(place, ignore_errors=True)
