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

import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql
from redis import Redis
from redis.exceptions import RedisError

from desk.model.errors import Misconfigured
from desk.store import keeper
from desk.store.binaries import ServerUser, open_to_all, postgres_binaries, redis_binary, server_user

STATE_DIRECTORY = Path("/var/lib/desk")
START_SECONDS = 60
STOP_SECONDS = 60
DATABASE = "desk"

# A socket's whole path fits into 107 bytes (unix(7)); 103 on macOS. `/.s.PGSQL.5432` takes 14 of them.
_LONGEST_SOCKET_FOLDER = 85

_POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "max_connections": "120",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Embedded:
    """Where the embedded servers answer. `stop` gives them back: the last user's call stops them."""

    database_url: str
    redis_url: str
    stop: Callable[[], None]


@dataclass(frozen=True)
class _Server:
    """One server of one place: its folders, its locks, and the user it runs as."""

    name: str
    place: Path
    user: ServerUser
    durable: bool

    @property
    def folder(self) -> Path:
        return self.place / self.name

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def sockets(self) -> Path:
        folder = self.folder / "s"
        if len(bytes(folder)) <= _LONGEST_SOCKET_FOLDER:
            return folder
        digest = hashlib.sha256(bytes(folder)).hexdigest()[:16]
        return Path("/tmp") / f"desk-{self.user.uid}-{digest}"  # noqa: S108 - mode and owner are checked

    def lock(self, kind: str) -> Path:
        return self.place / f"{self.name}.{kind}"


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
    place = _place(home, user, state_dir, durable=durable)
    stops: list[Callable[[], None]] = []
    try:
        database_url = redis_url = ""
        if postgres:
            server = _Server("postgres", place, user, durable)
            stops.append(_use(server, lambda: _postgres_command(server, state_dir), signal.SIGINT))
            database_url = _postgres_url(server, DATABASE)
        if redis:
            redis_server = _Server("redis", place, user, durable)
            stops.append(_use(redis_server, lambda: _redis_command(redis_server, state_dir), signal.SIGTERM))
            redis_url = f"unix://{quote(str(redis_server.sockets))}/redis.sock"
    except BaseException:
        _call_all(stops)
        raise
    if user.another and not durable:
        stops.insert(0, lambda: _discard(place))
    return Embedded(database_url, redis_url, lambda: _call_all(stops))


def _call_all(stops: list[Callable[[], None]]) -> None:
    while stops:
        stops.pop()()


def _discard(place: Path) -> None:
    """Remove a throw-away place, unless somebody else's server still stands in it."""
    if not any((place / name).exists() for name in ("postgres", "redis")):
        shutil.rmtree(place, ignore_errors=True)


# --- the place


def _place(home: Path, user: ServerUser, state_dir: Path, *, durable: bool) -> Path:
    """The folder of the servers' data. Never opens a folder that is there already."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not user.another:
            return home.resolve()
        with _locked(home / "place.lock"):
            return _noted_place(home, user, state_dir if durable else Path(tempfile.gettempdir()))
    except PermissionError as error:
        raise Misconfigured(
            f"{error.filename or home} is not ours to write. Set DESK_HOME to a folder of your own."
        ) from error
    except OSError as error:
        raise Misconfigured(
            f"{error.filename or home} cannot be written: {error.strerror}. "
            "Free some space, or set DESK_HOME to another folder."
        ) from error


def _noted_place(home: Path, user: ServerUser, parent: Path) -> Path:
    """As root: a folder of the unprivileged user outside the home, which may be closed to it.

    The home notes where, so that a home that is removed or moved takes its desk along.
    """
    known = noted_place(home)
    if known is not None:
        return known
    open_to_all(parent)
    if not user.can_reach(parent):
        raise Misconfigured(
            f"The user {user.name} cannot reach {parent}. Set DESK_STATE_DIR to another folder."
        )
    place = parent / f"desk-{secrets.token_hex(6)}"
    _own_folder(place, user)
    # Aside and renamed: half a note, left by a full disk, would name another folder.
    aside = home / "place.new"
    aside.write_text(f"{place}\n")
    aside.rename(home / "place")
    return place


def noted_place(home: Path) -> Path | None:
    """The folder that this home notes for its servers; None without one, or when it is gone."""
    note = home / "place"
    place = Path(note.read_text().strip()) if note.exists() else Path()
    return place if place.is_absolute() and place.is_dir() else None


def _own_folder(folder: Path, user: ServerUser) -> None:
    """A folder of mode 700 that belongs to the server's user, and to nobody who was there before us."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if user.another and folder.stat().st_uid == os.geteuid():
        os.chown(folder, user.uid, user.gid)
    found = folder.lstat()
    if found.st_uid != user.uid or found.st_mode & 0o077:
        raise Misconfigured(f"{folder} must belong to {user.name} alone (mode 700). Remove it, or mend it.")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- using a server


