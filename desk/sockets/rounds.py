"""A watch goes round and round in the background, whatever one round meets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

LONG_AGO = datetime.min.replace(tzinfo=UTC)

_log = structlog.get_logger(__name__)


def go_round_until(
    stopped: threading.Event, go_round: Callable[[datetime], None], *, server: Any, seconds: float
) -> None:
    """Call `go_round(now)` every so many seconds; a round that fails is said in the log and not the last."""
    while not stopped.is_set():
        server.sleep(seconds)
        try:
            go_round(datetime.now(UTC))
        except SQLAlchemyError as error:
            _log.warning(
                "the watch waits for the database", watch=go_round.__qualname__, error=type(error).__name__
            )
        except Exception as error:
            _log.error("the watch stumbled", watch=go_round.__qualname__, exc_info=error)
