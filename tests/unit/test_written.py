"""Answers are written fast, and mean what the standard library would have written."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from flask import Flask, Response, jsonify
from hypothesis import given
from hypothesis import strategies as st

from desk.http.written import Json


class Colour(StrEnum):
    RED = "red"


class _App(Flask):
    json_provider_class = Json


APP = _App(__name__)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def written(value: Any) -> Response:
    with APP.app_context():
        return jsonify(value)


@given(PLAIN)
def test_an_answer_means_what_the_standard_library_would_write(value: Any) -> None:
    assert json.loads(written(value).data) == json.loads(APP.json.dumps(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 11, 25, 9, 0, 0, 120_000, tzinfo=UTC), b'"2026-11-25T09:00:00.120000Z"'),
        (datetime(2026, 11, 25, 9, tzinfo=timezone(timedelta(hours=2))), b'"2026-11-25T09:00:00+02:00"'),
        (date(2026, 11, 25), b'"2026-11-25"'),
        (Decimal("1.10"), b'"1.10"'),
        ({Colour.RED: Colour.RED}, b'{"red":"red"}'),
        ({"b": {3, 1}, "a": (1, None)}, b'{"b":[1,3],"a":[1,null]}'),
    ],
)
def test_values_have_one_form(value: Any, expected: bytes) -> None:
    answer = written(value)
    assert answer.data.replace(b" ", b"") == expected + b"\n"
    assert answer.mimetype == "application/json"


@pytest.mark.parametrize("value", [{1: "a"}, 2**70, "half a character: \ud800"])
def test_what_the_fast_way_cannot_write_is_written_nonetheless(value: Any) -> None:
    assert json.loads(written(value).data) == json.loads(json.dumps(value))


def test_what_nobody_can_write_is_an_error() -> None:
    with pytest.raises(TypeError):
        written(object())
