"""Words that mean the same."""

from __future__ import annotations

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
