"""What a desk takes while nothing happens: memory, processor, and the time until its page answers.

    python -m benchmarks.footprint [--seconds 60]

Starts `desk run` on a home of its own, with PostgreSQL and Redis, twice: the first start makes the database,
the second is timed. A minute later every process of it, servers included, is asked for its memory (PSS: what
several share counts once), and for what it worked in the next minute. Beside it stands a plain Flask
application with SQLAlchemy under the same gunicorn, one process and no database: what Python alone costs.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from benchmarks.bar import Bar, told
from desk.store.embedded.place import noted_place, remove_place

MEGABYTES = 700
SHARE_OF_A_CORE = 3
START_SECONDS = 20
REST_SECONDS = 60
PATIENCE_SECONDS = 120

DESK = (sys.executable, "-m", "desk", "run")
PLAIN = """
import flask, sqlalchemy.orm
app = flask.Flask("plain")
app.get("/health/live")(lambda: "ok")
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.footprint")
    parser.add_argument("--seconds", type=int, default=60, help="how long the processor is looked at")
    seconds = parser.parse_args().seconds
    plain = _plain()
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        home = Path(folder) / "home"
        with _running(DESK, _environment(home)):
            pass
        with _running(DESK, _environment(home)) as (desk, started):
            time.sleep(REST_SECONDS)
            family = _family(desk, home)
            shares = [(_pss(one), _name(one)) for one in family]
            worked = _worked(family)
            time.sleep(seconds)
            share = 100 * (_worked(family) - worked) / seconds
        remove_place(home)
    for megabytes, name in sorted(shares, reverse=True):
        print(f"{megabytes:7.1f} MB  {name}")
    total = sum(megabytes for megabytes, _ in shares)
    print(f"a plain application of Flask and SQLAlchemy alone: {plain:.0f} MB; load {os.getloadavg()[0]:.1f}")
    return told(
        [
            Bar("memory of a desk at rest, servers and all", total, MEGABYTES, "MB", at_most=True),
            Bar("processor", share, SHARE_OF_A_CORE, "% of a core", at_most=True),
            Bar("a second start, until the page answers", started, START_SECONDS, "seconds", at_most=True),
        ]
    )


def _environment(home: Path) -> dict[str, str]:
    port = _free_port()
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("DESK_")},
        "DESK_HOME": str(home),
        "DESK_PORT": str(port),
        "DESK_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DESK_SMTP_IN_PORT": str(_free_port()),
    }


def _plain() -> float:
    """MB of a gunicorn that serves nothing, arbiter and worker."""
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        (Path(folder) / "plain.py").write_text(PLAIN)
        port = _free_port()
        command = [sys.executable, "-m", "gunicorn", "-k", "gevent", "-b", f"127.0.0.1:{port}"]
        command += ["--no-control-socket", "--chdir", folder, "plain:app"]
        environment = {**os.environ, "DESK_PUBLIC_URL": f"http://127.0.0.1:{port}"}
        with _running(command, environment) as (plain, _):
            return sum(_pss(one) for one in (plain, *plain.children(recursive=True)))


@contextmanager
def _running(command: Sequence[str], environment: dict[str, str]) -> Iterator[tuple[psutil.Process, float]]:
    """The process, once its page answers, and after how many seconds it did."""
    begun = time.perf_counter()
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers(environment["DESK_PUBLIC_URL"]):
            if running.poll() is not None or time.perf_counter() - begun > PATIENCE_SECONDS:
                raise SystemExit(f"{' '.join(command)} does not answer")
            time.sleep(0.05)
        yield psutil.Process(running.pid), time.perf_counter() - begun
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(60)


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{url}/health/live", timeout=1) as answer:
        return bool(answer.status == 200)
    return False


def _family(desk: psutil.Process, home: Path) -> list[psutil.Process]:
    """The desk, its children, and its servers, which keepers of their own look after."""
    place = str(noted_place(home) or home)
    found = {desk, *desk.children(recursive=True)}
    for one in psutil.process_iter():
        with suppress(psutil.Error):
            if place in " ".join(one.cmdline()):
                found |= {one, *one.children(recursive=True)}
    return list(found)


def _name(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return str(process.name())
    return "gone"


def _pss(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        return float(process.memory_full_info().pss) / 1e6
    return 0.0


def _worked(family: Sequence[psutil.Process]) -> float:
    """Seconds of processor time so far."""
    total = 0.0
    for one in family:
        with suppress(psutil.Error):
            times = one.cpu_times()
            total += times.user + times.system
    return total


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
