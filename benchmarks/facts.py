"""The export of facts, and the scorecard, at a million messages.

    python -m benchmarks.facts [--small 20000] [--large 200000]

The memory of the process that exports must not grow with the rows: at `--large` cases of five messages it
takes at most 1.5 times what it takes at `--small`, each in a process of its own. Rows must leave at least as
fast as through `desk export cases`, the streaming that was there before. The scorecard, every metric with
13 weeks, answers within two seconds at `--small`; what it takes at `--large` is told.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.bar import Bar, told
from benchmarks.crowd import crowd, people
from benchmarks.throwaway import throwaway_desk
from desk.actions.insights.facts import export_facts
from desk.actions.insights.scorecard import scorecard_asked, scorecard_shown
from desk.model.permission import system
from desk.settings import Settings
from desk.store.opening import open_store
from desk.store.records import case_records, streamed
from desk.store.schema import migrate
from desk.store.unit_of_work import Store

BENCH = system("benchmark")
ROUNDS = 3


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.facts")
    parser.add_argument("--small", type=int, default=20_000)
    parser.add_argument("--large", type=int, default=200_000)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    sizes = parser.parse_args()
    if sizes.child:
        return _exported()
    with throwaway_desk() as settings:
        store = open_store(settings, "bench", pool_size=2)
        migrate(store.engine)
        customers = people(store)
        crowd(store, customers, first=1, last=sizes.small)
        small = _child(settings)
        page = min(_page(store) for _ in range(ROUNDS))
        crowd(store, customers, first=sizes.small + 1, last=sizes.large)
        large = _child(settings)
        before = _streamed(store)
        large_page = min(_page(store) for _ in range(ROUNDS))
        store.close()
    print(f"the scorecard takes {page:.2f} s at {sizes.small} cases, {large_page:.2f} s at {sizes.large}")
    print(f"{large[1]:.0f} rows a second in {large[0]:.0f} MB; {small[0]:.0f} MB at {sizes.small} cases")
    return told(
        [
            Bar("memory at the large size / at the small", large[0] / small[0], 1.5, "times", at_most=True),
            Bar("rows a second / streamed as before", large[1] / before, 1.0, "times"),
            Bar("the scorecard at the small size", page, 2.0, "seconds", at_most=True),
        ]
    )


def _child(settings: Settings) -> tuple[float, float]:
    """Peak memory in MB, and rows a second, of an export in a process of its own."""
    found = {
        "DESK_DATABASE_URL": settings.database_url,
        "DESK_REDIS_URL": settings.redis_url,
        "DESK_SECRET_KEY": settings.secret_key,
    }
    command = [sys.executable, "-m", "benchmarks.facts", "--child"]
    answer = subprocess.run(command, env=os.environ | found, check=True, capture_output=True, text=True)
    megabytes, rate = answer.stdout.split()
    return float(megabytes), float(rate)


def _exported() -> int:
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        settings = Settings(
            home=Path(folder),
            database_url=os.environ["DESK_DATABASE_URL"],
            redis_url=os.environ["DESK_REDIS_URL"],
            secret_key=os.environ["DESK_SECRET_KEY"],
        )
        store = open_store(settings, "bench", pool_size=2)
        begun = time.perf_counter()
        rows = export_facts(store, BENCH, Path(folder) / "facts", names=False)
        took = time.perf_counter() - begun
        store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(peak, sum(rows.values()) / took)
    return 0


def _streamed(store: Store) -> float:
    """Rows a second of the export that was there before."""
    begun = time.perf_counter()
    with store.reading(BENCH) as work:
        rows = sum(1 for _ in streamed(work.session, case_records()))
    return rows / (time.perf_counter() - begun)


def _page(store: Store) -> float:
    with store.reading(BENCH) as work:
        begun = time.perf_counter()
        scorecard_shown(work, scorecard_asked(work))
        return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
