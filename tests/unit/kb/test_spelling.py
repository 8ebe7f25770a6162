"""What somebody meant who typed another word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desk.kb.spelling import edits, meant_by

words = st.text(alphabet="abcde", max_size=8)


def test_swapped_letters_are_one_edit() -> None:
    assert edits("desclae", "descale") == 1
    assert edits("ordr", "order") == 1
    assert edits("", "abc") == 3


@given(words, words)
def test_the_way_there_is_as_long_as_the_way_back(one: str, other: str) -> None:
    assert edits(one, other) == edits(other, one)
    assert (edits(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= edits(one, other) <= max(len(one), len(other))


def test_the_nearest_is_meant_and_of_equals_the_more_frequent() -> None:
    candidates = [("grinder", 4), ("grinders", 9), ("grind", 50)]
    assert meant_by("grindr", candidates) == ["grind", "grinder"]
    assert meant_by("grinderr", candidates) == ["grinders", "grinder"]


def test_a_short_word_forgives_one_edit_only() -> None:
    assert meant_by("cup", [("cap", 3), ("tab", 9)]) == ["cap"]
    assert meant_by("steam", [("storm", 5)]) == []


def test_nothing_is_guessed_of_a_very_short_word_or_a_number() -> None:
    assert meant_by("ab", [("abc", 1)]) == []
    assert meant_by("e404", [("e405", 1)]) == []


def test_an_unfinished_word_is_compared_with_as_much_of_the_others() -> None:
    assert meant_by("desca", [("delay", 2), ("deskaling", 1)], begun=True) == ["deskaling"]
