"""The line to one mailbox: an account, signing in to it, and sentences for whatever goes wrong."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, Protocol, Self

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from desk.channels.email.oauth import NeedsSignIn, TokenSource
from desk.channels.email.wire import Encryption, explain_connection, is_certificate_trouble, tls_context
from desk.model.errors import DeskError, Misconfigured, Unavailable

_PATIENCE = SocketTimeout(connect=10, read=30)

# A literal is read into memory in one piece, so its length is not left to the server.
_LITERAL_AT_MOST = 64 * 1024 * 1024

# Response codes that say "not now" rather than "not you" (RFC 5530, 3).
_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "TOO MANY", "TRY AGAIN")


@dataclass(frozen=True, slots=True)
class MailboxAccount:
    """One folder on one IMAP server. `after_fetch` is `leave`, `flag`, or `move:` and a folder's name."""

    host: str
    username: str
    password: str | None = field(default=None, repr=False)
    tokens: TokenSource | None = field(default=None, repr=False)
    port: int = 993
    encryption: Encryption = Encryption.TLS
    folder: str = "INBOX"
    after_fetch: str = "leave"
    ca_file: str | None = None

    def __post_init__(self) -> None:
        if (self.password is None) == (self.tokens is None):
            raise Misconfigured(f"{self.username} needs either a password or OAuth, and not both.")
        if self.after_fetch not in ("leave", "flag") and not self.move_to:
            raise Misconfigured(
                f"After fetching, a mail is left, flagged or moved; not {self.after_fetch!r}."
            )

    @property
    def move_to(self) -> str:
        """The folder that fetched mail is moved to, or the empty string."""
        return self.after_fetch.removeprefix("move:") if self.after_fetch.startswith("move:") else ""


@dataclass(frozen=True, slots=True)
class OpenMailbox:
    """A signed-in connection and the account behind it; close it, or use it in a `with`."""

    imap: IMAPClient
    account: MailboxAccount

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye if the server still listens, and let go of the socket in any case."""
        # IMAPClient's own goodbye may fail in every way a dead connection can.
        with suppress(IMAPClientError, OSError):
            self.imap.logout()
        with suppress(IMAPClientError, OSError):
            self.imap.shutdown()

    def abandon(self) -> None:
        """Let go of the socket without a word: a server that hangs would only keep us waiting."""
        with suppress(IMAPClientError, OSError):
            self.imap.shutdown()


def open_mailbox(account: MailboxAccount) -> OpenMailbox:
    """Connect, verify, sign in, and see that the folder is there.

    Raises NeedsSignIn when only a person can mend the permission, Misconfigured when the account
    is wrong, and Unavailable when trying again may help. Each says what to do.
    """
    with speaking(account):
        imap = _connected(account)
    mailbox = OpenMailbox(imap, account)
    try:
        with speaking(account):
            _sign_in(imap, account)
            select(mailbox)
    except BaseException:
        mailbox.close()
        raise
    return mailbox


def select(mailbox: OpenMailbox) -> dict[bytes, int]:
    """Choose the account's folder; the answer holds UIDVALIDITY, UIDNEXT and EXISTS as they are now."""
    try:
        answer: dict[bytes, int] = mailbox.imap.select_folder(mailbox.account.folder)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        if mailbox.imap.folder_exists(mailbox.account.folder):
            raise
        raise _FolderMissing(str(error)) from error
    return answer


@contextmanager
def speaking(account: MailboxAccount) -> Iterator[None]:
    """Turn whatever a server or the network does to us into Misconfigured or Unavailable, with a sentence."""
    try:
        yield
    except DeskError:
        raise
    except (IMAPClientError, OSError, ValueError) as error:
        # ValueError is how IMAPClient's parsers answer a server that talks nonsense.
        kind = Misconfigured if _needs_an_operator(error) else Unavailable
        raise kind(explain(error, account)) from error


