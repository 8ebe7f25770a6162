"""What a channel keeps that has no settings of its own: the contact form, and a program's contacts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from desk.model.errors import Invalid

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def address(given: str) -> str:
    """A short name in lower case, e.g. `help-centre`. Raises Invalid."""
    name = given.strip().lower().replace(" ", "-")
    if not _NAME.fullmatch(name):
        raise Invalid("A short name has letters, digits and hyphens, such as help-centre.", "address")
    return name


def keep(_wanted: Mapping[str, Any], config: dict[str, Any], _secrets: dict[str, str]) -> dict[str, Any]:
    """There is nothing but the name and the queue, which every channel has."""
    return config


def shown(_config: dict[str, Any]) -> dict[str, Any]:
    return {}
