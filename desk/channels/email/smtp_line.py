"""The line to one SMTP server: an account, signing in to it, and sentences for whatever goes wrong."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field

from desk.channels.email.oauth import NeedsSignIn, TokenSource, xoauth2
from desk.channels.email.wire import Encryption, explain_connection, is_certificate_trouble, tls_context
from desk.model.errors import DeskError, Misconfigured, TryAgain

_CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """The server that takes our mail. Without a user name nobody signs in, as at a relay of our own."""

    host: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tokens: TokenSource | None = field(default=None, repr=False)
    port: int = 587
    encryption: Encryption = Encryption.STARTTLS
    hello_name: str | None = None
    ca_file: str | None = None

    def __post_init__(self) -> None:
        if self.username and (self.password is None) == (self.tokens is None):
            raise Misconfigured(f"{self.username} needs either a password or OAuth, and not both.")


def connected(account: SmtpAccount, timeout: float) -> smtplib.SMTP:
    """Connect, verify and sign in; raises what smtplib and the network raise, for `verdict` to judge."""
    context = tls_context(account.ca_file)
    smtp = _smtp_for(account, context, min(timeout, _CONNECT_SECONDS))
    try:
        code, text = smtp.connect(account.host, account.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)
        assert smtp.sock is not None
        smtp.sock.settimeout(timeout)
        # The final dot travels alone; Nagle's algorithm would hold it back for a round trip.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        if account.encryption is Encryption.STARTTLS:
            if not smtp.has_extn("starttls"):
                raise smtplib.SMTPNotSupportedError(
                    "does not offer STARTTLS, so nothing was sent to it. Somebody may be tampering with "
                    "the line; if the port is 465, choose TLS."
                )
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        if account.username:
            if not smtp.has_extn("auth"):
                raise smtplib.SMTPNotSupportedError(
                    "lets nobody sign in on this line. Clear the user name if it asks for none; otherwise "
                    "try another port or encryption."
                )
            _sign_in(smtp, account, account.username)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _smtp_for(account: SmtpAccount, context: ssl.SSLContext, timeout: float) -> smtplib.SMTP:
    # Named here, or smtplib would look this machine's name up and could hang on it.
    hello_name = account.hello_name or socket.gethostname() or "localhost"
    if account.encryption is Encryption.TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=hello_name, timeout=timeout, context=context)
    else:
        smtp = smtplib.SMTP(local_hostname=hello_name, timeout=timeout)
    # smtplib remembers the host for the certificate's check only when its constructor connects.
    smtp._host = account.host  # type: ignore[attr-defined] # there is no public way
    return smtp


def _sign_in(smtp: smtplib.SMTP, account: SmtpAccount, username: str) -> None:
    if account.tokens is None:
        smtp.login(username, account.password or "")
        return
    token = account.tokens.token()
    try:
        _sign_in_with(smtp, username, token)
    except smtplib.SMTPAuthenticationError as refused:
        if refused.smtp_code // 100 == 4:
            raise
        try:
            _sign_in_with(smtp, username, account.tokens.renewed(token))
        except smtplib.SMTPAuthenticationError as again:
            raise NeedsSignIn(
                f"{account.host} refuses a fresh token of {username}. Sign in to this mailbox again."
            ) from again


def _sign_in_with(smtp: smtplib.SMTP, username: str, token: str) -> None:
    # A challenge after the token holds the reason of a refusal; the empty answer asks for the verdict.
    smtp.auth("XOAUTH2", lambda challenge=None: "" if challenge else xoauth2(username, token))


def verdict(error: BaseException, account: SmtpAccount) -> DeskError:
    """What an error before the final dot means for the mail."""
    sentence = explain(error, account)
    if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code // 100 != 4:
        return Misconfigured(sentence)
    if isinstance(error, smtplib.SMTPNotSupportedError) or is_certificate_trouble(error):
        return Misconfigured(sentence)
    return TryAgain(sentence)


def explain(error: BaseException, account: SmtpAccount) -> str:
    """What went wrong with an SMTP server and what to do, in a sentence or two."""
    if isinstance(error, DeskError):
        return error.sentence
    where = f"{account.host}:{account.port}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        said = readable(error.smtp_error)
        if error.smtp_code // 100 == 4:
            return f"{where} cannot let {account.username} in at the moment ({error.smtp_code} {said})."
        return (
            f"{where} does not accept the user name and password of {account.username} "
            f"({error.smtp_code} {said}). Check both; with two-step sign-in an app password may be needed."
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"{where} {error}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{where} answered {error.smtp_code} {readable(error.smtp_error)}"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return f"{where} ended the connection ({error})."
    return explain_connection(error, account.host, account.port) or f"{where} failed: {error}"


def readable(text: bytes | str) -> str:
    """A server's words on one line, without anything that could forge a log."""
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    return " ".join(part for part in re.split(r"[\x00-\x20\x7f]+", said) if part)[:300]
