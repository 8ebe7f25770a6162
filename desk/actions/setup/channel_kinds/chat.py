"""What a chat channel keeps: how the widget is set, and the secret by which the shop signs identities."""

from __future__ import annotations

import re
import secrets as randomness
from collections.abc import Mapping
from typing import Any

from desk.channels.chat.colour import readable
from desk.channels.chat.settings import checked_settings
from desk.model.errors import Invalid

SECRET_BYTES = 32
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


def address(given: str) -> str:
    """The site key, made where none is given; strangers see it, and it opens nothing. Raises Invalid."""
    key = given.strip() or randomness.token_urlsafe(12)
    if not _KEY.fullmatch(key):
        raise Invalid("A site key has 8 to 64 letters, digits, - and _.", "address")
    return key


def keep(wanted: Mapping[str, Any], config: dict[str, Any], secrets: dict[str, str]) -> dict[str, Any]:
    """The settings that are given; a first identity secret is made. Raises Invalid."""
    secrets.setdefault("identity_secret", new_identity_secret())
    return {**config, "chat": checked_settings(wanted.get("chat") or {}, config.get("chat", {}))}


def new_identity_secret() -> str:
    """256 random bits, as text that fits into a setting of a shop."""
    return randomness.token_urlsafe(SECRET_BYTES)


def shown(config: dict[str, Any]) -> dict[str, Any]:
    """The settings, and the colour as the widget really uses it."""
    chat = checked_settings({}, config.get("chat", {}))
    return {"chat": chat | {"colour_used": readable(chat["colour"])}}
