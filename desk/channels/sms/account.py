"""The account at Twilio that a text channel speaks to, and the library's client for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from desk.model.errors import Misconfigured

if TYPE_CHECKING:
    from twilio.rest import Client

TWILIO = "https://api.twilio.com"
ANSWER_SECONDS = 10
MEDIA_HOSTS = (".twiliocdn.com", ".twilio.com")
"""Where Twilio keeps files, and leads to from its interface."""


@dataclass(frozen=True, slots=True)
class TextAccount:
    """`api` is Twilio's own address, a region's, or a stand-in's on this machine."""

    account_sid: str
    auth_token: str
    messaging_service_sid: str | None = None
    api: str = TWILIO


def text_account(config: Mapping[str, Any], secrets: Mapping[str, str], api: str) -> TextAccount:
    """The channel's account. Raises Misconfigured without a SID or with an empty token."""
    part = config.get("sms") or {}
    token = secrets.get("auth_token") or ""
    if not part.get("account_sid") or not token:
        raise Misconfigured(
            "This text channel has no account SID or no auth token. Give them on its setup page."
        )
    return TextAccount(part["account_sid"], token, part.get("messaging_service_sid") or None, api)


def client_of(account: TextAccount) -> Client:
    """Twilio's client, whose every request goes to the account's address, without redirects."""
    # The library takes a second and tens of megabytes to load; only who speaks to Twilio pays.
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    class Redirected(TwilioHttpClient):  # type: ignore[misc]  # the library has no types for it
        """The one place of the library where an address can be changed."""

        def request(self, method: str, url: str, *args: Any, **more: Any) -> Any:
            more["timeout"] = ANSWER_SECONDS
            return super().request(method, redirected(url, account.api), *args, **more)

    # Pooled connections may have died meanwhile, and a text must not be handed to a dead one.
    return Client(account.account_sid, account.auth_token, http_client=Redirected(pool_connections=False))


def redirected(url: str, api: str) -> str:
    """The same request at another address; Twilio's content has a host of its own there."""
    parts, base = urlsplit(url), urlsplit(api)
    if (base.hostname or "").endswith(".twilio.com") and not (parts.hostname or "").startswith("api."):
        return url
    return parts._replace(scheme=base.scheme, netloc=base.netloc).geturl()
