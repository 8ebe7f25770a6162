"""What a chat channel is set to: whose pages may carry it, how it looks, what it asks, when it is open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from desk.channels.chat.colour import checked_colour
from desk.channels.chat.hours import checked_hours
from desk.model.errors import Invalid

DEFAULTS: dict[str, Any] = {
    "sites": [],
    "title": "Chat with us",
    "greeting": "Hello! How can we help?",
    "colour": "#1f5fbf",
    "position": "end",
    "hours": None,
    "pre_chat": {},
    "offline_text": "Nobody is here just now. Leave a message, and we will answer by mail.",
    "help": True,
}
ASKED = ("name", "email", "topic")
MOST_SITES = 50
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\]")
_LOCAL = ("localhost", "127.0.0.1", "[::1]", "::1")


def checked_settings(given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with what is given put in. Raises Invalid with the field that is wrong."""
    unknown = [name for name in given if name not in DEFAULTS]
    if unknown:
        raise Invalid(f"There is no setting “{unknown[0][:40]}” of a chat.", f"chat.{unknown[0][:40]}")
    kept = {**DEFAULTS, **before, **given}
    kept["sites"] = _sites(kept["sites"])
    kept["colour"] = checked_colour(kept["colour"])
    kept["hours"] = checked_hours(kept["hours"])
    kept["pre_chat"] = _pre_chat(kept["pre_chat"])
    if kept["position"] not in ("start", "end"):
        raise Invalid("The position is start or end.", "chat.position")
    for name, most in (("title", 60), ("greeting", 300), ("offline_text", 500)):
        kept[name] = str(kept[name]).strip()[:most]
    kept["help"] = bool(kept["help"])
    return kept


def site_origin(written: str) -> str:
    """The exact origin of a site, e.g. https://shop.example. Raises Invalid.

    It goes into a header, so nothing but scheme, host and port may be in it. Without TLS only
    this machine's own pages are taken: a token would cross the network in the open.
    """
    parts = urlsplit(written.strip().lower())
    try:
        port = parts.port
    except ValueError:
        port = -1
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname or ""
    is_plain = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme not in ("https", "http") or not _HOST.fullmatch(host) or port == -1 or not is_plain:
        raise Invalid(f"“{written[:100]}” is not a site such as https://shop.example.", "chat.sites")
    if parts.scheme == "http" and host not in _LOCAL:
        raise Invalid(f"{written[:100]} is without TLS. Use https://.", "chat.sites")
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}"


def _sites(given: Any) -> list[str]:
    if not isinstance(given, list | tuple) or len(given) > MOST_SITES:
        raise Invalid(f"The sites are a list of up to {MOST_SITES} addresses.", "chat.sites")
    return list(dict.fromkeys(site_origin(str(site)) for site in given))


def _pre_chat(given: Any) -> dict[str, str]:
    """By what is asked, whether it is `asked` or `required`."""
    found = dict(given or {})
    for name, how in found.items():
        if name not in ASKED or how not in ("asked", "required"):
            raise Invalid("Before a chat, name, email and topic can be asked or required.", "chat.pre_chat")
    return {name: found[name] for name in ASKED if name in found}
