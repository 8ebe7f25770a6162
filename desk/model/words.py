"""The words of a text, as search counts them: in lower case, in one form of writing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LONGEST_WORD = 64
SIGNS = "".join(sign for sign in map(chr, range(0x300, 0x1A00)) if unicodedata.category(sign)[0] == "M")
"""Signs on, under and after letters, such as the vowels of Hindi and Thai, for a set in a pattern: they are
part of the word, as they are to PostgreSQL, and no `\\w` to Python."""

WORD = re.compile(rf"\w[\w{SIGNS}]*")
"""A word of any language, with the signs on its letters."""


def words_in(text: str) -> Iterator[str]:
    """Every word in its order, repeated ones as well: letters and digits only, so none is an operator."""
    plain = unicodedata.normalize("NFKC", text).replace("\0", " ").casefold()
    return (word for word in WORD.findall(plain) if len(word) <= LONGEST_WORD)


def distinct_words(text: str) -> list[str]:
    """The words in the order in which they first stand."""
    return list(dict.fromkeys(words_in(text)))
