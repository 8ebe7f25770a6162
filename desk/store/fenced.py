"""What every fenced child process is given, and what it is kept from."""

from __future__ import annotations

import os
import resource
import signal
import sys

FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "ctypes.",
)


def bare_environment() -> dict[str, str]:
    """Only what an interpreter needs: no secret of ours is within reach of what the child works on."""
    kept = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "VIRTUAL_ENV", "HOME", "SYSTEMROOT")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONPATH": os.pathsep.join(sys.path)
    }


def limit_child(memory_bytes: int) -> None:
    """For the child itself: so much memory, no file written, no core left behind."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def refuse_the_world(event: str, _: tuple[object, ...]) -> None:
    """An audit hook (PEP 578): no line to anywhere, no other program."""
    if event.startswith(FORBIDDEN):
        raise PermissionError(f"A fenced process has no business with {event}.")
