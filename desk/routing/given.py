"""What somebody wrote in JSON, read value by value; every fault is named in words, with its field."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from math import inf
from typing import Any
from unicodedata import category

from desk.model.errors import Invalid

Bounds = tuple[float, float]
BYTE_ORDER_MARK = "\ufeff"
UNPRINTED = {"Cc", "Cs"}
"""Control characters, and halves of characters, which no file and no screen takes."""


def parsed(text: str, what: str) -> Any:
    """The JSON of a text; `what` names it in the error. A word that an object has twice is refused."""
    try:
        return json.loads(text.removeprefix(BYTE_ORDER_MARK), object_pairs_hook=_each_once)
    except RecursionError as error:
        raise Invalid(f"The {what} is nested too deeply to be one.") from error
    except json.JSONDecodeError as error:
        raise Invalid(f"The {what} is not JSON: {error}.") from error
    except ValueError as error:
        raise Invalid(f"The {what} holds a number of thousands of digits.") from error


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid(f"“{shown(twice)[1:-1]}” is written twice in one object.")
    return found


def a_name(given: Any, field: str) -> str:
    """A text of 1 to 100 characters."""
    if not isinstance(given, str) or not given.strip() or len(given) > 100:
        raise Invalid(f"“{field}” must be a text of 1 to 100 characters, not {shown(given)}.", field)
    if any(category(letter) in UNPRINTED for letter in given):
        raise Invalid(f"“{field}” holds characters that do not print: {shown(given, ascii=True)}.", field)
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
    if isinstance(given, bool) or not isinstance(given, kind) or given != given or abs(given) == inf:
        raise Invalid(f"“{field}” must be a {'whole ' * whole}number, not {shown(given)}.", field)
    if not low <= given <= high:
        raise Invalid(f"“{field}” must be between {low:g} and {high:g}, not {shown(given)}.", field)
    return given if whole else float(given)


def shown(given: Any, *, ascii: bool = False) -> str:
    """A value as an error quotes it; what does not print, in `ascii`, by its number."""
    text = json.dumps(given, ensure_ascii=ascii, default=str)
    return text if len(text) <= 40 else f"{text[:37]}…"
