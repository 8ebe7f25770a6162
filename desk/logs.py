"""Logs: one line an occurrence, JSON for machines; never a secret, never what a person wrote."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from desk.settings import Settings

_SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "csrf", "credential", "api_key")
_WRITTEN_WORDS = frozenset({"text", "html", "body", "subject", "reply", "raw"})
HIDDEN = "•••"

AGAIN_SECONDS = 60
"""How often a trouble that lasts is said again."""


def configure(settings: Settings, process: str) -> None:
    """Set up the logs of this process; `process` is on every line."""
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _hide,
    ]
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Twilio's library would write down each request, with the number and the words in it.
    for noisy in ("mail.log", "engineio", "socketio", "rq", "alembic", "imapclient", "twilio", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # What it warns of is an error beside the one it raises, in the words of the database, values and all.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    structlog.contextvars.bind_contextvars(process=process)


def trouble_of(error: Exception) -> str:
    """An error of a server that we lean on, in a line: its kind, and the first line of what the server says.

    Our engine leaves no values in that line (`store/refusals.py`); Redis repeats none.
    """
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    kind = type(getattr(error, "orig", None) or error).__name__
    return f"{kind}: {said[0][:200]}" if said else kind


class LastingTrouble:
    """A trouble that may last: said when it begins or is another, then once a minute, and when it is over."""

    def __init__(self, log: Any, event: str) -> None:
        self._log, self._event = log, event
        self._said, self._again_at = "", 0.0

    def now(self, error: Exception | None) -> None:
        """What the last try ran into, if into anything."""
        if error is None:
            self.over()
        else:
            self.met(error)

    def met(self, error: Exception) -> None:
        """It is there, or still there."""
        trouble = trouble_of(error)
        if trouble != self._said or time.monotonic() >= self._again_at:
            self._log.warning(self._event, trouble=trouble)
            self._said, self._again_at = trouble, time.monotonic() + AGAIN_SECONDS

    def over(self) -> None:
        """What was tried went well."""
        if self._said:
            self._log.info(f"{self._event}_no_more")
            self._said = ""


def _hide(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last guard: what is named like a secret or like somebody's words stays out of the log."""
    return {name: HIDDEN if _is_private(name) else _hidden_within(value) for name, value in line.items()}


def _is_private(name: object) -> bool:
    word = str(name).lower()
    return word in _WRITTEN_WORDS or any(secret in word for secret in _SECRET_WORDS)


def _hidden_within(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: HIDDEN if _is_private(name) else _hidden_within(held) for name, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_hidden_within(held) for held in value]
    return value
