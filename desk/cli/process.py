"""The life of one process: settings, logs, servers, its work, and an orderly end."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import structlog
from sqlalchemy.exc import OperationalError

import desk
from desk import logs
from desk.cli import load
from desk.cli.collector import set_aside
from desk.cli.servers import bring_up_to_date, servers_for
from desk.settings import Settings, read_settings
from desk.store.failpoints import STRUCK, arm

Body = Callable[[Settings, threading.Event], None]
"""Returns soon after the event is set."""

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
DATABASE_SECONDS = 60

log = structlog.get_logger()


def run_process(name: str, body: str, *, supervisor: int | None) -> None:
    """Do the work of the process `name` until SIGTERM or SIGINT; a second signal ends it at once.

    `body` says where its `Body` is found, as `module:attribute`.
    """
    with ready_process(name, supervisor=supervisor) as settings:
        work: Body = load(body)
        stop = threading.Event()
        stop_on_signals(stop, settings.drain_seconds)
        set_aside()
        log.info("process_ready", release=desk.__version__)
        try:
            work(settings, stop)
        except Exception:
            # An edge: whatever ends a process is one line of the log, and the supervisor starts anew.
            log.exception("process_failed")
            sys.exit(1)
        log.info("process_done")


@contextmanager
def ready_process(name: str, *, supervisor: int | None) -> Iterator[Settings]:
    """Everything that comes before the work: also the end together with the supervisor, if there is one."""
    call_it(f"desk {name}")
    if supervisor is not None:
        end_with(supervisor)
    settings = read_settings()
    logs.configure(settings, name)
    arm(settings.failpoints, settings.home / STRUCK)
    with servers_for(settings) as standing:
        _wait_for_schema(standing, embedded=not settings.database_url)
        yield standing


def call_it(name: str) -> None:
    """The name of this process in `ps -e` and `top`, at most 15 letters; Linux only, prctl(2)."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode()[:15])


def end_with(supervisor: int) -> None:
    """Have the kernel send SIGTERM when the supervisor is gone, however it went; Linux only, prctl(2)."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != supervisor:
        sys.exit(0)


def stop_on_signals(stop: threading.Event, drain_seconds: int) -> None:
    """The first SIGTERM or SIGINT asks for an end; the second, or the end of patience, forces it."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()
        patience = threading.Timer(drain_seconds, _give_up)
        patience.daemon = True
        patience.start()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)


def _give_up() -> None:
    log.error("process_cut_off", reason="it did not end in time after SIGTERM")
    os._exit(1)


def _wait_for_schema(settings: Settings, *, embedded: bool) -> None:
    """A database that is just starting is waited for; a schema that is too old is not."""
    deadline = time.monotonic() + DATABASE_SECONDS
    while True:
        try:
            bring_up_to_date(settings, may_migrate=embedded)
            return
        except OperationalError as trouble:
            if time.monotonic() > deadline:
                raise
            log.warning("database_awaited", trouble=logs.trouble_of(trouble))
            time.sleep(1)
