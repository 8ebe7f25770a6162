"""What somebody wrote in JSON, read value by value; every fault is named in words, with its field."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from math import isfinite
from typing import Any

from desk.model.errors import Invalid

Bounds = tuple[float, float]


def parsed(text: str, what: str) -> Any:
    """The JSON of a text; `what` names it in the error."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise Invalid(f"The {what} is not JSON: {error}.") from error


def a_name(given: Any, field: str) -> str:
    """A text of 1 to 100 characters."""
    if not isinstance(given, str) or not given.strip() or len(given) > 100:
        raise Invalid(f"“{field}” must be a text of 1 to 100 characters, not {shown(given)}.", field)
    return given


def a_flag(given: Any, field: str) -> bool:
    """True or false."""
    if not isinstance(given, bool):
        raise Invalid(f"“{field}” must be true or false, not {shown(given)}.", field)
    return given


def an_object(given: Any, field: str) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(given, dict):
        raise Invalid(f"“{field}” must be an object, not {shown(given)}.", field)
    return given


def a_list(given: Any, field: str) -> list[Any]:
    """A JSON list."""
    if not isinstance(given, list):
        raise Invalid(f"“{field}” must be a list, not {shown(given)}.", field)
    return given


def known_words(given: Mapping[str, Any], names: Collection[str], field: str) -> None:
    """Refuse words that `field` does not have, with the nearest one it has."""
    for name in given:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f" Did you mean “{near[0]}”?" if near else ""
            raise Invalid(f"“{field}” has no “{name}”.{hint}", name)


def a_number(given: Any, field: str, bounds: Bounds, *, whole: bool = False) -> Any:
    """A finite number within the bounds, both included."""
    low, high = bounds
    kind = int if whole else (int, float)
    if isinstance(given, bool) or not isinstance(given, kind) or not isfinite(given):
        raise Invalid(f"“{field}” must be a {'whole ' * whole}number, not {shown(given)}.", field)
    if not low <= given <= high:
        raise Invalid(f"“{field}” must be between {low:g} and {high:g}, not {given:g}.", field)
    return given if whole else float(given)


def shown(given: Any) -> str:
    """A value as an error quotes it."""
    text = json.dumps(given, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else f"{text[:37]}…"
