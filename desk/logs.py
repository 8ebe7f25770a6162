"""Logs: one line an occurrence, JSON for machines; never a secret, never what a person wrote."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from desk.settings import Settings

_SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "csrf", "credential", "api_key")
_WRITTEN_WORDS = frozenset({"text", "html", "body", "subject", "reply", "raw"})
HIDDEN = "•••"


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
