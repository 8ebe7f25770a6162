"""The door for mail servers: SMTP and LMTP, where 250 means that the mail is ours and safe."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as WireEnvelope
from aiosmtpd.smtp import Session as WireSession

from desk.model.errors import DeskError, Misconfigured, NotFound, TooLarge

log = structlog.get_logger(__name__)

T = TypeVar("T")

_LINE_AT_MOST = 1024 * 1024
_START_SECONDS = 10.0

_COMMANDS_A_CONNECTION = {"NOOP": 100, "VRFY": 20, "HELP": 20, "AUTH": 3, "*": 10_000}


@dataclass(frozen=True, slots=True)
class Envelope:
    """One mail at the door: the bytes between DATA and the dot, exactly, and who it says it is for.

    `sender` is empty for a mail that nobody may answer, such as a bounce.
    """

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    peer: str
    protocol: str


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """What one door takes; `idle_seconds` is also how long one mail may take to arrive."""

    mail_bytes: int = 25 * 1024 * 1024
    connections: int = 32
    idle_seconds: float = 300
    recipients: int = 100
    workers: int = 4


Accept = Callable[[Envelope], Awaitable[None] | None]
Knows = Callable[[str], bool]


class MailDoor:
    """Listens in a thread of its own; `accept` and `knows` are called from a few worker threads.

    `accept` returns once the mail is committed, and only then the sender hears 250. If it raises
    NotFound or TooLarge, the mail is refused for good; any other error keeps it at the sender (451).
    An `async` accept runs on the door's own loop. LMTP calls it once a recipient, SMTP once a mail.
    A sender that hears nothing sends again, so `accept` must bear the same mail twice.
    """

    def __init__(
        self,
        accept: Accept,
        knows: Knows,
        *,
        limits: DoorLimits | None = None,
        host: str = "127.0.0.1",
        smtp_port: int | None = 0,
        lmtp_port: int | None = None,
        name: str = "localhost",
    ) -> None:
        self._limits = limits or DoorLimits()
        self._host = host
        self._wanted = {SMTP: smtp_port, LMTP: lmtp_port}
        self._name = name
        self._visitors = _Visitors(accept, knows, self._limits)
        self._ports: dict[type[SMTP], int] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._started = threading.Event()
        self._trouble: OSError | None = None
        self._thread: threading.Thread | None = None

    @property
    def smtp_port(self) -> int:
        """The port that listens now; it was chosen by the system if 0 was asked for."""
        return self._ports[SMTP]

    @property
    def lmtp_port(self) -> int:
        return self._ports[LMTP]

    def start(self) -> None:
        """Listen. Raises Misconfigured when a port cannot be had."""
        self._thread = threading.Thread(
            target=asyncio.run, args=(self._run(),), name="mail door", daemon=True
        )
        self._thread.start()
        if not self._started.wait(_START_SECONDS):
            raise Misconfigured("The door for mail did not open in time.")
        if self._trouble:
            raise Misconfigured(
                f"The door for mail cannot listen on {self._host} ({self._trouble.strerror})."
            ) from self._trouble

    def stop(self, within_seconds: float = 10.0) -> None:
        """Take nobody new, let mails that are being accepted finish, then close."""
        if self._loop and self._stopping and self._thread:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(within_seconds + 1)

    async def _run(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        servers: list[asyncio.Server] = []
        try:
            for protocol, port in self._wanted.items():
                if port is not None:
                    servers.append(await self._listen(protocol, port))
        except OSError as error:
            self._trouble = error
        self._started.set()
        if not self._trouble:
            await self._stopping.wait()
        for server in servers:
            server.close()
        await self._visitors.leave()

    async def _listen(self, protocol: type[SMTP], port: int) -> asyncio.Server:
        conversation = _LmtpConversation if protocol is LMTP else _SmtpConversation
        make = partial(
            conversation,
            self._visitors,
            data_size_limit=self._limits.mail_bytes,
            enable_SMTPUTF8=True,
            hostname=self._name,
            ident="Desk",
            timeout=self._limits.idle_seconds,
            command_call_limit=_COMMANDS_A_CONNECTION,
            loop=self._loop,
        )
        server = await asyncio.get_running_loop().create_server(make, self._host, port)
        self._ports[protocol] = server.sockets[0].getsockname()[1]
        return server


class _Visitors:
    """Everybody at the door, and what the two protocols ask: aiosmtpd finds the `handle_` methods by name."""

    def __init__(self, accept: Accept, knows: Knows, limits: DoorLimits) -> None:
        self._accept = accept
        self._knows = knows
        self._limits = limits
        self._workers = ThreadPoolExecutor(limits.workers, thread_name_prefix="mail door")
        self._open: set[asyncio.Transport] = set()
        self._accepting = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def admit(self, transport: asyncio.Transport) -> bool:
        if len(self._open) >= self._limits.connections:
            return False
        self._open.add(transport)
        return True

    def forget(self, transport: asyncio.Transport) -> None:
        self._open.discard(transport)

    async def leave(self, within_seconds: float = 10.0) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), within_seconds)
        for transport in tuple(self._open):
            transport.close()
        self._workers.shutdown(wait=False, cancel_futures=True)

    async def handle_MAIL(
        self, server: SMTP, session: WireSession, envelope: WireEnvelope, address: str, options: list[str]
    ) -> str:
        if not address.isprintable():
            return "553 5.1.7 This cannot be an address"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: WireSession, envelope: WireEnvelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= self._limits.recipients:
            return "452 4.5.3 Too many recipients in one mail"
        if not address.isprintable():
            return "553 5.1.3 This cannot be an address"
        try:
            known = await self._in_a_worker(partial(self._knows, address))
        except Exception:
            # An edge: whatever is wrong with us, the mail must stay with its sender.
            log.exception("mail_door_recipient_unchecked")
            return "451 4.3.0 We cannot check this recipient now; try again later"
        if not known:
            return "550 5.1.1 No such recipient here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: WireSession, envelope: WireEnvelope) -> str:
        recipients = tuple(envelope.rcpt_tos)
        if not isinstance(server, LMTP):
            return await self._answer(session, envelope, recipients, "SMTP")
        # RFC 2033, 4.2: one answer for each recipient, in their order.
        answers = [await self._answer(session, envelope, (recipient,), "LMTP") for recipient in recipients]
        return "\r\n".join(answers)

    async def handle_exception(self, error: Exception) -> str:
        # aiosmtpd's address parser stumbles over some malformed commands.
        log.warning("mail_door_command_failed", error=type(error).__name__)
        return "500 5.5.2 This command could not be understood"

    async def _answer(
        self, session: WireSession, wire: WireEnvelope, recipients: Sequence[str], protocol: str
    ) -> str:
        assert isinstance(wire.content, bytes)
        envelope = Envelope(
            sender="" if wire.mail_from in (None, "<>") else str(wire.mail_from),
            recipients=tuple(recipients),
            raw=wire.content,
            peer=str(session.peer[0]) if session.peer else "",
            protocol=protocol,
        )
        try:
            await self._accepted(envelope)
        except NotFound:
            return "550 5.1.1 No such recipient here"
        except TooLarge:
            return "552 5.3.4 The mail is too large"
        except DeskError as error:
            log.warning("mail_door_kept_waiting", reason=error.sentence)
            return "451 4.3.0 We cannot take this mail now; try again later"
        except Exception:
            # An edge: without a commit there is no 250, whatever the reason.
            log.exception("mail_door_failed")
            return "451 4.3.0 We cannot take this mail now; try again later"
        return "250 2.0.0 The mail is ours"

    async def _accepted(self, envelope: Envelope) -> None:
        self._accepting += 1
        self._idle.clear()
        try:
            if inspect.iscoroutinefunction(self._accept):
                await self._accept(envelope)
            else:
                await self._in_a_worker(partial(self._accept, envelope))
        finally:
            self._accepting -= 1
            if not self._accepting:
                self._idle.set()

    async def _in_a_worker(self, deed: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._workers, deed)


class _Conversation(SMTP):
    """Turns visitors away when the house is full. Lines end with CRLF only, so no mail becomes two."""

    line_length_limit = _LINE_AT_MOST

    def __init__(self, visitors: _Visitors, **options: Any) -> None:  # aiosmtpd's own long list
        super().__init__(visitors, **options)
        self._visitors = visitors
        self._admitted: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if not self._visitors.admit(transport):
            transport.write(b"421 4.7.0 Too many connections; try again later\r\n")
            transport.close()
            return
        self._admitted = transport
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._admitted is None:
            return
        self._visitors.forget(self._admitted)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self._admitted is not None:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        if self._admitted is None:
            return None
        ends: bool | None = super().eof_received()
        return ends


class _SmtpConversation(_Conversation):
    pass


class _LmtpConversation(_Conversation, LMTP):
    """After the dot LMTP owes an answer for each recipient, also where aiosmtpd knows only one."""

    _answers_owed = 0

    async def smtp_DATA(self, arg: str) -> None:
        recipients = len(self.envelope.rcpt_tos) if self.envelope else 0
        self._recipients = recipients
        try:
            await super().smtp_DATA(arg)
        finally:
            self._answers_owed = 0

    async def push(self, status: str) -> None:  # type: ignore[override] # it also takes bytes, unused here
        if self._answers_owed > 1 and "\r\n" not in status:
            status = "\r\n".join([status] * self._answers_owed)
        await super().push(status)
        if status.startswith("354"):
            self._answers_owed = self._recipients
