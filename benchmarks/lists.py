"""Lists, counters, a long case and search at many cases, beside hand-written SQL behind a bare route.

    python -m benchmarks.lists [--small 10000] [--large 200000]

The bars of a desk that stays quick: at `--large` cases the inbox page answers within 150 ms (95 of
100) and within twice its own time at `--small`; all counters within 50 ms, a case of 500 messages
within 150 ms, search over messages within 400 ms; each at least half as fast as the bare route.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from flask import Flask, jsonify
from flask.testing import FlaskClient

from benchmarks.crowd import LONG_CASE, SECRET, crowd, lengthen, people
from benchmarks.ratio import Ratio, compare, percentile, seconds_each
from desk.app import create_app
from desk.settings import Settings
from desk.store import embedded
from desk.store.opening import open_store
from desk.store.schema import migrate

CALLS = 60
BARS_MS = {"inbox": 150, "counters": 50, "case": 150, "search": 400}
PATHS = {
    "inbox": "/api/v1/cases?view=all&limit=100",
    "counters": "/api/v1/counters",
    "case": f"/api/v1/cases/{LONG_CASE}",
    "search": "/api/v1/search?q=grinder+noise&kind=messages",
}
_ROW = (
    "SELECT c.id, c.subject, k.name, c.customer_id, k.tier, c.channel, c.status, c.priority, c.queue_id, "
    "c.assignee_id, c.preview, c.waiting_since, c.last_at, c.tags, c.version "
    "FROM cases c JOIN customers k ON k.id = c.customer_id "
)
BY_HAND = {
    "inbox": (
        _ROW + "WHERE c.status IN ('open', 'waiting', 'on_hold') AND c.queue_id IN (1, 2, 3, 4) "
        "ORDER BY c.last_at DESC, c.id DESC LIMIT 100"
    ),
    "counters": (
        "SELECT queue_id, count(*), count(*) FILTER (WHERE assignee_id = 1), "
        "count(*) FILTER (WHERE assignee_id IS NULL) FROM cases "
        "WHERE status IN ('open', 'waiting', 'on_hold', 'snoozed') GROUP BY queue_id"
    ),
    "case": (
        "SELECT id, position, kind, author_name, at, text, reply, recipients_to, recipients_cc FROM messages "
        f"WHERE case_id = {LONG_CASE} ORDER BY position DESC LIMIT 50"
    ),
    "search": (
        "SELECT m.case_id, m.id, m.position, m.at, m.author_name, "
        "ts_headline('simple', left(m.reply, 2000), plainto_tsquery('simple', 'grinder noise')) "
        "FROM messages m WHERE m.search @@ plainto_tsquery('simple', 'grinder noise') "
        "ORDER BY m.id DESC LIMIT 20"
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.lists")
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=200_000)
    sizes = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as home:
        servers = embedded.start(Path(home))
        try:
            return _measure(
                Settings(
                    home=Path(home),
                    database_url=servers.database_url,
                    redis_url=servers.redis_url,
                    secret_key="bench" * 8,
                ),
                sizes.small,
                sizes.large,
            )
        finally:
            servers.stop()


def _measure(settings: Settings, small: int, large: int) -> int:
    store = open_store(settings, "benchmark")
    migrate(store.engine)
    customers = people(store)
    client = _signed_in(create_app(settings, store))
    crowd(store, customers, first=1, last=small)
    lengthen(store)
    p95_small = _p95(client, "inbox")
    crowd(store, customers, first=small + 1, last=large)
    bare = _bare(settings.database_url)
    misses = []
    for name, path in PATHS.items():
        p95 = _p95(client, name)
        passed = p95 <= BARS_MS[name]
        print(f"P95 {name} {p95:.1f}ms target<={BARS_MS[name]}ms {'PASS' if passed else 'FAIL'}")
        ratio = _beside(client, bare, name, path)
        print(ratio)
        misses += [] if passed and ratio.passed else [name]
    growth = _p95(client, "inbox") / p95_small
    grown_well = growth <= 2
    print(
        f"GROWTH inbox {small} -> {large} cases: x{growth:.2f} target<=2 {'PASS' if grown_well else 'FAIL'}"
    )
    misses += [] if grown_well else ["growth"]
    print(f"BENCH lists cases={large} {'PASS' if not misses else 'FAIL ' + ' '.join(misses)}")
    store.engine.dispose()
    return 1 if misses else 0


def _signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {SECRET}"
    return client


def _bare(url: str) -> FlaskClient:
    """What a hand-written page would cost: one route, one statement, one connection, no rights."""
    app, connection = Flask("bare"), psycopg.connect(url, autocommit=True)

    @app.get("/<name>")
    def rows(name: str) -> object:
        return jsonify([list(row) for row in connection.execute(BY_HAND[name])])  # type: ignore[arg-type]

    return app.test_client()


def _p95(client: FlaskClient, name: str) -> float:
    times = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        _get(client, PATHS[name])()
        times.append(1000 * (time.perf_counter() - begun))
    return percentile(times, 0.95)


def _beside(client: FlaskClient, bare: FlaskClient, name: str, path: str) -> Ratio:
    return compare(
        name,
        lambda: seconds_each(_get(client, path), CALLS // 3),
        lambda: seconds_each(_get(bare, f"/{name}"), CALLS // 3),
        target=0.5,
    )


def _get(client: FlaskClient, path: str) -> Callable[[], object]:
    def ask() -> object:
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}: {answer.get_data(as_text=True)[:300]}")
        return answer.get_data()

    return ask


if __name__ == "__main__":
    sys.exit(main())
