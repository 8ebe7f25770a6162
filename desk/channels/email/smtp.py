"""Handing mail to an SMTP server, and knowing exactly how far it got.

The final dot divides everything: before it the server cannot have taken the mail, so trying again
is safe; once it left, silence means that the mail may or may not be on its way (RFC 5321, 4.5.3.2.6).
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from desk.channels.email.smtp_line import SmtpAccount, connected, readable, verdict
from desk.model.errors import (
    DeliveryFailed,
    Misconfigured,
    TryAgain,
    Unavailable,
    Uncertain,
    Undeliverable,
)

_STEP_SECONDS = 60.0
# A server may scan for viruses before it answers; giving up early would send mail twice.
_VERDICT_SECONDS = 300.0
# Against a server that keeps us by answering one byte a minute.
_WHOLE_DELIVERY_SECONDS = 900.0

_MAILS_A_CONNECTION = 100

_UNSAFE_IN_AN_ADDRESS = re.compile(r"[\x00-\x20\x7f<>]")
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server said against one recipient; `permanent` means that asking again is pointless."""

    code: int
    text: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class SendResult:
    """Who gets the mail and who does not; `reply` is the server's word, often with its queue id."""

    accepted: tuple[str, ...]
    refused: dict[str, Refusal]
    reply: str = ""


def send(
    account: SmtpAccount,
    envelope_from: str,
    recipients: Sequence[str],
    raw: bytes,
    *,
    timeout: float = _STEP_SECONDS,
    verdict_timeout: float = _VERDICT_SECONDS,
) -> SendResult:
    """Send one mail over a connection of its own; see `SmtpSession.send`."""
    with SmtpSession(account, timeout=timeout, verdict_timeout=verdict_timeout) as session:
        return session.send(envelope_from, recipients, raw)


class SmtpSession:
    """A connection that is opened at the first mail and used for the next ones; not for several threads."""

    def __init__(
        self,
        account: SmtpAccount,
        *,
        timeout: float = _STEP_SECONDS,
        verdict_timeout: float = _VERDICT_SECONDS,
        whole_timeout: float = _WHOLE_DELIVERY_SECONDS,
    ) -> None:
        self._account = account
        self._timeout = timeout
        self._verdict_timeout = verdict_timeout
        self._whole_timeout = whole_timeout
        self._smtp: smtplib.SMTP | None = None
        self._mails = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye and let go; a server that is gone already is no error."""
        smtp, self._smtp, self._mails = self._smtp, None, 0
        if smtp is None:
            return
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()

    def check(self) -> None:
        """Connect and sign in, and nothing more. Raises TryAgain or Misconfigured, with a sentence."""
        self._opened()

    def send(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> SendResult:
        """Send one mail to all recipients; the empty `envelope_from` asks that nobody answers it.

        Returns once the server owns the mail for at least one recipient, or when recipients were
        refused in different ways. Raises TryAgain when nobody got it and may later; Undeliverable
        when nobody ever will; Uncertain when the answer to the final dot never came; Misconfigured
        (or NeedsSignIn) when the account, not the mail, is at fault: keep the mail queued.
        """
        letter = _Letter.of(envelope_from, recipients, raw)
        while True:
            kept = self._smtp is not None
            try:
                return self._sent(letter)
            except _Stale as stale:
                # Servers hang up on idle connections; nothing was said about this mail yet.
                self.close()
                if not kept:
                    raise verdict(stale.cause, self._account) from stale

    def _sent(self, letter: _Letter) -> SendResult:
        smtp = self._opened()
        with _deadline(smtp, self._whole_timeout):
            try:
                return self._transaction(smtp, letter)
            except _WORLD as error:
                self.close()
                raise verdict(error, self._account) from error
            except Uncertain:
                self.close()
                raise
            except (DeliveryFailed, Misconfigured):
                self._start_over(smtp)
                raise

    def _opened(self) -> smtplib.SMTP:
        if self._mails >= _MAILS_A_CONNECTION:
            self.close()
        try:
            if self._smtp is None:
                self._smtp = connected(self._account, self._timeout)
        except Unavailable as error:
            # Only the token's provider is away, but without it no mail leaves.
            raise TryAgain(error.sentence) from error
        except _WORLD as error:
            raise verdict(error, self._account) from error
        self._mails += 1
        return self._smtp

    def _transaction(self, smtp: smtplib.SMTP, letter: _Letter) -> SendResult:
        if smtp.sock is not None:
            smtp.sock.settimeout(self._timeout)
        options = _mail_options(smtp, letter, self._account)
        try:
            code, text = smtp.docmd(" ".join([f"MAIL FROM:<{letter.sender(smtp)}>", *options]))
        except smtplib.SMTPServerDisconnected as error:
            raise _Stale(error) from error
        if code == 421:
            raise _Stale(smtplib.SMTPResponseException(code, text))
        _expect(code, text, 250)
        refused = dict(letter.unsafe)
        accepted: list[str] = []
        for recipient in letter.recipients:
            refusal = _offered(smtp, recipient)
            if refusal:
                refused[recipient] = refusal
            else:
                accepted.append(recipient)
        if not accepted:
            result = _nobody(refused)
            self._start_over(smtp)
            return result
        reply = _hand_over(smtp, letter.content, self._verdict_timeout)
        return SendResult(tuple(accepted), refused, reply)

    def _start_over(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.rset()
        except (smtplib.SMTPException, OSError):
            self.close()


# What smtplib and the network raise. smtplib's own errors are OSErrors, but its parsers raise ValueError.
_WORLD = (OSError, ValueError)


class _Stale(Exception):
    """The connection was found closed before anything was said about the mail."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail ready for the wire: safe addresses, CRLF line ends, dots doubled."""

    envelope_from: str
    recipients: tuple[str, ...]
    unsafe: dict[str, Refusal]
    content: bytes
    international: bool
    eight_bit: bool

    @classmethod
    def of(cls, envelope_from: str, recipients: Sequence[str], raw: bytes) -> Self:
        if not _is_safe(envelope_from):
            raise Undeliverable(f"{envelope_from!r} cannot be a sender's address.")
        unsafe = {
            recipient: Refusal(553, "5.1.3 This cannot be an address.", permanent=True)
            for recipient in recipients
            if not recipient or not _is_safe(recipient)
        }
        safe = tuple(dict.fromkeys(recipient for recipient in recipients if recipient not in unsafe))
        if not safe:
            raise Undeliverable(f"None of the recipients is an address: {', '.join(map(repr, recipients))}.")
        # A line end that is not CRLF lets a mail pass itself off as two (SMTP smuggling).
        content = _LINE_END.sub(b"\r\n", raw)
        header = content.partition(b"\r\n\r\n")[0]
        locals_ = (address.rpartition("@")[0] for address in (envelope_from, *safe))
        return cls(
            envelope_from=envelope_from,
            recipients=safe,
            unsafe=unsafe,
            content=content if content.endswith(b"\r\n") else content + b"\r\n",
            international=not header.isascii() or not all(local.isascii() for local in locals_),
            eight_bit=not content.isascii(),
        )

    def sender(self, smtp: smtplib.SMTP) -> str:
        return _address(smtp, self.envelope_from)


