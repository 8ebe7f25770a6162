"""What changed between two texts."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from desk.kb.diff import Piece, difference

texts = st.text(alphabet="ab \n.", max_size=60)


def test_a_changed_word_is_shown_in_its_place() -> None:
    assert difference("Turn it left.", "Turn it right.") == [
        Piece("same", "Turn it "),
        Piece("removed", "left"),
        Piece("added", "right"),
        Piece("same", "."),
    ]


@given(texts, texts)
def test_the_pieces_make_both_texts(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
    assert all(one.kind != other.kind for one, other in pairwise(pieces))


def test_very_long_texts_are_compared_by_line() -> None:
    before = "word " * 10_000 + "\nend"
    assert difference(before, before + "!")[-1] == Piece("added", "end!")
