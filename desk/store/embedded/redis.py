"""The embedded Redis."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from redis import Redis
from redis.exceptions import RedisError

from desk.store.embedded.binaries import redis_binary
from desk.store.embedded.server import Server


def redis_url(server: Server) -> str:
    return f"unix://{quote(str(_socket(server)))}"


def redis_command(server: Server, state_dir: Path) -> list[str]:
    """Never evicts, and keeps a log synced every second: enough, since truth is in PostgreSQL."""
    settings = {
        "port": "0",
        "unixsocket": str(_socket(server)),
        "unixsocketperm": "700",
        "dir": str(server.data),
        "daemonize": "no",
        "maxmemory-policy": "noeviction",
        "appendonly": "yes" if server.durable else "no",
        "appendfsync": "everysec",
        "save": "",
    }
    chosen = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return [str(redis_binary(server.user, state_dir)), *chosen]


def redis_is_ready(server: Server) -> bool:
    path = _socket(server)
    if not path.exists():
        return False
    try:
        with Redis(unix_socket_path=str(path), socket_timeout=2) as redis:
            return bool(redis.ping())
    except RedisError:
        return False


def _socket(server: Server) -> Path:
    return server.sockets / "redis.sock"
