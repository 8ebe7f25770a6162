"""What was asked: JSON bodies and query strings read into models, with a sentence where they are wrong."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import MultiDict

from desk.http.errors import too_large_sentence
from desk.model.errors import Invalid, TooLarge

JSON_DEPTH = 32


class Asked(BaseModel):
    """The root of every request body and query: a field we do not know is refused by its name."""

    model_config = ConfigDict(extra="forbid")


Model = TypeVar("Model", bound=BaseModel)


def json_body() -> Any:
    """The body as plain values. Raises Invalid with a sentence for anything but sound JSON."""
    raw = request.get_data(cache=True)
    limit = request.max_content_length or 0
    # Of a body in chunks, Werkzeug hands out what fits and leaves the rest unsaid.
    if len(raw) >= limit and request.content_length != len(raw):
        raise TooLarge(too_large_sentence(limit))
    if not raw:
        return {}
    if request.mimetype != "application/json":
        raise Invalid(f"Send JSON with Content-Type: application/json, not {request.mimetype or 'nothing'}.")
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise Invalid("The body is not UTF-8.") from error
    except json.JSONDecodeError as error:
        sentence = f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        raise Invalid(sentence) from error
    except RecursionError as error:
        raise Invalid(f"The JSON is nested deeper than {JSON_DEPTH} levels.") from error
    except ValueError as error:
        raise Invalid(f"The body is not JSON we take: {error}.") from error
    _check_values(value, JSON_DEPTH)
    return value


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid(f"“{twice[:60]}” is given twice.", twice[:60])
    return found


def _no_constant(name: str) -> float:
    raise Invalid(f"{name} is not a number.")


def _check_values(value: Any, depth: int) -> None:
    """No text may hold what the database cannot keep: NUL, or half a character."""
    if depth == 0:
        raise Invalid(f"The JSON is nested deeper than {JSON_DEPTH} levels.")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name)
            _check_values(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _check_values(inner, depth - 1)


def _check_text(value: str) -> None:
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Invalid("A text holds a character that cannot be kept (NUL, or half of a pair).")


def once_each(given: MultiDict[str, str]) -> dict[str, str]:
    """A query string as plain values. Raises Invalid when a name is given twice."""
    for name, values in given.lists():
        if len(values) > 1:
            raise Invalid(f"“{name[:60]}” is given twice.", name[:60])
        _check_text(values[0])
    return given.to_dict()


_NO_OBJECT = ("model_type", "model_attributes_type", "dataclass_type")
"""What Pydantic says of them names a class of ours."""


_SPELLINGS: dict[str, str] = {}
"""By pattern what `spelled` was told of it."""

_WORDS = {
    "string_too_short": "Write at least {min_length} characters.",
    "string_too_long": "Write at most {max_length} characters.",
    "string_type": "Give a text.",
    "too_short": "Give at least {min_length}.",
    "too_long": "Give at most {max_length}.",
    "greater_than": "Give more than {gt}.",
    "greater_than_equal": "Give {ge} or more.",
    "less_than": "Give less than {lt}.",
    "less_than_equal": "Give {le} or less.",
    "int_type": "Give a whole number.",
    "int_parsing": "Give a whole number.",
    "int_from_float": "Give a whole number.",
    "float_type": "Give a number.",
    "float_parsing": "Give a number.",
    "finite_number": "Give a number.",
    "decimal_type": "Give a number.",
    "decimal_parsing": "Give a number.",
    "decimal_max_places": "Give at most {decimal_places} digits after the point.",
    "bool_type": "Give true or false.",
    "bool_parsing": "Give true or false.",
    "list_type": "Give a list.",
    "literal_error": "Give one of {expected}.",
    "enum": "Give one of {expected}.",
    "date_type": "Give a day such as 2026-12-24.",
    "date_parsing": "Give a day such as 2026-12-24.",
    "date_from_datetime_parsing": "Give a day such as 2026-12-24.",
    "date_from_datetime_inexact": "Give a day such as 2026-12-24.",
    "datetime_type": "Give a moment such as 2026-12-24T09:30:00Z.",
    "datetime_parsing": "Give a moment such as 2026-12-24T09:30:00Z.",
    "datetime_from_date_parsing": "Give a moment such as 2026-12-24T09:30:00Z.",
    "timezone_aware": "Give a moment with its zone, such as 2026-12-24T09:30:00Z.",
}
"""What Pydantic finds, by its name of it, as a person is told: https://docs.pydantic.dev/latest/errors/validation_errors/"""


def read(model: type[Model], value: Any) -> Model:
    """`value` as `model`. Raises Invalid, naming the first field that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])[:120]
        if first["type"] == "extra_forbidden":
            raise Invalid(f"There is no field “{field}” here.", field) from error
        if first["type"] == "missing":
            raise Invalid(f"The field “{field}” is missing.", field) from error
        if first["type"] in _NO_OBJECT:
            raise Invalid(f"{field or 'The body'}: Input should be an object.", field) from error
        raise Invalid(f"{field or 'The body'}: {_told(first)}", field) from error


def spelled(pattern: str, words: str) -> str:
    """The pattern of a text, with what a person is told whose text does not match it."""
    _SPELLINGS[pattern] = words
    return pattern


def _told(trouble: ErrorDetails) -> str:
    """What is wrong with one value, as a sentence."""
    context = trouble.get("ctx", {})
    if trouble["type"] in ("string_too_short", "too_short") and context.get("min_length") == 1:
        return "Fill this in."
    if trouble["type"] in _WORDS:
        return _WORDS[trouble["type"]].format(**{name: _plain(bound) for name, bound in context.items()})
    if context.get("pattern") in _SPELLINGS:
        return _SPELLINGS[context["pattern"]]
    return f"{trouble['msg'].removeprefix('Value error, ')}."


def _plain(bound: Any) -> Any:
    """A bound as a person writes it: 0 where a field of fractions has 0.0."""
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound
