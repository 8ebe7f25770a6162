"""Deeds that share a commit: nobody is forgotten, done twice, or pays for another."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import OperationalError

from desk.sockets.together import Together

SECONDS = 20


class Carrier:
    """Does what it is asked, and holds the first batch until told to go on."""

    def __init__(self, *, holds: bool = False) -> None:
        self.batches: list[list[str]] = []
        self.begun, self.goes_on = threading.Event(), threading.Event()
        if not holds:
            self.goes_on.set()

    def __call__(self, asked: Sequence[str]) -> list[str]:
        self.batches.append(list(asked))
        self.begun.set()
        assert self.goes_on.wait(SECONDS)
        for one in asked:
            if "refused" in one:
                raise ValueError(one)
            if "away" in one:
                raise OperationalError("", None, Exception("away"))
        return [one.upper() for one in asked]


def together(carrier: Carrier, most: int = 8) -> Together[str, str]:
    return Together(carrier, key=lambda asked: asked[0], most=most)


def all_at_once(shared: Together[str, str], carrier: Carrier, first: str, others: Sequence[str]) -> list[str]:
    """What became of the others, who all came while the first was on its way."""

    def told(asked: str) -> str:
        try:
            return shared.take(asked)
        except Exception as error:
            return type(error).__name__

    with ThreadPoolExecutor(1 + len(others)) as pool:
        begun = pool.submit(told, first)
        assert carrier.begun.wait(SECONDS)
        answers = []
        for place, one in enumerate(others, 1):
            answers.append(pool.submit(told, one))
            while len(shared._waiting) < place:  # in the order in which they came
                threading.Event().wait(0.001)
        carrier.goes_on.set()
        return [one.result(SECONDS) for one in (begun, *answers)]


def test_who_comes_alone_is_done_at_once() -> None:
    carrier = Carrier()
    shared = together(carrier)

    assert [shared.take("a"), shared.take("b")] == ["A", "B"]
    assert carrier.batches == [["a"], ["b"]]


def test_who_comes_meanwhile_goes_together_with_the_next() -> None:
    carrier = Carrier(holds=True)

    assert all_at_once(together(carrier), carrier, "a", ["b", "c", "d"]) == ["A", "B", "C", "D"]
    assert carrier.batches == [["a"], ["b", "c", "d"]]


def test_of_one_key_one_goes_at_a_time_and_of_all_so_many() -> None:
    carrier = Carrier(holds=True)
    said = ["b1", "b2", "c", "d", "b3"]

    assert all_at_once(together(carrier, most=2), carrier, "a", said) == [
        "A", "B1", "B2", "C", "D", "B3",
    ]  # fmt: skip
    assert carrier.batches == [["a"], ["b1", "c"], ["b2", "d"], ["b3"]]


def test_what_is_refused_is_refused_to_who_asked_for_it_alone() -> None:
    carrier = Carrier(holds=True)

    told = all_at_once(together(carrier), carrier, "a", ["b", "c refused", "d"])

    assert told == ["A", "B", "ValueError", "D"]
    assert carrier.batches == [["a"], ["b", "c refused", "d"], ["b"], ["c refused"], ["d"]]


def test_a_database_that_is_away_is_asked_once_for_all() -> None:
    carrier = Carrier(holds=True)
    shared = together(carrier)

    told = all_at_once(shared, carrier, "a", ["b", "c away"])

    assert told == ["A", "OperationalError", "OperationalError"]
    assert len(carrier.batches) == 2
    assert shared.take("d") == "D"


def test_who_is_ended_on_the_way_leaves_nobody_waiting() -> None:
    class Ended(BaseException):
        pass

    def carry(asked: Sequence[str]) -> list[str]:
        if "b" in asked:
            raise Ended
        return list(asked)

    shared: Together[str, str] = Together(carry, key=lambda asked: asked, most=8)
    with pytest.raises(Ended):
        shared.take("b")
    assert shared.take("c") == "c"
