"""A job of the desk in a process of its own: to be killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from desk.settings import Settings

_PROGRAM = """
import sys, threading
from importlib import import_module
from desk.settings import read_settings
from desk.store.failpoints import arm
settings = read_settings()
arm(settings.failpoints)
import_module("desk.jobs." + sys.argv[1]).run(settings, threading.Event())
"""


def job(name: str, settings: Settings, failpoints: str = "") -> subprocess.Popen[bytes]:
    """`desk.jobs.NAME`, with fail-points armed as `NAME:PROBABILITY`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DESK_")} | {
        "DESK_HOME": str(settings.home),
        "DESK_DATABASE_URL": settings.database_url,
        "DESK_REDIS_URL": settings.redis_url,
        "DESK_SECRET_KEY": settings.secret_key,
        "DESK_SMTP_IN_PORT": "0",
        "DESK_FAILPOINTS": failpoints,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.Popen([sys.executable, "-c", _PROGRAM, name], env=environment)


def until(holds: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until it holds; an assertion fails when it does not in time."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not come to pass in time"
        threading.Event().wait(0.1)
