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
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.bar import Bar, told
from benchmarks.running import DESK, desk_environment, free_port, running
from desk.store.embedded.place import noted_place, remove_place

MEGABYTES = 700
SHARE_OF_A_CORE = 3
START_SECONDS = 20
REST_SECONDS = 60

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
        with running((*DESK, "run"), desk_environment(home)):
            pass
        with running((*DESK, "run"), desk_environment(home)) as (desk, started):
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


def _plain() -> float:
    """MB of a gunicorn that serves nothing, arbiter and worker."""
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        (Path(folder) / "plain.py").write_text(PLAIN)
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "-k", "gevent", "-b", f"127.0.0.1:{port}"]
        command += ["--no-control-socket", "--chdir", folder, "plain:app"]
        environment = {**os.environ, "DESK_PUBLIC_URL": f"http://127.0.0.1:{port}"}
        with running(command, environment) as (plain, _):
            return sum(_pss(one) for one in (plain, *plain.children(recursive=True)))


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


if __name__ == "__main__":
    sys.exit(main())
