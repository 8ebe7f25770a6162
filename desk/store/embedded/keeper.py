"""The keeper: keeps one embedded server running for as long as somebody uses it.

A process of its own, so that the server outlives whoever started it first and never outlives the last:
every user holds a shared lock on one file, and the kernel drops that lock however the user ends. When
nobody holds it any more, the keeper stops the server cleanly and leaves. A server that dies is started
again. Uses the standard library alone and is run by path, so that it stays small.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import TextIOWrapper

LOOK_SECONDS = 0.3
QUICK_SECONDS = 5
QUICK_DEATHS = 4
STOP_SECONDS = 60
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Order:
    """What to keep, and how; handed over as JSON on the command line."""

    command: list[str]
    environment: dict[str, str]
    uid: int | None
    gid: int | None
    log: str
    keeper_lock: str
    users_lock: str
    stop_signal: int
    discard: str | None
    """A throw-away folder to remove with the last user."""


def main() -> int:
    """Take the keeper's lock, leave the starter's session, and keep the server."""
    order = Order(**json.loads(sys.argv[1]))
    keeper_lock = open(order.keeper_lock, "w")  # noqa: SIM115, PTH123 - held until this process ends
    try:
        fcntl.flock(keeper_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 1
    if os.fork():
        return 0
    os.setsid()
    told_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_stop.set())
    keeper_lock.write(str(os.getpid()))
    keeper_lock.flush()
    with open(order.users_lock) as users:  # noqa: PTH123
        _keep(order, told_to_stop, users)
        if order.discard:
            shutil.rmtree(order.discard, ignore_errors=True)
        # Before the users' lock: whoever waited for that one must find no keeper, and start its own.
        keeper_lock.close()
    return 0


def _keep(order: Order, told_to_stop: threading.Event, users: TextIOWrapper) -> None:
    """Until nobody uses the server, we are told to stop, or it dies as often as it is started."""
    die_with_us = _die_with_us()
    quick_deaths = 0
    while quick_deaths < QUICK_DEATHS:
        started = time.monotonic()
        server = _start(order, die_with_us)
        while server.poll() is None:
            if told_to_stop.wait(LOOK_SECONDS) or _nobody(users):
                _stop(server, order.stop_signal)
                return
        quick_deaths = quick_deaths + 1 if time.monotonic() - started < QUICK_SECONDS else 0
        if told_to_stop.wait(0.5 * quick_deaths) or _nobody(users):
            return


def _start(order: Order, die_with_us: Callable[[], None]) -> subprocess.Popen[bytes]:
    with open(order.log, "ab") as log:  # noqa: PTH123
        return subprocess.Popen(  # noqa: S603 - the command of our own starter
            order.command,
            env=order.environment,
            cwd="/",
            user=order.uid,
            group=order.gid,
            extra_groups=[] if order.uid is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_us,
        )


def _stop(server: subprocess.Popen[bytes], stop_signal: int) -> None:
    server.send_signal(stop_signal)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _nobody(users: TextIOWrapper) -> bool:
    """Whether nobody uses the server. If so the lock stays ours: whoever comes now waits for our end."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _die_with_us() -> Callable[[], None]:
    """Have the kernel stop the server when this process is killed; Linux only, see prctl(2)."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())
