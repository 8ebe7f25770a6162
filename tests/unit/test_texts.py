"""Small texts with large consequences: placeholders, cells, snippets, cursors, fields."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.actions.cases.canned import PLACEHOLDERS, filled
from desk.actions.cases.edits import fits
from desk.actions.exports import cell
from desk.model.case import CustomField
from desk.model.errors import Invalid
from desk.store.cursors import cursor_of, number_cursor, number_of, place_of
from desk.store.search import parts_of

VALUES = dict.fromkeys(PLACEHOLDERS, "x") | {"customer.name": "Cleo {{agent.name}} {0.__class__}"}


def test_a_known_name_is_filled_and_an_unknown_one_stays() -> None:
    text = "Dear {{customer.first_name}}, {{ desk.name }} {{customer.__class__}} {{secret}} {x} %s {% x %}"
    assert filled(text, VALUES) == "Dear x, x {{customer.__class__}} {{secret}} {x} %s {% x %}"


def test_what_a_value_holds_is_never_looked_into() -> None:
    assert filled("{{customer.name}}", VALUES) == "Cleo {{agent.name}} {0.__class__}"


def test_a_placeholder_without_a_value_stays_for_the_agent_to_see() -> None:
    assert filled("{{customer.name}}", {"customer.name": ""}) == "{{customer.name}}"


@given(st.text())
def test_text_without_placeholders_is_untouched(text: str) -> None:
    if "{{" not in text:
        assert filled(text, VALUES) == text


@given(st.text())
def test_no_text_becomes_a_formula(text: str) -> None:
    assert not cell(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell(text).endswith(text)


@pytest.mark.parametrize(
    "value, written",
    [
        (None, ""),
        (-5, "-5"),
        (["a", "=b"], "a, =b"),
        (["=a"], "'=a"),
        (datetime(2026, 3, 2, tzinfo=UTC), "2026-03-02T00:00:00Z"),
    ],
)
def test_other_values_are_written_plainly(value: object, written: str) -> None:
    assert cell(value) == written


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 2**63 - 1))
def test_a_cursor_leads_back_to_its_place(at: datetime, key: int) -> None:
    assert place_of(cursor_of("last", at, key), "last") == (at, key)
    assert number_of(number_cursor(key)) == key


@given(st.text(max_size=150))
def test_a_text_that_is_no_cursor_is_refused(text: str) -> None:
    for reading in (number_of, lambda written: place_of(written, "last")):
        with pytest.raises(Invalid):
            reading(text)


@given(st.lists(st.tuples(st.text(st.characters(max_codepoint=0x2FF), min_size=1), st.booleans())))
def test_a_snippet_is_text_and_hits_in_their_order(said: list[tuple[str, bool]]) -> None:
    marked = "".join(f"\ue000{text}\ue001" if hit else text for text, hit in said)
    parts = parts_of(marked)
    assert "".join(part["text"] for part in parts) == "".join(text for text, _ in said)
    assert [part["text"] for part in parts if part["hit"]] == [text for text, hit in said if hit]


@pytest.mark.parametrize(
    "kind, fitting, wrong",
    [
        ("text", "any", 3),
        ("number", 3.5, "3"),
        ("number", 0, True),
        ("choice", "S", "XL"),
        ("date", "2026-03-02", "2026-02-30"),
        ("date", "2026-03-02", "20260302"),
        ("yes_no", False, "no"),
    ],
)
def test_a_field_holds_what_fits_its_kind(kind: str, fitting: object, wrong: object) -> None:
    custom = CustomField(key="k", label="K", kind=kind, options=["S", "M"])
    assert fits(custom, fitting) and fits(custom, None) and fits(custom, "")
    assert not fits(custom, wrong)
