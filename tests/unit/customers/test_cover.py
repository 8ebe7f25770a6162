"""Whether work is covered: which entitlement says so, and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.customers.cover import Held, named_in, ruling
from desk.model.entitlement import EntitlementKind, Standing

DAY = date(2026, 3, 2)
WARRANTY = Held(1, EntitlementKind.WARRANTY, "Machine Havn", date(2025, 1, 1), date(2026, 12, 31))
CONTRACT = Held(2, EntitlementKind.CONTRACT, "", date(2026, 1, 1), date(2026, 6, 30), allowance=2)


def test_a_warranty_covers_its_product_on_its_days() -> None:
    said = ruling([WARRANTY], product="machine  havn", categories=(), on=DAY)
    assert (said.standing, said.entitlement_id, said.until) == (Standing.COVERED, 1, date(2026, 12, 31))
    assert said.sentence == "The warranty for Machine Havn covers it, until 2026-12-31."


@pytest.mark.parametrize("on", [date(2025, 1, 1), date(2026, 12, 31)])
def test_its_first_and_last_day_count(on: date) -> None:
    assert ruling([WARRANTY], product="Machine Havn", categories=(), on=on).standing is Standing.COVERED


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2027, 1, 1), "The warranty for Machine Havn ended on 2026-12-31."),
        (date(2024, 12, 31), "The warranty for Machine Havn begins on 2025-01-01 only."),
    ],
)
def test_the_day_after_and_the_day_before_are_not_covered(on: date, words: str) -> None:
    said = ruling([WARRANTY], product="Machine Havn", categories=(), on=on)
    assert (said.standing, said.sentence) == (Standing.UNCOVERED, words)


def test_another_product_is_not_covered() -> None:
    said = ruling([WARRANTY], product="Grinder", categories=(), on=DAY)
    assert said.standing is Standing.UNCOVERED
    assert "“Grinder”" in said.sentence


def test_without_a_product_nobody_knows() -> None:
    said = ruling([WARRANTY], product="", categories=(), on=DAY)
    assert (said.standing, said.sentence) == (
        Standing.UNKNOWN,
        "Say which product it is about: Machine Havn.",
    )


def test_a_contract_for_every_product_needs_none() -> None:
    assert ruling([CONTRACT], product="", categories=(), on=DAY).standing is Standing.COVERED


def test_an_allowance_is_used_up() -> None:
    said = ruling([replace(CONTRACT, used=2)], product="", categories=(), on=DAY)
    assert (said.standing, said.sentence) == (
        Standing.UNCOVERED,
        "The contract has covered its 2 cases already.",
    )
    assert "case 2 of 2" in ruling([replace(CONTRACT, used=1)], product="", categories=(), on=DAY).sentence


def test_what_uses_nothing_up_covers_first() -> None:
    assert ruling([CONTRACT, WARRANTY], product="Machine Havn", categories=(), on=DAY).entitlement_id == 1


def test_only_its_categories_are_covered() -> None:
    faults = replace(WARRANTY, category_ids=frozenset({7}))
    product = "Machine Havn"
    assert ruling([faults], product=product, categories={7, 9}, on=DAY).standing is Standing.COVERED
    other = ruling([faults], product=product, categories={8}, on=DAY, category="Advice")
    assert (other.standing, other.sentence) == (
        Standing.UNCOVERED,
        "The warranty does not cover “Advice”.",
    )
    assert ruling([faults], product=product, categories=(), on=DAY).standing is Standing.UNKNOWN


@given(
    st.lists(
        st.builds(
            lambda number, start, length, allowance, used: replace(
                WARRANTY,
                id=number,
                starts_on=DAY + timedelta(days=start),
                ends_on=DAY + timedelta(days=start + length),
                allowance=allowance,
                used=used,
            ),
            st.integers(1, 9),
            st.integers(-9, 9),
            st.integers(0, 9),
            st.none() | st.integers(1, 3),
            st.integers(0, 4),
        ),
        max_size=5,
    )
)
def test_it_is_covered_exactly_when_one_holds_on_the_day_and_is_not_used_up(held: list[Held]) -> None:
    said = ruling(held, product="Machine Havn", categories=(), on=DAY)
    holds = [one for one in held if one.starts_on <= DAY <= one.ends_on and not one.is_used_up]
    assert (said.standing is Standing.COVERED) == bool(holds)
    assert said.standing is not Standing.UNKNOWN


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("My machine HAVN leaks", "Machine Havn"),
        ("My Machine Havn Pro leaks", "Machine Havn Pro"),
        ("The machine Havnt leaks", ""),
        ("Machine Havn or Grinder?", ""),
        ("Where is my parcel?", ""),
    ],
)
def test_the_words_name_one_product_or_none(words: str, found: str) -> None:
    assert named_in(words, ["Machine Havn", "Machine Havn Pro", "Grinder"]) == found
