"""What an email channel keeps: its mailbox, its way out, and how it signs in to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.channels.email.accounts import mailbox_account, smtp_account
from desk.model.customer import normal_email
from desk.model.errors import Invalid

SECRET_PARTS = {"imap": "imap_password", "smtp": "smtp_password"}
OAUTH_SECRETS = {"client_secret": "oauth_client_secret", "refresh_token": "oauth_refresh_token"}


def address(given: str) -> str:
    """Raises Invalid for what is no email address."""
    return normal_email(given)


def keep(wanted: Mapping[str, Any], config: dict[str, Any], secrets: dict[str, str]) -> dict[str, Any]:
    """The parts that are given; a password that is not given stays. Raises Misconfigured."""
    config = dict(config)
    for part, secret in SECRET_PARTS.items():
        if part in wanted:
            config[part] = _part(wanted[part], secret, secrets)
    if "oauth" in wanted:
        config["oauth"] = _oauth(wanted["oauth"], secrets)
    mailbox_account(config, secrets)
    if config.get("smtp"):
        smtp_account(config, secrets)
    return config


def shown(config: dict[str, Any]) -> dict[str, Any]:
    return {
        part: {**config[part], "has_password": bool(config[part].get("has_password"))}
        if config.get(part)
        else None
        for part in ("imap", "smtp", "oauth")
    }


def connects(config: dict[str, Any]) -> bool:
    """Whether there is a mailbox to watch; without one, mail is handed over to us."""
    return bool(config.get("imap"))


def _part(given: Mapping[str, Any] | None, secret: str, secrets: dict[str, str]) -> dict[str, Any] | None:
    """One server's settings; its password goes into `secrets`, or stays as it was when none is given."""
    if given is None:
        secrets.pop(secret, None)
        return None
    password = given.get("password")
    if password:
        secrets[secret] = password
    part = {name: value for name, value in given.items() if name not in ("password", "has_password")}
    return part | {"has_password": secret in secrets}


def _oauth(given: Mapping[str, Any] | None, secrets: dict[str, str]) -> dict[str, Any] | None:
    if given is None:
        for name in OAUTH_SECRETS.values():
            secrets.pop(name, None)
        return None
    for name, secret in OAUTH_SECRETS.items():
        if given.get(name):
            secrets[secret] = given[name]
    _check_oauth(given, secrets)
    known = {f"has_{name}": secret in secrets for name, secret in OAUTH_SECRETS.items()}
    return {name: value for name, value in given.items() if name not in OAUTH_SECRETS} | known


def _check_oauth(given: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    """What no provider can do without is asked for here, and not at the first mail that does not come."""
    if not (given.get("client_id") or "").strip():
        raise Invalid("Enter the client id that the provider gave to this desk.", "oauth.client_id")
    if not secrets.get(OAUTH_SECRETS["refresh_token"]):
        raise Invalid("Enter the refresh token of this mailbox.", "oauth.refresh_token")
    if given["provider"] != "other":
        return
    if not (given.get("token_url") or "").startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise Invalid("Enter the address that gives out tokens; it begins with https://.", "oauth.token_url")
