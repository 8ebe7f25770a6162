"""A round is spread over its time, whatever one of its steps meets; many who are told the same take turns."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

from desk.sockets.rounds import go_round_until
from desk.store.push import AT_ONCE, Bus


class Server:
    """Sleeps without time passing, and ends the watch after so many rests."""

    def __init__(self, rests: int = 0) -> None:
        self.stopped = threading.Event()
        self.slept: list[float] = []
        self._rests = rests

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) == self._rests:
            self.stopped.set()


def test_steps_are_spread_evenly_and_one_that_fails_is_not_the_last() -> None:
    server, done = Server(rests=4), list[str]()

    def step(name: str) -> Any:
        def deed(_now: datetime) -> None:
            done.append(name)
            if name == "b":
                raise ValueError(name)

        return deed

    rounds = iter([[], [step("a"), step("b"), step("c")]])
    go_round_until(server.stopped, lambda: next(rounds), watch="test", server=server, seconds=1.5)
    assert done == ["a", "b", "c"]
    assert server.slept == [1.5, 0.5, 0.5, 0.5]


def test_who_tells_very_many_lets_others_have_their_turn() -> None:
    bus = Bus("redis://nowhere", channel="test")
    bus.server = server = Server()
    for number in range(2 * AT_ONCE + 1):
        bus.basic_enter_room(f"s{number}", "/desk", "all", eio_sid=f"e{number}")
    told = list(bus.get_participants("/desk", "all"))
    assert told == [(f"s{number}", f"e{number}") for number in range(2 * AT_ONCE + 1)]
    assert server.slept == [0, 0]
