"""A whole program, started for one measurement and ended after it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

DESK = (sys.executable, "-m", "desk")
PATIENCE_SECONDS = 120


def desk_environment(home: Path) -> dict[str, str]:
    """A desk of its own on this home, with its servers, on ports that nobody uses."""
    port = free_port()
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("DESK_")},
        "DESK_HOME": str(home),
        "DESK_PORT": str(port),
        "DESK_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DESK_SMTP_IN_PORT": str(free_port()),
    }


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[tuple[psutil.Process, float]]:
    """The process, once the page at DESK_PUBLIC_URL answers, and after how many seconds it did."""
    begun = time.perf_counter()
    program = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers(environment["DESK_PUBLIC_URL"]):
            if program.poll() is not None or time.perf_counter() - begun > PATIENCE_SECONDS:
                raise SystemExit(f"{' '.join(command)} does not answer")
            time.sleep(0.05)
        yield psutil.Process(program.pid), time.perf_counter() - begun
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait(60)


def desk_says(environment: Mapping[str, str], *words: str) -> str:
    """What `desk WORDS` prints, beside a running one. Raises CalledProcessError."""
    told = subprocess.run((*DESK, *words), env=environment, check=True, capture_output=True, text=True)
    return told.stdout


def free_port() -> int:
    """A port of loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{url}/health/live", timeout=1) as answer:
        return bool(answer.status == 200)
    return False