def _use(server: _Server, command: Callable[[], list[str]], stop_signal: int) -> Callable[[], None]:
    """Start or join; from now until the returned call the server stays up for us."""
    with _locked(server.lock("start")):
        users = server.lock("users").open("a")
        try:
            # A keeper that is just leaving holds this lock; its end is what we wait for here.
            fcntl.flock(users, fcntl.LOCK_SH)
            # One that was told to stop by a user who died before its end comes up no more: start anew.
            if not _comes_up(server) and not _is_kept(server):
                for folder in (server.folder, server.data, server.sockets):
                    _own_folder(folder, server.user)
                _have_kept(server, command(), stop_signal)
            if not _comes_up(server):
                raise Misconfigured(
                    f"{server.name} does not start. Its log, {server.log}, ends:\n{_end(server.log)}"
                )
        except BaseException:
            users.close()
            raise
    return lambda: _leave(server, users)


def _have_kept(server: _Server, command: list[str], stop_signal: int) -> None:
    """Hand the server to a keeper, which leaves our session at once."""
    order = keeper.Order(
        command=command,
        environment=_environment(),
        uid=server.user.uid if server.user.another else None,
        gid=server.user.gid if server.user.another else None,
        log=str(server.log),
        keeper_lock=str(server.lock("keeper")),
        users_lock=str(server.lock("users")),
        stop_signal=stop_signal,
        discard=None if server.durable else str(server.folder),
    )
    subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-I", "-S", keeper.__file__, json.dumps(asdict(order))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


def _leave(server: _Server, users: TextIOWrapper) -> None:
    """Give our share back. The last to leave has the server stopped, and returns when it is."""
    if users.closed:
        return
    with _locked(server.lock("start")):
        deadline = time.monotonic() + STOP_SECONDS
        while _is_kept(server) and time.monotonic() < deadline:
            if _locks(users, fcntl.LOCK_EX):
                _tell_keeper(server)
            elif _locks(users, fcntl.LOCK_SH):
                break  # others use it still
            time.sleep(0.02)
    users.close()


def _tell_keeper(server: _Server) -> None:
    try:
        os.kill(int(server.lock("keeper").read_text()), signal.SIGTERM)
    except (ValueError, ProcessLookupError):
        return


def _is_kept(server: _Server) -> bool:
    """Whether a keeper lives: it holds its lock until its very end."""
    with server.lock("keeper").open("a") as file:
        return not _locks(file, fcntl.LOCK_SH)


