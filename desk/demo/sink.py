"""The other end of the demo's mail: takes whatever the shop sends, and keeps the latest of it to look at."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from desk.settings import Settings

KEPT = 200
"""How many of the latest mails stay to be looked at."""

FALLBACK_PORT = 8826


def sink_port(settings: Settings) -> int:
    """Where the sink listens: beside the door for mail."""
    return settings.smtp_in_port + 1 if settings.smtp_in_port else FALLBACK_PORT


def sent_folder(settings: Settings) -> Path:
    """Where the mail that left is kept, newest last by name."""
    return settings.home / "demo" / "mail"


class Sink:
    """Takes all mail for anybody; `arrived` hears each one's bytes, from the sink's own thread."""

    def __init__(self, settings: Settings, arrived: Callable[[bytes], None]) -> None:
        self._folder = sent_folder(settings)
        self._arrived = arrived
        self._controller = Controller(self, hostname="127.0.0.1", port=sink_port(settings))

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook."""
        content: Any = envelope.content
        raw = content if isinstance(content, bytes) else str(content).encode()
        path = self._folder / f"{time.time_ns():020d}.eml"
        path.with_suffix(".part").write_bytes(raw)
        path.with_suffix(".part").rename(path)
        for old in sorted(self._folder.glob("*.eml"))[:-KEPT]:
            old.unlink(missing_ok=True)
        self._arrived(raw)
        return "250 Taken"
