"""What managers read of a grown desk: the scorecard and Questions, told from what is kept and from messages.

    python -m benchmarks.figures [--cases 200000] [--questions 63000]

The scorecard, every metric with 13 weeks, must answer within two seconds, and Questions within half a second;
the same page told from the messages alone stands beside it, and must say the same.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from psutil import Process
from sqlalchemy import text

from benchmarks.bar import Bar, told
from benchmarks.crowd import crowd, people
from benchmarks.figures_desk import work_through
from benchmarks.throwaway import throwaway_desk
from desk.actions.cases.work import walk_on
from desk.actions.insights.question_report import period_asked, questions_shown
from desk.actions.insights.scorecard import scorecard_asked, scorecard_shown
from desk.model.permission import system
from desk.store.opening import open_store
from desk.store.schema import migrate
from desk.store.unit_of_work import Store, Work

BENCH = system("benchmark")
ROUNDS = 5
PAGES: dict[str, tuple[Callable[[Work], Any], float]] = {
    "scorecard": (lambda work: scorecard_shown(work, scorecard_asked(work)), 2.0),
    "Questions": (lambda work: questions_shown(work, period_asked(work)), 0.5),
}
"""How each page is asked for, and within how many seconds it must answer."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.figures")
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--questions", type=int, default=63_000)
    sizes = parser.parse_args()
    with throwaway_desk() as settings:
        store = open_store(settings, "bench", pool_size=2)
        migrate(store.engine)
        crowd(store, people(store), first=1, last=sizes.cases)
        work_through(store, sizes.questions)
        print(f"the work on {sizes.cases} cases kept in {_keep_all(store):.1f} s", flush=True)
        now = datetime.now(UTC)
        bars = [bar for name in PAGES for bar in _beside(store, name, now)]
        store.close()
    return told(bars)


def _keep_all(store: Store) -> float:
    begun, now = time.perf_counter(), datetime.now(UTC)
    more = True
    while more:
        with store.unit_of_work(BENCH) as work:
            more = bool(walk_on(work, now))
    took = time.perf_counter() - begun
    with store.single.connect() as connection:
        connection.execute(text("VACUUM ANALYZE case_work, case_turns, work_marks"))
    return took


def _beside(store: Store, name: str, now: datetime) -> list[Bar]:
    page, most = PAGES[name]
    times, cores = [], []
    for _ in range(ROUNDS + 1):  # the first finds nothing in memory, and is not counted
        with store.reading(BENCH, now=now) as work:
            server = Process(work.session.scalar(text("SELECT pg_backend_pid()")))
            begun, spent = time.perf_counter(), _spent(server)
            kept = page(work)
            times.append(time.perf_counter() - begun)
            cores.append(_spent(server) - spent)
    took, (direct, took_directly) = sorted(times[1:])[ROUNDS // 2], _directly(store, page, now)
    core = sorted(cores[1:])[ROUNDS // 2]
    print(f"{name} takes {took:.2f} s (cold {times[0]:.2f}; the database has a core for {core:.2f} s)")
    print(f"{name} takes {took_directly:.2f} s from messages alone")
    return [
        Bar(f"{name}, the middle of {ROUNDS}", took, most, "seconds", at_most=True),
        Bar(f"{name} says what the messages say", float(_same(kept, direct)), 1.0, ""),
    ]


def _spent(server: Process) -> float:
    """Seconds that a connection's process of the database has had a core: a busy machine adds little."""
    times = server.cpu_times()
    return float(times.user + times.system)


def _directly(store: Store, page: Callable[[Work], Any], now: datetime) -> tuple[Any, float]:
    """The page while nothing is kept, and how long it takes; what is kept comes back."""
    told: Any = None
    took = 0.0
    with suppress(InterruptedError), store.unit_of_work(BENCH, now=now) as work:
        work.session.execute(text("SET LOCAL statement_timeout = 0"))
        work.session.execute(text("TRUNCATE case_work, case_turns, work_marks"))
        begun = time.perf_counter()
        told = page(work)
        took = time.perf_counter() - begun
        raise InterruptedError
    return told, took


def _same(one: Any, other: Any) -> bool:
    """Equal, but for what floating point adds by the order of a sum."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 1e-9 * max(abs(one), abs(other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


if __name__ == "__main__":
    sys.exit(main())
