"""Gunicorn's own lines, in our form."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger


class Quiet(Logger):  # type: ignore[misc]  # gunicorn is not typed
    """Hands gunicorn's lines to our log, and keeps no log of requests: their paths may hold tokens."""

    def setup(self, cfg: Any) -> None:
        self.error_log = logging.getLogger("gunicorn.error")
        self.error_log.handlers = []
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        return

    def reopen_files(self) -> None:
        return

    def close_on_exec(self) -> None:
        return
