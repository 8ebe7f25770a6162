"""Two ways to begin a process: by a command of its own, or as a fork of this one.

A fork has what its parent imported in the same memory, for as long as neither writes there. Python of 3.11
writes wherever it looks, to count who refers to what; still about half stays shared.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

Begin = Callable[[], "Running"]

_LOOK_SECONDS = 0.05
_MOST_FILES = 65536


class Running(Protocol):
    """A process that was begun, as `subprocess.Popen` has it."""

    pid: int

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it lives."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Raises TimeoutExpired."""

    def send_signal(self, sig: int, /) -> None:
        """Nothing happens to one that is dead."""


def by_command(arguments: Sequence[str], environment: Mapping[str, str]) -> Running:
    """A program of its own, in a group of its own: Ctrl-C reaches us alone, and we end it in its turn."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        arguments, env=dict(environment), stdin=subprocess.DEVNULL, process_group=0
    )


def by_fork(body: Callable[[], None], environment: Mapping[str, str]) -> Running:
    """This very program, which does `body` and ends: with 0, or as `SystemExit` says. Only while one thread
    runs: what another holds at that moment stays locked in the child for ever.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    number = os.fork()
    if number:
        return _Forked(number)
    code = 1
    try:
        _leave_the_parent(environment)
        body()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        # Not as the parent would end: its files, servers and handlers are not ours to close.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _leave_the_parent(environment: Mapping[str, str]) -> None:
    os.setpgid(0, 0)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    # Locks and connections of the parent; nothing here refers to them but frames that never go on.
    os.closerange(3, min(os.sysconf("SC_OPEN_MAX"), _MOST_FILES))
    os.environ.clear()
    os.environ.update(environment)


class _Forked:
    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            number, status = os.waitpid(self.pid, os.WNOHANG)
            if number:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        deadline = time.monotonic() + timeout if timeout is not None else None
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(["desk"], timeout or 0.0)
            time.sleep(_LOOK_SECONDS)
        return code

    def send_signal(self, sig: int, /) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)
