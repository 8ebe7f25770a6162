"""From the moment a promise is due to the moment at which everybody can see that it was missed.

    python -m benchmarks.sla [--open N] [--burst N]

N clocks run on a desk whose clock process sleeps until the next is due. Some are due one after another over
ten seconds, then a burst in the same instant. A second connection looks at the table every few
milliseconds, so that what is measured is what a screen could know: due to committed and visible.

Beside it, in the same run, what a desk pays that finds its breaches by walking through everything that is
open, as its peers do every five minutes or every hour: here one such walk, over the same rows.

The bar: the last of all is visible within a second.
"""

from __future__ import annotations

import argparse
import os
import statistics
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, text

from benchmarks.ratio import percentile
from benchmarks.throwaway import throwaway_desk
from desk.actions.clocks.book import clock_of
from desk.actions.clocks.targets import change_targets
from desk.jobs import keep_time
from desk.model.customer import Customer
from desk.model.permission import system
from desk.model.sla import SlaClock
from desk.sla.hours import AROUND_THE_CLOCK
from desk.store.engine import engine_for
from desk.store.files import FileStore
from desk.store.schema import migrate
from desk.store.unit_of_work import Store

BAR_SECONDS = 1.0
SPREAD_SECONDS = 10
PER_SECOND = 20
BENCH = system("benchmark")

_OPEN = text(
    """
    WITH opened AS (
      INSERT INTO cases (customer_id, subject, channel, opened_at, last_at, status, priority, level,
        level_by_hand, tags, fields, preview, last_position, last_inbound_position, version, due_at,
        due_clock)
      SELECT :customer_id, 'Where is it?', 'email', :now, :now, 'open', 'normal', 1, false, '{}', '{}', '',
        0, 0, 1,
        CAST(:first AS timestamptz) + n * CAST(:step AS interval), 'first_response'
      FROM generate_series(0, :count - 1) AS n RETURNING id, due_at)
    INSERT INTO sla_clocks (case_id, kind, policy_id, tier, started_at, last_at, phase, target, used, since,
      due_at, wakes_at, ended_by, warned, flagged)
    SELECT id, 'first_response', :policy_id, 'bronze', :now, :now, 'running', due_at - :now, '0', :now,
      due_at, due_at, '', true, false
    FROM opened
    """
)


@dataclass(frozen=True)
class Seen:
    """How late each miss was visible, in seconds."""

    late: list[float]

    def __str__(self) -> str:
        return (
            f"{len(self.late):,} missed: p50 {1000 * statistics.median(self.late):.0f} ms, "
            f"p99 {1000 * percentile(self.late, 99):.0f} ms, last {1000 * max(self.late):.0f} ms after due"
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.sla")
    parser.add_argument("--open", type=int, default=50_000, help="clocks that run and are not due")
    parser.add_argument("--burst", type=int, default=1000, help="clocks that are due in the same instant")
    asked = parser.parse_args()
    with throwaway_desk() as settings:
        return _measure(_store(settings.database_url, settings.home), asked.open, asked.burst)


def _measure(store: Store, opened: int, burst: int) -> int:
    later = datetime.now(UTC) + timedelta(days=2)
    let_run(store, opened, first=later, step=timedelta(seconds=1))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    walk = _walk(store)
    stop = threading.Event()
    clock = threading.Thread(target=keep_time.run, args=(store, stop))
    clock.start()
    try:
        steady = _watch(store, SPREAD_SECONDS * PER_SECOND, timedelta(seconds=1 / PER_SECOND))
        print(f"one after another, {opened:,} more running: {steady}")
        at_once = _watch(store, burst, timedelta(0))
        print(f"all at once, {opened:,} more running: {at_once}")
    finally:
        stop.set()
        clock.join()
    look = _look(store)
    print(
        f"RATIO looking for what is due: a walk through all {1000 * walk:.0f} ms, ours {1000 * look:.2f} ms"
    )
    last = max(*steady.late, *at_once.late)
    passed = last <= BAR_SECONDS
    print(
        f"SLA last={1000 * last:.0f}ms bar={1000 * BAR_SECONDS:.0f}ms walk/look={walk / look:.0f} "
        f"{'PASS' if passed else 'FAIL'} load={os.getloadavg()[0]:.1f}"
    )
    return 0 if passed else 1


def _watch(store: Store, count: int, step: timedelta) -> Seen:
    """Let `count` clocks be due from two seconds on, and see when each is told to be missed."""
    first = datetime.now(UTC) + timedelta(seconds=2 + count / 5000)
    due = let_run(store, count, first=first, step=step)
    seen: dict[int, float] = {}
    give_up = max(due.values()) + timedelta(seconds=30)
    asked = {"least": min(due) - 1}
    query = text("SELECT id FROM sla_clocks WHERE missed_at IS NOT NULL AND id > :least")
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while len(seen) < count and datetime.now(UTC) < give_up:
            found = connection.scalars(query, asked).all()
            now = datetime.now(UTC)
            for number in found:
                seen.setdefault(number, (now - due[number]).total_seconds())
            time.sleep(0.005)
    missing = [30.0] * (count - len(seen))
    assert all(late >= 0 for late in seen.values()), "a promise was called broken before its moment"
    return Seen([*seen.values(), *missing])


def let_run(store: Store, count: int, *, first: datetime, step: timedelta) -> dict[int, datetime]:
    """Cases with a running clock each; when each is due."""
    with store.unit_of_work(BENCH) as work:
        policy = change_targets(work, [{"first_response": 3600}])["number"]
        policy_id = work.session.scalar(text("SELECT id FROM sla_policies WHERE number = :n"), {"n": policy})
        customer = Customer(created_at=work.now, name="Cleo")
        work.session.add(customer)
        work.session.flush()
        asked = {"customer_id": customer.id, "policy_id": policy_id, "now": work.now}
        work.session.execute(_OPEN, asked | {"first": first, "step": step, "count": count})
        rows = work.session.execute(
            text("SELECT k.id, k.due_at FROM sla_clocks k JOIN cases c ON c.id = k.case_id "
                 "WHERE c.customer_id = :customer_id"), asked
        )  # fmt: skip
        return {row.id: row.due_at for row in rows}


def _walk(store: Store) -> float:
    """One pass through every open clock, each worked out anew; seconds."""
    started = time.perf_counter()
    with store.reading(BENCH) as work:
        for row in work.session.scalars(select(SlaClock).where(SlaClock.phase == "running")):
            due = clock_of(row).due_at(lambda _: AROUND_THE_CLOCK)
            assert due is None or due > work.now
    return time.perf_counter() - started


def _look(store: Store) -> float:
    """One look of ours while nothing is due; the median of a hundred, in seconds."""
    times = []
    for _ in range(100):
        started = time.perf_counter()
        keep_time.look(store)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def _store(url: str, home: Path) -> Store:
    engine = engine_for(url, name="benchmark")
    migrate(engine)
    return Store(engine=engine, files=FileStore(home / "files"), nudge=lambda: None)


if __name__ == "__main__":
    raise SystemExit(main())
