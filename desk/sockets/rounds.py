"""A watch goes round and round in the background, whatever one round meets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

LONG_AGO = datetime.min.replace(tzinfo=UTC)

Step = Callable[[datetime], None]

_log = structlog.get_logger(__name__)


def go_round_until(
    stopped: threading.Event, steps: Callable[[], Sequence[Step]], *, watch: str, server: Any, seconds: float
) -> None:
    """Go round in so many seconds. `steps()` begins a round; each step is called with the time it then is,
    evenly spread over the round, so that no line waits for a watch to have looked at all others.

    A step that fails is said in the log, as a deed of `watch`, and not the last.
    """
    while not stopped.is_set():
        round_ = steps() or [_rest]
        for step in round_:
            if stopped.is_set():
                return
            try:
                step(datetime.now(UTC))
            except SQLAlchemyError as error:
                _log.warning("the watch waits for the database", watch=watch, error=type(error).__name__)
            except Exception as error:
                _log.error("the watch stumbled", watch=watch, exc_info=error)
            server.sleep(seconds / len(round_))


def _rest(_now: datetime) -> None:
    """Nobody is there to be looked at."""
