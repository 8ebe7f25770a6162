"""Signing in to mail servers with OAuth 2: access tokens that are renewed before they run out."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException, HTTPMessage
from typing import IO

from desk.channels.email.wire import explain_connection, tls_context
from desk.model.errors import Misconfigured, Unavailable

_RENEW_BEFORE = timedelta(minutes=5)
_DEFAULT_LIFE = timedelta(minutes=30)
_TIMEOUT_SECONDS = 15
_ANSWER_AT_MOST = 64 * 1024

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class NeedsSignIn(Misconfigured):
    """The mailbox's permission is gone; only a person signing in again can mend it, so do not retry."""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """One mailbox's permission: where tokens come from, and what to show there."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scope: str = ""
    ca_file: str | None = None


def google(client_id: str, client_secret: str, refresh_token: str) -> OAuthClient:
    """Gmail and Workspace (https://developers.google.com/gmail/imap/xoauth2-protocol)."""
    return OAuthClient("https://oauth2.googleapis.com/token", client_id, client_secret, refresh_token)


def microsoft(client_id: str, client_secret: str, refresh_token: str, tenant: str = "common") -> OAuthClient:
    """Microsoft 365 and Outlook.com (https://learn.microsoft.com/exchange/client-developer/legacy-protocols).

    The scopes cover reading by IMAP, sending by SMTP, and being renewed without a person.
    """
    office = "https://outlook.office.com"
    return OAuthClient(
        f"https://login.microsoftonline.com/{urllib.parse.quote(tenant, safe='')}/oauth2/v2.0/token",
        client_id,
        client_secret,
        refresh_token,
        scope=f"{office}/IMAP.AccessAsUser.All {office}/SMTP.Send offline_access",
    )


class TokenSource:
    """Hands out a valid access token, renewing it five minutes before it ends; safe to share between threads.

    `keep_refresh_token` is called when the provider rotates the refresh token: unless the new
    one is stored, the mailbox is lost at the next start.
    """

    def __init__(
        self,
        client: OAuthClient,
        *,
        keep_refresh_token: Callable[[str], None] = lambda _: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._refresh_token = client.refresh_token
        self._keep_refresh_token = keep_refresh_token
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at: datetime | None = None

    def token(self) -> str:
        """The current access token. Raises as `renewed` does."""
        with self._lock:
            if self._renew_at is None or self._clock() >= self._renew_at:
                self._renew()
            return self._token

    def renewed(self, stale: str) -> str:
        """A token other than `stale`, which a server has refused.

        Raises NeedsSignIn when the permission was withdrawn, Misconfigured when the client itself
        is refused, and Unavailable when the provider cannot be reached.
        """
        with self._lock:
            if self._token == stale:
                self._renew()
            return self._token

    def _renew(self) -> None:
        answer = _ask(self._client, self._refresh_token)
        token, life = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token:
            raise Unavailable(f"{self._client.token_url} answered without a token.")
        self._token = token
        lasts = timedelta(seconds=life) if isinstance(life, int | float) else _DEFAULT_LIFE
        self._renew_at = self._clock() + lasts - _RENEW_BEFORE
        rotated = answer.get("refresh_token")
        if isinstance(rotated, str) and rotated and rotated != self._refresh_token:
            self._refresh_token = rotated
            self._keep_refresh_token(rotated)


def xoauth2(username: str, token: str) -> str:
    """The SASL answer of XOAUTH2, as Google and Microsoft define it, before base64."""
    return f"user={username}\x01auth=Bearer {token}\x01\x01"


def _ask(client: OAuthClient, refresh_token: str) -> dict[str, object]:
    """Refresh an access token (RFC 6749, 6)."""
    url = urllib.parse.urlsplit(client.token_url)
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
        raise Misconfigured(f"Tokens are only fetched over HTTPS, not from {client.token_url!r}.")
    wanted = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "scope": client.scope,
    }
    form = urllib.parse.urlencode({name: value for name, value in wanted.items() if value}).encode()
    request = urllib.request.Request(client.token_url, data=form)  # noqa: S310 - the scheme is checked above
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=tls_context(client.ca_file)), _NoRedirect
    )
    try:
        with opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
            return _object(answer.read(_ANSWER_AT_MOST))
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(client, error.code, _object(error.read(_ANSWER_AT_MOST))) from error
    except (OSError, HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        sentence = isinstance(reason, BaseException) and explain_connection(
            reason, url.hostname or "", url.port or 443
        )
        raise Unavailable(sentence or f"{client.token_url} could not be asked: {reason}.") from error


def _refusal(client: OAuthClient, status: int, answer: dict[str, object]) -> Misconfigured | Unavailable:
    match answer.get("error"):
        case "invalid_grant" | "interaction_required" | "consent_required":
            return NeedsSignIn("The permission to use this mailbox has ended. Sign in to it again.")
        case "invalid_client" | "unauthorized_client" | "invalid_scope" as reason:
            return Misconfigured(
                f"{client.token_url} refuses our client ({reason}). Check its id and secret."
            )
        case _:
            return Unavailable(f"{client.token_url} gave no token (HTTP {status}).")


def _object(raw: bytes) -> dict[str, object]:
    try:
        answer = json.loads(raw)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the client's secret to somebody else."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        return None