def _is_safe(address: str) -> bool:
    try:
        address.rpartition("@")[2].encode("idna")
    except UnicodeError:
        return False
    return not _UNSAFE_IN_AN_ADDRESS.search(address)


def _mail_options(smtp: smtplib.SMTP, letter: _Letter, account: SmtpAccount) -> list[str]:
    options: list[str] = []
    if smtp.has_extn("size"):
        limit = smtp.esmtp_features["size"]
        if limit.isdigit() and 0 < int(limit) < len(letter.content):
            raise Undeliverable(
                f"The mail has {len(letter.content):,} bytes; {account.host} takes at most {int(limit):,}."
            )
        options.append(f"SIZE={len(letter.content)}")
    if letter.eight_bit or letter.international:
        if not smtp.has_extn("8bitmime"):
            raise Undeliverable(f"{account.host} takes only 7-bit mail, and this one has other characters.")
        options.append("BODY=8BITMIME")
    smtp.command_encoding = "ascii"
    if letter.international:
        if not smtp.has_extn("smtputf8"):
            raise Undeliverable(f"{account.host} takes no addresses or headers beyond ASCII (SMTPUTF8).")
        smtp.command_encoding = "utf-8"
        options.append("SMTPUTF8")
    return options


def _address(smtp: smtplib.SMTP, address: str) -> str:
    """As the server can take it: without SMTPUTF8 a domain is written in its ASCII form."""
    local, at, domain = address.rpartition("@")
    if smtp.command_encoding == "utf-8" or domain.isascii():
        return address
    return f"{local}{at}{domain.encode('idna').decode()}"


def _offered(smtp: smtplib.SMTP, recipient: str) -> Refusal | None:
    code, text = smtp.docmd(f"RCPT TO:<{_address(smtp, recipient)}>")
    if code == 421:
        raise smtplib.SMTPResponseException(code, text)
    if code // 100 == 2:
        return None
    return Refusal(code, readable(text), permanent=code // 100 == 5)


def _nobody(refused: dict[str, Refusal]) -> SendResult:
    said = "; ".join(f"{who}: {refusal.code} {refusal.text}" for who, refusal in list(refused.items())[:3])
    if all(refusal.permanent for refusal in refused.values()):
        raise Undeliverable(f"The server refuses every recipient ({said}).")
    if not any(refusal.permanent for refusal in refused.values()):
        raise TryAgain(f"The server takes no recipient for now ({said}).")
    return SendResult((), refused)


def _hand_over(smtp: smtplib.SMTP, content: bytes, verdict_timeout: float) -> str:
    """DATA, the mail, and the dot. Returns the server's word; the only place that raises Uncertain."""
    code, text = smtp.docmd("DATA")
    _expect(code, text, 354)
    smtp.send(re.sub(rb"(?m)^\.", b"..", content))
    assert smtp.sock is not None
    smtp.sock.settimeout(verdict_timeout)
    # If these three bytes cannot be handed to the network, no server has seen them.
    smtp.send(b".\r\n")
    try:
        code, text = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise Uncertain(f"The mail was handed over, and the answer never came ({error}).") from error
    if code // 100 not in (2, 4, 5):
        raise Uncertain(f"The mail was handed over, and the answer makes no sense: {readable(text)!r}.")
    _expect(code, text, 250)
    return readable(text)


def _expect(code: int, text: bytes, wanted: int) -> None:
    if code // 100 == wanted // 100:
        return
    sentence = f"The server answered {code} {readable(text)}"
    if code == 530:
        raise Misconfigured(f"{sentence}. It wants us to sign in.")
    if code == 421:
        raise smtplib.SMTPResponseException(code, text)
    raise Undeliverable(sentence) if code // 100 == 5 else TryAgain(sentence)


@contextlib.contextmanager
def _deadline(smtp: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Break the connection when one delivery takes longer in all, however busy the server looks."""

    def cut() -> None:
        if smtp.sock is not None:
            with contextlib.suppress(OSError):
                smtp.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
