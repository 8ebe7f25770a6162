"""A mail channel's row as accounts: where its mail is fetched, and where its answers leave.

`config` holds what an administrator may read: `{"imap": {...}, "smtp": {...}, "oauth": {...}}`;
`secrets` holds `imap_password`, `smtp_password`, `oauth_client_secret`, `oauth_refresh_token`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from desk.channels.email.imap import MailboxAccount
from desk.channels.email.oauth import OAuthClient, TokenSource, google, microsoft
from desk.channels.email.smtp_line import SmtpAccount
from desk.channels.email.wire import Encryption
from desk.model.errors import Misconfigured

Keep = Callable[[str], None]
_IMAP_PORTS = {Encryption.TLS: 993, Encryption.STARTTLS: 143, Encryption.PLAIN: 143}
_SMTP_PORTS = {Encryption.TLS: 465, Encryption.STARTTLS: 587, Encryption.PLAIN: 25}


def mailbox_account(
    config: Mapping[str, Any], secrets: Mapping[str, str], *, keep_refresh_token: Keep = lambda _: None
) -> MailboxAccount | None:
    """Where the channel's mail is fetched; None when it is only handed over. Raises Misconfigured."""
    imap = config.get("imap")
    if not imap or not imap.get("host"):
        return None
    encryption = Encryption(imap.get("tls") or Encryption.TLS)
    tokens = _tokens(config, secrets, keep_refresh_token)
    return MailboxAccount(
        host=imap["host"],
        username=imap.get("username") or "",
        password=None if tokens else secrets.get("imap_password", ""),
        tokens=tokens,
        port=imap.get("port") or _IMAP_PORTS[encryption],
        encryption=encryption,
        folder=imap.get("folder") or "INBOX",
        after_fetch=imap.get("after_fetch") or "leave",
        ca_file=imap.get("ca_file"),
    )


def smtp_account(
    config: Mapping[str, Any], secrets: Mapping[str, str], *, keep_refresh_token: Keep = lambda _: None
) -> SmtpAccount:
    """Where the channel's answers leave. Raises Misconfigured when that was never said."""
    smtp = config.get("smtp")
    if not smtp or not smtp.get("host"):
        raise Misconfigured("This channel has no SMTP server: answers cannot leave. Enter one in its setup.")
    encryption = Encryption(smtp.get("tls") or Encryption.STARTTLS)
    username = smtp.get("username") or None
    tokens = _tokens(config, secrets, keep_refresh_token) if username else None
    return SmtpAccount(
        host=smtp["host"],
        username=username,
        password=secrets.get("smtp_password", "") if username and not tokens else None,
        tokens=tokens,
        port=smtp.get("port") or _SMTP_PORTS[encryption],
        encryption=encryption,
        ca_file=smtp.get("ca_file"),
    )


def _tokens(config: Mapping[str, Any], secrets: Mapping[str, str], keep: Keep) -> TokenSource | None:
    """OAuth2, where the channel was set up with it."""
    oauth = config.get("oauth")
    if not oauth or not oauth.get("provider"):
        return None
    return TokenSource(_client(oauth, secrets), keep_refresh_token=keep)


def _client(oauth: Mapping[str, Any], secrets: Mapping[str, str]) -> OAuthClient:
    identity = (
        oauth.get("client_id", ""),
        secrets.get("oauth_client_secret", ""),
        secrets.get("oauth_refresh_token", ""),
    )
    match oauth["provider"]:
        case "google":
            return google(*identity)
        case "microsoft":
            return microsoft(*identity, tenant=oauth.get("tenant") or "common")
        case "other" if oauth.get("token_url"):
            return OAuthClient(oauth["token_url"], *identity, scope=oauth.get("scope", ""))
        case other:
            raise Misconfigured(f"There is no OAuth provider “{other}” here: google, microsoft or other.")