def _locks(file: TextIOWrapper, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _comes_up(server: _Server) -> bool:
    """Whether it answers in time; nobody waits for a server without a keeper."""
    is_ready = _postgres_is_ready if server.name == "postgres" else _redis_is_ready
    deadline = time.monotonic() + START_SECONDS
    while _is_kept(server) and time.monotonic() < deadline:
        if is_ready(server):
            return True
        time.sleep(0.03)
    return False


def _end(log: Path) -> str:
    return log.read_text(errors="replace")[-800:].strip() if log.exists() else "(empty)"


def _environment() -> dict[str, str]:
    """Nothing of ours: no secret of the desk stands in a server's environment."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


# --- PostgreSQL


def _postgres_url(server: _Server, database: str) -> str:
    return f"postgresql://desk@/{database}?host={quote(str(server.sockets), safe='/')}"


def _postgres_command(server: _Server, state_dir: Path) -> list[str]:
    """The data folder made or mended, and the command that serves it."""
    binaries = postgres_binaries(server.user, state_dir)
    if not (server.data / "PG_VERSION").exists():
        _make_cluster(server, binaries)
    _forget_dead_postmaster(server.data)
    _let_in(server)
    options = _POSTGRES_OPTIONS | {"unix_socket_directories": str(server.sockets)}
    if not server.durable:
        options |= _NOT_DURABLE
    chosen = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return [str(binaries / "postgres"), "-D", str(server.data), *chosen]


def _make_cluster(server: _Server, binaries: Path) -> None:
    """Made aside and renamed into place, so that a start cut short leaves nothing half made."""
    aside = server.folder / "new"
    shutil.rmtree(aside, ignore_errors=True)
    _own_folder(aside, server.user)
    made = subprocess.run(  # noqa: S603 - our own binaries and paths
        [
            *(str(binaries / "initdb"), "--pgdata", str(aside), "--username", "desk", "--auth", "peer"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", *(() if server.durable else ("--no-sync",))),
        ],
        env=_environment(),
        cwd="/",
        user=server.user.uid if server.user.another else None,
        group=server.user.gid if server.user.another else None,
        extra_groups=[] if server.user.another else None,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise Misconfigured(f"PostgreSQL cannot make its data folder: {made.stderr.strip()[-500:]}")
    server.data.rmdir()
    aside.rename(server.data)


def _forget_dead_postmaster(data: Path) -> None:
    """Stop what a killed keeper left behind, or remove the note of it.

    After a restart of the machine another process may have the number PostgreSQL noted, and
    PostgreSQL would refuse to start for its sake.
    """
    import psutil

    note = data / "postmaster.pid"
    try:
        left = psutil.Process(int(note.read_text().splitlines()[0]))
        if left.name() == "postgres" and str(data) in left.cmdline():
            left.send_signal(signal.SIGINT)
            left.wait(STOP_SECONDS)
    except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
        pass
    except psutil.TimeoutExpired:
        raise Misconfigured(
            f"An older PostgreSQL still runs on {data} and does not stop. Stop it first."
        ) from None
    note.unlink(missing_ok=True)


def _let_in(server: _Server) -> None:
    """Whoever starts the desk, and the server's own user, are `desk` in the database; nobody else is."""
    names = sorted({pwd.getpwuid(os.geteuid()).pw_name, server.user.name})
    (server.data / "pg_hba.conf").write_text("local all desk peer map=desk\n")
    (server.data / "pg_ident.conf").write_text("".join(f'desk "{name}" desk\n' for name in names))


def _postgres_is_ready(server: _Server) -> bool:
    """Whether it answers; makes our database the first time."""
    try:
        with psycopg.connect(
            _postgres_url(server, "postgres"), autocommit=True, connect_timeout=2
        ) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    except psycopg.OperationalError:
        return False
    return True


# --- Redis


def _redis_command(server: _Server, state_dir: Path) -> list[str]:
    """Never evicts, and keeps a log synced every second: enough, since truth is in PostgreSQL."""
    settings = {
        "port": "0",
        "unixsocket": str(server.sockets / "redis.sock"),
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


def _redis_is_ready(server: _Server) -> bool:
    path = server.sockets / "redis.sock"
    if not path.exists():
        return False
    try:
        with Redis(unix_socket_path=str(path), socket_timeout=2) as redis:
            return bool(redis.ping())
    except RedisError:
        return False
