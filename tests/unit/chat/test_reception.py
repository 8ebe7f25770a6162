"""Whether somebody takes chats now is asked once a second a line, however many wait."""

from __future__ import annotations

from typing import Any

from desk.sockets.reception import FRESH_SECONDS, Reception


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_hundreds_who_ask_within_a_second_cost_one_question_a_line() -> None:
    asked: list[int | None] = []
    answers: dict[int | None, bool] = {1: True, 2: False}

    def ask(_work: Any, channel_id: int, queue_id: int | None) -> bool:
        assert channel_id == 7
        asked.append(queue_id)
        return answers[queue_id]

    clock = Clock()
    here: Any = Reception(ask, clock)
    for _ in range(100):
        assert here.attends(None, 7, 1) and not here.attends(None, 7, 2)
    assert asked == [1, 2]

    answers[1] = False
    clock.now += FRESH_SECONDS
    assert not here.attends(None, 7, 1), "who has gone home is missed within a second"
