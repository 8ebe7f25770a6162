"""Trying a chat channel out: whose pages may carry it, and whether known customers can be told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.channels.chat.settings import site_origin
from desk.channels.checked import Checked
from desk.model.errors import Invalid


def check_chat(config: Mapping[str, Any], secrets: Mapping[str, str]) -> list[Checked]:
    """What can be told without looking at the rest of the desk."""
    return [_sites(config.get("chat", {}).get("sites", [])), _identity(secrets)]


def _sites(sites: list[str]) -> Checked:
    if not sites:
        sentence = (
            "No site may show this chat yet. Add the address of your shop, such as https://shop.example."
        )
        return Checked("sites", False, sentence)
    try:
        for site in sites:
            site_origin(site)
    except Invalid as trouble:
        return Checked("sites", False, trouble.sentence)
    return Checked("sites", True, f"Pages of {', '.join(sites)} may show the chat.")


def _identity(secrets: Mapping[str, str]) -> Checked:
    if not secrets.get("identity_secret"):
        return Checked("identity", False, "There is no secret to sign identities with. Make one.")
    return Checked("identity", True, "Your shop can sign who its customers are.")
