"""One word to very many: the changes that all agents' screens hear, beside a plain Flask-SocketIO room."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from benchmarks.audience import Delivered, Hall
from benchmarks.bar import Bar
from benchmarks.ratio import compare, percentile
from benchmarks.talkers import Load
from desk.model.change import AGENTS, EVERYONE, Change
from desk.settings import Settings
from desk.store.push import CHANNEL, published

SECONDS = 2.0
PACED_SECONDS = 4.0
PACED_WORDS = 200
"""So many words to each side at least: of eighty, the 99th of a hundred is the one that took longest."""
DELIVERIES_A_SECOND = 10_000
RATE_BAR = 1.5
P99_BAR = 0.5
_CHANGE = {"position": 48_211, "kind": "case_changed", "case_id": 17_204, "queue_id": 3, "version": 12}
_ECHOED = "The echo tells as many characters to its room."


def hall_of_ours(settings: Settings, cookies: list[str], listeners: int) -> Hall:
    """So many screens of the agents with these cookies, told what everybody is told."""
    word = published([Change((EVERYONE,), _CHANGE)]).decode()
    seats = [(None, cookies[number % len(cookies)]) for number in range(listeners)]
    return Hall(settings.port, AGENTS, list(seats), word, settings.redis_url, CHANNEL)


def hall_of_the_echo(port: int, listeners: int) -> Hall:
    """As many lines in one room."""
    said = orjson.dumps(["say", {"pair": "all", "client_id": "0123456789abcdef", "text": _ECHOED}])
    word = f"42/pairs,{said.decode()}"
    return Hall(port, "/pairs", [({"pair": "all"}, "") for _ in range(listeners)], word)


def broadcast(
    ours: Load, theirs: Load, listeners: int, spent: Callable[[], tuple[float, float]]
) -> list[Bar]:
    """Deliveries a second, four words ahead; CPU a delivery; and how late the last of all has it at a pace.

    `spent` tells the CPU seconds so far of our web process and of the echo's. Wall time of a shared
    machine says little, and a server of one process delivers what its CPU lets it: the bar is on that.
    """
    used: dict[str, list[float]] = {"ours": [], "echo": []}

    def turn(load: Load, name: str) -> float:
        before = spent()
        told: Delivered = load.broadcast(SECONDS)
        after = spent()
        place = 0 if name == "ours" else 1
        used[name].append((after[place] - before[place]) / told.deliveries)
        return told.seconds / told.deliveries

    ratio = compare("broadcast", lambda: turn(ours, "ours"), lambda: turn(theirs, "echo"), target=0)
    print(f"{ratio} ({1 / ratio.ours:.0f} deliveries/s beside {1 / ratio.baseline:.0f})", flush=True)
    cpu = {name: percentile(each, 0.5) for name, each in used.items()}
    late = {"ours": list[float](), "echo": list[float]()}
    rate = DELIVERIES_A_SECOND / listeners
    # Short turns: an audience answers no pings while the other has its own.
    while len(late["ours"]) < PACED_WORDS:
        for load, name in ((ours, "ours"), (theirs, "echo"), (theirs, "echo"), (ours, "ours")):
            late[name] += load.paced(PACED_SECONDS, rate).took
    p99 = {name: percentile(each, 0.99) for name, each in late.items()}
    return [
        Bar(
            f"broadcast-cpu-{listeners}", cpu["echo"] / cpu["ours"], RATE_BAR,
            f"{1e6 * cpu['ours']:.0f} us a delivery beside {1e6 * cpu['echo']:.0f}",
        ),
        Bar(
            f"broadcast-p99-{listeners}", p99["ours"] / p99["echo"], P99_BAR,
            f"to the last of all: {1000 * p99['ours']:.0f} ms beside {1000 * p99['echo']:.0f}", at_most=True,
        ),
    ]  # fmt: skip
