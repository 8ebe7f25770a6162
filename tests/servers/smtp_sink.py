"""An SMTP server that keeps what arrives, and misbehaves as it is told."""

from __future__ import annotations

import asyncio
import ssl
import threading
from base64 import b64decode
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class Behaviour(Enum):
    """What the sink does with a mail instead of answering."""

    DROP_AFTER_DOT = auto()
    KEEP_AND_DIE = auto()
    KEEP_AND_SAY_NOTHING = auto()


@dataclass(frozen=True)
class Kept:
    """One mail as it came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    options: tuple[str, ...]


@dataclass
class Sink:
    """Answers by script; where a script has run out, everything is taken.

    `recipients` maps an address to the answers it gets, one a try; `verdicts` are the answers to the
    final dot, and `senders` those to MAIL.
    """

    port: int = 0
    kept: list[Kept] = field(default_factory=list)
    recipients: dict[str, deque[str]] = field(default_factory=dict)
    senders: deque[str] = field(default_factory=deque)
    verdicts: deque[str | Behaviour] = field(default_factory=deque)
    connections: int = 0
    tokens: set[str] = field(default_factory=set)
    refused_sign_ins: int = 0
    hang_up_when_idle: bool = False
    lines: list[asyncio.BaseTransport] = field(default_factory=list)


class _Hooks:
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._sink.senders:
            return self._sink.senders.popleft()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        script = self._sink.recipients.get(address)
        answer = script.popleft() if script else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        verdict = self._sink.verdicts.popleft() if self._sink.verdicts else "250 Kept"
        refused = isinstance(verdict, str) and not verdict.startswith("2")
        if not refused and verdict is not Behaviour.DROP_AFTER_DOT:
            assert isinstance(envelope.content, bytes)
            kept = Kept(
                "" if envelope.mail_from == "<>" else str(envelope.mail_from),
                tuple(envelope.rcpt_tos),
                envelope.content,
                tuple(envelope.mail_options),
            )
            self._sink.kept.append(kept)
        if isinstance(verdict, str):
            return verdict
        if verdict is Behaviour.KEEP_AND_SAY_NOTHING:
            await asyncio.sleep(3600)
        assert server.transport is not None
        server.transport.abort()  # type: ignore[attr-defined]
        return "250 Nobody hears this"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        token = b64decode(args[1]).decode().partition("Bearer ")[2].rstrip("\x01")
        if token in self._sink.tokens:
            return AuthResult(success=True)
        self._sink.refused_sign_ins += 1
        await server.push("334 eyJzdGF0dXMiOiI0MDEifQ==")
        await server._reader.readline()
        await server.push("535 5.7.8 Token refused")
        return AuthResult(success=False, handled=True)


class _Counting(SMTP):
    def __init__(self, sink: Sink, **options: Any) -> None:  # as aiosmtpd's own
        super().__init__(_Hooks(sink), **options)
        self._sink = sink

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.transport is None:
            self._sink.connections += 1
            self._sink.lines.append(transport)
        super().connection_made(transport)

    def _set_post_data_state(self) -> None:
        super()._set_post_data_state()  # type: ignore[no-untyped-call]
        # The connection that comes after it stays, however busy the machine.
        if (
            self._sink.hang_up_when_idle
            and self._sink.connections == 1
            and self._sink.kept
            and self.transport
        ):
            self.loop.call_later(0.05, self.transport.close)


@contextmanager
def smtp_sink(
    *,
    certificate: tuple[Path, Path] | None = None,
    implicit_tls: bool = False,
    password: str | None = None,
    oauth: bool = False,
    international: bool = True,
    size_limit: int = 30 * 1024 * 1024,
) -> Iterator[Sink]:
    """Start a sink on a free port; with `password` or `oauth`, only who signs in over TLS may send."""
    sink = Sink()
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)

    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, secret: object
    ) -> AuthResult:
        given = getattr(secret, "password", b"")
        return AuthResult(success=given == (password or "").encode(), handled=False)

    options: dict[str, object] = {
        "hostname": "sink",
        "enable_SMTPUTF8": international,
        "data_size_limit": size_limit,
    }
    if password or oauth:
        options |= {"auth_required": True, "authenticator": authenticate}
    if context and not implicit_tls:
        options["tls_context"] = context

    with _running_loop() as loop:
        server = asyncio.run_coroutine_threadsafe(
            _listen(sink, loop, options, context if implicit_tls else None), loop
        ).result(60)
        sink.port = server.sockets[0].getsockname()[1]
        try:
            yield sink
        finally:
            asyncio.run_coroutine_threadsafe(_closed(server, sink), loop).result(60)


async def _listen(
    sink: Sink, loop: asyncio.AbstractEventLoop, options: dict[str, object], context: ssl.SSLContext | None
) -> asyncio.Server:
    return await loop.create_server(
        lambda: _Counting(sink, loop=loop, **options), "127.0.0.1", 0, ssl=context
    )


async def _closed(server: asyncio.Server, sink: Sink) -> None:
    server.close()
    for line in sink.lines:
        line.close()
    # A transport closes its socket at the loop's next turn.
    await asyncio.sleep(0.02)


@contextmanager
def _running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(_end_all_tasks(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end_all_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