def explain(error: BaseException, account: MailboxAccount) -> str:
    """What went wrong with a mailbox and what to do, in a sentence or two."""
    if isinstance(error, DeskError):
        return error.sentence
    if isinstance(error, LoginError):
        return _explain_login(error, account)
    if isinstance(error, _FolderMissing):
        return f"{account.username} has no folder {account.folder!r} on {account.host}. Check its name."
    if isinstance(error, _NoStartTls):
        return (
            f"{account.host}:{account.port} does not offer STARTTLS, so nothing was sent to it. "
            "Somebody may be tampering with the line; if the port is 993, choose TLS."
        )
    connection = explain_connection(error, account.host, account.port)
    if connection:
        return connection
    if isinstance(error, IMAPClientAbortError):
        return f"{account.host}:{account.port} ended the connection ({error})."
    return f"{account.host}:{account.port} answered something unexpected ({str(error)[:200]})."


class _FolderMissing(IMAPClientError):  # type: ignore[misc] # imapclient has no types
    pass


class _NoStartTls(IMAPClientError):  # type: ignore[misc] # imapclient has no types
    pass


class _Reader(Protocol):
    """The part of imaplib that reads literals."""

    file: IO[bytes]

    def read(self, size: int) -> bytes: ...


class _CautiousClient(IMAPClient):  # type: ignore[misc] # imapclient has no types
    """Refuses literals that would fill the memory, whatever length a server announces."""

    def _create_IMAP4(self) -> _Reader:
        imap: _Reader = super()._create_IMAP4()
        read = imap.read

        def read_within_bounds(size: int) -> bytes:
            if size > _LITERAL_AT_MOST:
                raise IMAPClientAbortError(f"a literal of {size} bytes was announced")
            literal = read(size)
            if len(literal) < size:
                raise IMAPClientAbortError("socket error: EOF inside a literal")
            return literal

        imap.read = read_within_bounds  # type: ignore[method-assign] # imaplib offers no other place
        return imap


def _connected(account: MailboxAccount) -> IMAPClient:
    context = tls_context(account.ca_file)
    imap = _CautiousClient(
        account.host,
        account.port,
        ssl=account.encryption is Encryption.TLS,
        ssl_context=context,
        timeout=_PATIENCE,
    )
    # Aware moments; the library's default is the server machine's own idea of local time.
    imap.normalise_times = False
    if account.encryption is not Encryption.STARTTLS:
        return imap
    try:
        if not imap.has_capability("STARTTLS"):
            raise _NoStartTls("STARTTLS is not offered")
        imap.starttls(context)
    except BaseException:
        OpenMailbox(imap, account).abandon()
        raise
    return imap


def _sign_in(imap: IMAPClient, account: MailboxAccount) -> None:
    if account.tokens is None:
        imap.login(account.username, account.password)
        return
    token = account.tokens.token()
    try:
        _sign_in_with(imap, account.username, token)
    except LoginError as refused:
        if _is_passing(refused):
            raise
        try:
            _sign_in_with(imap, account.username, account.tokens.renewed(token))
        except LoginError as again:
            raise NeedsSignIn(
                f"{account.host} refuses a fresh token of {account.username}. Sign in to this mailbox again."
            ) from again


def _sign_in_with(imap: IMAPClient, username: str, token: str) -> None:
    if imap.has_capability("AUTH=OAUTHBEARER"):
        imap.oauthbearer_login(username, token)
    else:
        imap.oauth2_login(username, token)


def _needs_an_operator(error: BaseException) -> bool:
    if isinstance(error, LoginError):
        return not _is_passing(error)
    return isinstance(error, _FolderMissing | _NoStartTls) or is_certificate_trouble(error)


def _is_passing(error: BaseException) -> bool:
    """A LoginError also stands for a line that broke while signing in; neither says the password is wrong."""
    said = str(error).upper()
    broke = isinstance(error.__context__, imaplib.IMAP4.abort)
    return broke or any(sign in said for sign in _PASSING)


def _explain_login(error: LoginError, account: MailboxAccount) -> str:
    if _is_passing(error):
        return f"{account.host} cannot let {account.username} in at the moment ({error})."
    if "PRIVACYREQUIRED" in str(error).upper() or "plaintext" in str(error).lower():
        return f"{account.host} takes passwords only over an encrypted connection. Choose TLS or STARTTLS."
    return (
        f"{account.host} does not accept the user name and password of {account.username}. "
        "Check both; with two-step sign-in an app password may be needed."
    )
