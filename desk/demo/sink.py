"""The other end of the demo's mail: takes whatever the shop sends, and keeps the latest of it to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from desk.settings import Settings
from desk.store.sent_mail import keep_sent

FALLBACK_PORT = 8826


def sink_port(settings: Settings) -> int:
    """Where the sink listens: beside the door for mail."""
    return settings.smtp_in_port + 1 if settings.smtp_in_port else FALLBACK_PORT


class Sink:
    """Takes all mail for anybody; `arrived` hears each one's bytes, from the sink's own thread."""

    def __init__(self, settings: Settings, arrived: Callable[[bytes], None]) -> None:
        self._home = settings.home
        self._arrived = arrived
        self._controller = Controller(self, hostname="127.0.0.1", port=sink_port(settings))

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook."""
        content: Any = envelope.content
        raw = content if isinstance(content, bytes) else str(content).encode()
        keep_sent(self._home, raw)
        self._arrived(raw)
        return "250 Taken"
