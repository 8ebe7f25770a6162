"""How many cases a second the desk offers, on PostgreSQL, with four workers of which one is killed.

    python -m benchmarks.routing_claims [--waiting 10000] [--agents 40] [--workers 4]

Cases wait in one queue; the agents have places for four in five of them. The workers offer at the same
time, in the rounds that a worker goes, until no place is left; one is killed in the middle. Counted
before timed: no case is offered twice, nobody has more than their places, none is lost, and every place is
taken. Beside it, in the same run, the least that a claim can cost: an update of one row that skips
what others hold, which knows no order, no skill, no capacity and no reason.

The bar: at least 200 offers a second. It counts wall time, so a busy machine lowers it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

from sqlalchemy import text

from benchmarks.throwaway import throwaway_desk
from desk.actions.routing.offers import BATCH, offer_all_waiting
from desk.model.agent import Agent, Capacity, Team, TeamMember
from desk.model.customer import Customer
from desk.model.permission import Role, system
from desk.model.presence import Presence, PresenceState
from desk.model.queue import Queue, QueueTeam
from desk.store.engine import engine_for
from desk.store.files import FileStore
from desk.store.schema import migrate
from desk.store.unit_of_work import Store

BAR = 200
ROUND = BATCH
CUSTOMERS = 2000
KILLED_AFTER = 1.0
BENCH = system("benchmark")

_WAITING = text(
    """
    INSERT INTO cases (customer_id, subject, channel, opened_at, last_at, status, priority, queue_id, level,
                       level_by_hand, tags, fields, waiting_since, preview,
                       last_position, last_inbound_position, version)
    SELECT :customer_id + n % :customers, 'Question ' || n, 'email', :now, :now, 'open', 'normal', :queue_id,
           1, false, '{}', '{}',
           :now - n * interval '1 second', '', 0, 0, 1
    FROM generate_series(1, :count) AS n
    """
)
_LEAST = text(
    """
    UPDATE least SET taken = true WHERE id = (
      SELECT id FROM least WHERE NOT taken ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id
    """
)
_COUNTED = text(
    """
    SELECT (SELECT count(*) FROM offers WHERE state = 'live') AS live,
           (SELECT count(*) FROM (SELECT case_id FROM offers WHERE state = 'live' GROUP BY case_id
                                  HAVING count(*) > 1) t) AS twice,
           (SELECT count(*) FROM (SELECT agent_id FROM offers WHERE state = 'live' GROUP BY agent_id
                                  HAVING count(*) > :places) t) AS over,
           (SELECT count(*) FROM cases WHERE status = 'open' AND assignee_id IS NULL) AS waiting
    """
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.routing_claims")
    parser.add_argument("--waiting", type=int, default=10_000)
    parser.add_argument("--agents", type=int, default=160)
    parser.add_argument("--workers", type=int, default=4)
    asked = parser.parse_args()
    with throwaway_desk() as settings:
        return _measure(settings.database_url, settings.home, asked.waiting, asked.agents, asked.workers)


def _measure(url: str, home: Path, waiting: int, agents: int, workers: int) -> int:
    store = _store(url, home)
    migrate(store.engine)
    places = waiting * 4 // (5 * agents)
    stage(store, waiting, agents, places)
    seconds = _together(_offers, url, home, workers, kill=True)
    with store.engine.connect() as connection:
        found = connection.execute(_COUNTED, {"places": places}).one()
    rate = found.live / seconds
    print(f"offers: {found.live:,} in {seconds:.1f} s by {workers} workers, one killed: {rate:.0f}/s")
    with store.engine.begin() as connection:
        connection.execute(text("CREATE TABLE least (id bigint PRIMARY KEY, taken boolean NOT NULL)"))
        connection.execute(
            text("INSERT INTO least SELECT n, false FROM generate_series(1, :count) AS n"),
            {"count": agents * places // 4},
        )
    least = agents * places // 4 / _together(_least, url, home, workers, kill=False)
    print(f"RATIO the least that a claim can cost: {least:.0f}/s; ours beside it {rate / least:.2f}")
    lost, left = waiting - found.waiting, agents * places - found.live
    whole = found.twice == found.over == lost == left == 0
    print(
        f"CLAIMS rate={rate:.0f}/s bar={BAR}/s twice={found.twice} over={found.over} lost={lost} "
        f"places_left={left} {'PASS' if whole and rate >= BAR else 'FAIL'} load={os.getloadavg()[0]:.1f}"
    )
    return 0 if whole and rate >= BAR else 1


def stage(store: Store, waiting: int, agents: int, places: int) -> None:
    """A queue of waiting cases, and agents who are there with so many places each."""
    now = datetime.now(UTC)
    with store.unit_of_work(BENCH) as work:
        team, queue = Team(name="All"), Queue(name="All", is_default=True, created_at=now)
        customers = [Customer(created_at=now, name=f"Customer {number}") for number in range(CUSTOMERS)]
        work.session.add_all([team, queue, *customers])
        work.session.flush()
        work.session.add(QueueTeam(queue_id=queue.id, team_id=team.id))
        for number in range(agents):
            agent = Agent(
                name=f"Agent {number}",
                email=f"a{number}@bench.example",
                role=Role.AGENT,
                created_at=now,
            )
            work.session.add(agent)
            work.session.flush()
            work.session.add(TeamMember(team_id=team.id, agent_id=agent.id))
            work.session.add(Capacity(agent_id=agent.id, channel="email", limit=places))
            work.session.add(
                Presence(
                    agent_id=agent.id, state=PresenceState.AVAILABLE, since=now, seen_at=now, idle_since=now
                )
            )
        work.session.execute(
            _WAITING,
            {
                "customer_id": min(customer.id for customer in customers),
                "customers": CUSTOMERS,
                "queue_id": queue.id,
                "now": now,
                "count": waiting,
            },
        )
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _together(
    body: Callable[[str, str, Barrier], None], url: str, home: Path, workers: int, *, kill: bool
) -> float:
    """Run the body in so many processes; the seconds from the start of their work to the end of the last."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(workers + 1)
    running = [context.Process(target=body, args=(url, str(home), ready)) for _ in range(workers)]
    for process in running:
        process.start()
    ready.wait(timeout=60)
    begun = time.monotonic()
    if kill:
        time.sleep(KILLED_AFTER)
        assert running[0].pid is not None
        os.kill(running[0].pid, signal.SIGKILL)
    for process in running:
        process.join()
    return time.monotonic() - begun


def _offers(url: str, home: str, ready: Barrier) -> None:
    store, idle = _store(url, Path(home)), 0
    ready.wait()
    while idle < 3:
        with store.unit_of_work(BENCH) as work:
            made = offer_all_waiting(work, ROUND)
        idle = 0 if made else idle + 1
        if not made:
            time.sleep(0.05)


def _least(url: str, _home: str, ready: Barrier) -> None:
    engine = engine_for(url, name="least", pool_size=1)
    ready.wait()
    while True:
        with engine.begin() as connection:
            if connection.execute(_LEAST).one_or_none() is None:
                return


def _store(url: str, home: Path) -> Store:
    return Store(
        engine=engine_for(url, name="benchmark", pool_size=2),
        files=FileStore(home / "files"),
        nudge=lambda: None,
    )


if __name__ == "__main__":
    sys.exit(main())
