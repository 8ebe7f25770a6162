"""The embedded PostgreSQL: its cluster, its options, and who may come in."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from desk.model.errors import Misconfigured
from desk.store.embedded.binaries import postgres_binaries
from desk.store.embedded.server import STOP_SECONDS, Server, environment, own_folder

DATABASE = "desk"

_OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "max_connections": "120",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def postgres_url(server: Server, database: str = DATABASE) -> str:
    return f"postgresql://desk@/{database}?host={quote(str(server.sockets), safe='/')}"


def postgres_command(server: Server, state_dir: Path) -> list[str]:
    """The data folder made or mended, and the command that serves it."""
    binaries = postgres_binaries(server.user, state_dir)
    if not (server.data / "PG_VERSION").exists():
        _make_cluster(server, binaries)
    _forget_dead_postmaster(server.data)
    _let_in(server)
    options = _OPTIONS | {"unix_socket_directories": str(server.sockets)}
    if not server.durable:
        options |= _NOT_DURABLE
    chosen = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return [str(binaries / "postgres"), "-D", str(server.data), *chosen]


def _make_cluster(server: Server, binaries: Path) -> None:
    """Made aside and renamed into place, so that a start cut short leaves nothing half made."""
    aside = server.folder / "new"
    shutil.rmtree(aside, ignore_errors=True)
    own_folder(aside, server.user)
    made = subprocess.run(  # noqa: S603 - our own binaries and paths
        [
            *(str(binaries / "initdb"), "--pgdata", str(aside), "--username", "desk", "--auth", "peer"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", *(() if server.durable else ("--no-sync",))),
        ],
        env=environment(),
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


def _let_in(server: Server) -> None:
    """Whoever starts the desk, and the server's own user, are `desk` in the database; nobody else is."""
    names = sorted({pwd.getpwuid(os.geteuid()).pw_name, server.user.name})
    (server.data / "pg_hba.conf").write_text("local all desk peer map=desk\n")
    (server.data / "pg_ident.conf").write_text("".join(f'desk "{name}" desk\n' for name in names))


def postgres_is_ready(server: Server) -> bool:
    """Whether it answers; makes our database the first time."""
    try:
        with psycopg.connect(
            postgres_url(server, "postgres"), autocommit=True, connect_timeout=2
        ) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    except psycopg.OperationalError:
        return False
    return True
