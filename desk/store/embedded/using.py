"""Starting a server or joining one that runs, and giving it back: locks, and the keeper behind them."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path

from desk.model.errors import Misconfigured
from desk.store.embedded import keeper
from desk.store.embedded.server import STOP_SECONDS, Server, environment, locked, own_folder

START_SECONDS = 60


def use(
    server: Server,
    command: Callable[[], list[str]],
    is_ready: Callable[[Server], bool],
    stop_signal: int,
) -> Callable[[], None]:
    """Start or join; from now until the returned call the server stays up for us.

    `command` is asked for only where nobody runs the server yet. Raises Misconfigured with the end of the
    log when it does not answer in time.
    """
    with locked(server.lock("start")):
        users = server.lock("users").open("a")
        try:
            # A keeper that is just leaving holds this lock; its end is what we wait for here.
            fcntl.flock(users, fcntl.LOCK_SH)
            # One that was told to stop by a user who died before its end comes up no more: start anew.
            if not _comes_up(server, is_ready) and not _is_kept(server):
                for folder in (server.folder, server.data, server.sockets):
                    own_folder(folder, server.user)
                _have_kept(server, command(), stop_signal)
            if not _comes_up(server, is_ready):
                raise Misconfigured(
                    f"{server.name} does not start. Its log, {server.log}, ends:\n{_end(server.log)}"
                )
        except BaseException:
            users.close()
            raise
    return lambda: _leave(server, users)


def _have_kept(server: Server, command: list[str], stop_signal: int) -> None:
    """Hand the server to a keeper, which leaves our session at once."""
    order = keeper.Order(
        command=command,
        environment=environment(),
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


def _leave(server: Server, users: TextIOWrapper) -> None:
    """Give our share back. The last to leave has the server stopped, and returns when it is."""
    if users.closed:
        return
    with locked(server.lock("start")):
        deadline = time.monotonic() + STOP_SECONDS
        while _is_kept(server) and time.monotonic() < deadline:
            if _locks(users, fcntl.LOCK_EX):
                _tell_keeper(server)
            elif _locks(users, fcntl.LOCK_SH):
                break  # others use it still
            time.sleep(0.02)
    users.close()


def _tell_keeper(server: Server) -> None:
    try:
        os.kill(int(server.lock("keeper").read_text()), signal.SIGTERM)
    except (ValueError, ProcessLookupError):
        return


def _is_kept(server: Server) -> bool:
    """Whether a keeper lives: it holds its lock until its very end."""
    with server.lock("keeper").open("a") as file:
        return not _locks(file, fcntl.LOCK_SH)


def _locks(file: TextIOWrapper, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _comes_up(server: Server, is_ready: Callable[[Server], bool]) -> bool:
    """Whether it answers in time; nobody waits for a server without a keeper."""
    deadline = time.monotonic() + START_SECONDS
    while _is_kept(server) and time.monotonic() < deadline:
        if is_ready(server):
            return True
        time.sleep(0.03)
    return False


def _end(log: Path) -> str:
    return log.read_text(errors="replace")[-800:].strip() if log.exists() else "(empty)"
