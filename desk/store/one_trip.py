"""Statements in one round trip: all of them in one write, and one wait for all answers.

psycopg's own pipeline writes each statement as it comes: the server wakes up for the first, finds no more
yet and sleeps again, and so does whoever waits. On a busy machine each of these waits costs more than most
statements do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
from psycopg import Pipeline
from psycopg.abc import PQGen


@contextmanager
def one_trip(driver: psycopg.Connection[Any]) -> Iterator[None]:
    """What cursors of the connection execute inside goes together when the block ends.

    Whatever the server refuses is raised then, and nothing after it was done.
    """
    # psycopg uses the pipeline that is there; inside one that is open, this is a part of it.
    driver._pipeline = driver._pipeline or _Gathered(driver)
    with driver.pipeline():
        yield


class _Gathered(Pipeline):
    """A pipeline that keeps what it has to send until its end."""

    _is_whole = False

    def _enqueue_sync(self) -> None:
        super()._enqueue_sync()
        commands = tuple(self.command_queue)
        self.command_queue.clear()
        self.command_queue.append(partial(_call_all, commands))
        self._is_whole = True

    def _communicate_gen(self) -> PQGen[None]:
        """psycopg comes here after each statement, and at the end."""
        if self._is_whole:
            self._is_whole = False
            yield from super()._communicate_gen()


def _call_all(commands: Iterable[Callable[[], None]]) -> None:
    for command in commands:
        command()
