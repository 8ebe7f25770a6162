"""Lists, counters, a long case and search at many cases, beside hand-written SQL behind a bare route.

    python -m benchmarks.lists [--small 10000] [--large 200000]

The bars of a desk that stays quick: at `--large` cases the inbox page answers within 150 ms (95 of
100) and within twice its own time at `--small`; all counters within 50 ms, a case of 500 messages
within 150 ms, search over messages within 400 ms; each at least half as fast as the bare route.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from benchmarks.by_hand import by_hand
from benchmarks.crowd import LONG_CASE, SECRET, crowd, lengthen, people
from benchmarks.ratio import Ratio, compare, percentile, seconds_each
from benchmarks.throwaway import throwaway_desk
from desk.app import create_app
from desk.cli.collector import set_aside
from desk.settings import Settings
from desk.store.opening import open_store
from desk.store.schema import migrate

CALLS = 60
WORDS = "grinder leak"
BARS_MS = {"inbox": 150, "counters": 50, "case": 150, "search": 400}
PATHS = {
    "inbox": "/api/v1/cases?view=all&limit=100",
    "counters": "/api/v1/counters",
    "case": f"/api/v1/cases/{LONG_CASE}",
    "search": f"/api/v1/search?q={WORDS.replace(' ', '+')}&kind=messages",
}

COMPARED: dict[str, Callable[[Any], Any]] = {
    "inbox": lambda page: [row["id"] for row in page["rows"]],
    "counters": lambda page: page,
    "case": lambda page: (
        [(message["id"], len(message["files"])) for message in page["messages"]],
        [purchase["id"] for purchase in page["customer"]["purchases"]],
        [case["id"] for case in page["customer"]["cases"]],
        len(page["customer"]["addresses"]),
        bool(page["drafts"]),
    ),
    "search": lambda page: [(row["message_id"], row["subject"]) for row in page["messages"]],
}
"""What of a page must be the same on both sides."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.lists")
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=200_000)
    sizes = parser.parse_args()
    with throwaway_desk() as settings:
        return _measure(settings, sizes.small, sizes.large)


def _measure(settings: Settings, small: int, large: int) -> int:
    store = open_store(settings, "benchmark")
    migrate(store.engine)
    customers = people(store)
    client = _signed_in(create_app(settings, store))
    set_aside()  # as the web process does before its work
    crowd(store, customers, first=1, last=small)
    lengthen(store)
    p95_small = _p95(client, "inbox")
    crowd(store, customers, first=small + 1, last=large)
    bare = by_hand(settings.database_url, " & ".join(WORDS.split()) + ":*")
    _same_answers(client, bare)
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
    store.close()
    return 1 if misses else 0


def _signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {SECRET}"
    return client


def _same_answers(client: FlaskClient, bare: FlaskClient) -> None:
    """Both sides must answer the same question, or their times say nothing."""
    for name, path in PATHS.items():
        ours = COMPARED[name](client.get(path).get_json())
        theirs = COMPARED[name](bare.get(f"/{name}").get_json())
        if not ours or ours != theirs:
            raise SystemExit(f"{name}: the two sides answer differently: {ours} and {theirs}"[:2000])


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
