"""Words that mean the same, and what is masked before a search is kept."""

from __future__ import annotations

import pytest

from desk.kb.private import masked
from desk.kb.synonyms import group_of, with_synonyms

GROUPS = [["coffee maker", "espresso machine", "machine"], ["fee", "cost"]]


def test_a_phrase_is_one_unit_and_the_longest_counts() -> None:
    assert with_synonyms(["espresso", "machine", "fee"], GROUPS) == [
        ("espresso machine", "coffee maker", "machine"),
        ("fee", "cost"),
    ]
    assert with_synonyms(["machine", "leaks"], GROUPS) == [
        ("machine", "coffee maker", "espresso machine"),
        ("leaks",),
    ]


def test_what_is_typed_twice_is_sought_once() -> None:
    assert with_synonyms(["fee", "fee"], []) == [("fee",)]


def test_a_group_is_kept_in_one_form() -> None:
    assert group_of([" Coffee  Maker", "coffee maker", "!", "Café"]) == ["coffee maker", "café"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("where is order 4711982", "where is order [number]"),
        ("cleo@example.org login", "[email] login"),
        ("call +44 20 7946 0958", "call [phone]"),
        ("error 404 on model X7", "error 404 on model X7"),
        ("KX-20931 late", "[number] late"),
    ],
)
def test_what_could_name_a_person_is_masked(typed: str, kept: str) -> None:
    assert masked(typed) == kept
