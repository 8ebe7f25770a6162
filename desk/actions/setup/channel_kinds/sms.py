"""What a text channel keeps: its account at Twilio, whom it may write to, and how much a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.channels.sms.numbers import channel_number, checked_countries
from desk.model.errors import Misconfigured

DAILY_LIMIT = 1000
"""Segments a day, unless the channel says otherwise: what a leak may cost at most."""

SECRET = "auth_token"  # noqa: S105 - a name, not a secret


def address(given: str) -> str:
    """`+44…`, or `whatsapp:+44…`. Raises Invalid for what is no number with its country."""
    return channel_number(given)


def keep(wanted: Mapping[str, Any], config: dict[str, Any], secrets: dict[str, str]) -> dict[str, Any]:
    """The part that is given; a token that is not given stays. Raises Misconfigured without one.

    An empty token would make every forged webhook a signed one, so no channel starts with it.
    """
    kept = dict(config.get("sms") or {})
    given = dict(wanted.get("sms") or {})
    token = given.pop(SECRET, None)
    given.pop("has_auth_token", None)
    if token is not None:
        secrets[SECRET] = token.strip()
    kept |= given
    if not secrets.get(SECRET):
        raise Misconfigured(
            "A text channel needs the auth token of its account: webhooks are signed with it."
        )
    if not str(kept.get("account_sid") or "").startswith("AC"):
        raise Misconfigured("A text channel needs its account's SID; it begins with AC.")
    service = str(kept.get("messaging_service_sid") or "")
    if service and not service.startswith("MG"):
        raise Misconfigured("The SID of a messaging service begins with MG.")
    kept["countries"] = checked_countries(kept.get("countries") or [])
    kept["mms_countries"] = checked_countries(kept.get("mms_countries") or [])
    kept["daily_limit"] = int(kept.get("daily_limit") or DAILY_LIMIT)
    return {**config, "sms": kept}


def shown(config: dict[str, Any]) -> dict[str, Any]:
    """No channel stands without a token, so it is there; it is never shown."""
    part = config.get("sms")
    return {"sms": {**part, "has_auth_token": True} if part else None}
