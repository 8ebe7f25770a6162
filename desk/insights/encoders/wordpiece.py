"""WordPiece as BERT's uncased models read it (Devlin et al. 2018): words to pieces of a fixed vocabulary.

Ours, because the usual package brings a client of a model hub and a dozen more along; a test holds it to the
pieces that package gave.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_WORD = 100
UNKNOWN, START, END = "[UNK]", "[CLS]", "[SEP]"

# What stands alone: every mark, and the signs of scripts that write without spaces.
_ALONE = re.compile(r"([!-/:-@\[-`{-~]|[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ceaf])")


class WordPiece:
    """Pieces and their numbers; the number of a piece is its line in the vocabulary."""

    def __init__(self, vocabulary: str) -> None:
        self._numbers = {piece: number for number, piece in enumerate(vocabulary.split("\n")) if piece}
        self._pieces_of = lru_cache(maxsize=100_000)(self._divided)

    def pieces(self, text: str) -> list[str]:
        """The pieces of a text; `##` marks one that goes on with a word."""
        return [piece for word in _words(text) for piece in self._pieces_of(word)]

    def numbers(self, text: str, most: int) -> list[int]:
        """The numbers of the first pieces between those of START and END, `most` in all."""
        numbers = [self._numbers[piece] for piece in self.pieces(text)[: most - 2]]
        return [self._numbers[START], *numbers, self._numbers[END]]

    def _divided(self, word: str) -> tuple[str, ...]:
        if len(word) > MAX_WORD:
            return (UNKNOWN,)
        pieces: list[str] = []
        first = 0
        while first < len(word):
            for last in range(len(word), first, -1):
                piece = ("##" if first else "") + word[first:last]
                if piece in self._numbers:
                    pieces.append(piece)
                    first = last
                    break
            else:
                return (UNKNOWN,)
        return tuple(pieces)


def _words(text: str) -> list[str]:
    if not text.isascii():
        text = text.replace("\ufffd", "")
        text = "".join(
            sign for sign in unicodedata.normalize("NFD", text) if unicodedata.category(sign) != "Mn"
        )
    words: list[str] = []
    for word in _ALONE.sub(r" \1 ", text.lower()).split():
        if word.isascii():
            words.append("".join(sign for sign in word if sign.isprintable()))
        else:
            words += _at_marks("".join(sign for sign in word if unicodedata.category(sign)[0] != "C"))
    return [word for word in words if word]


def _at_marks(word: str) -> list[str]:
    """A word divided at the marks of every script."""
    words = [""]
    for sign in word:
        if unicodedata.category(sign)[0] == "P":
            words += [sign, ""]
        else:
            words[-1] += sign
    return words
