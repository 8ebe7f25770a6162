"""Which solved cases are like a new one, and several rankings as one."""

from __future__ import annotations

from desk.kb.likeness import fused, solved_alike

WORDS = ["hello", "grinder", "leaks", "seal", "water"]


def test_cases_that_share_what_is_rare_are_alike() -> None:
    cases = {
        1: ["hello", "grinder", "leaks", "water"],
        2: ["hello"],
        3: ["hello", "water"],
        **{number: ["hello"] for number in range(4, 12)},
    }
    assert list(solved_alike(WORDS, cases)) == [1]


def test_a_case_that_shares_all_words_is_the_most_alike() -> None:
    found = solved_alike(WORDS, {1: WORDS, 2: ["grinder", "leaks", "seal"]})
    assert found[1] == 1 and found[1] > found[2]


def test_nothing_is_like_nothing() -> None:
    assert solved_alike([], {}) == {}
    assert solved_alike(WORDS, {}) == {}


def test_what_both_rankings_hold_stands_before_what_one_holds() -> None:
    assert fused([1, 2, 3], [3, 4]) == [3, 1, 2, 4]
    assert fused() == []
