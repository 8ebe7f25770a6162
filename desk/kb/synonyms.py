"""Words and phrases that mean the same: each word typed, with those that count as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from desk.model.words import words_in

LONGEST_PHRASE = 4


def with_synonyms(typed: Sequence[str], groups: Iterable[Sequence[str]]) -> list[tuple[str, ...]]:
    """The words as typed, each with its synonyms behind it; a phrase of a group is one unit of several words.

    Of phrases that begin at the same word the longest counts. A word comes once.
    """
    meaning: dict[str, list[str]] = {}
    for group in groups:
        for word in group:
            meaning.setdefault(word, []).extend(other for other in group if other != word)
    units: list[tuple[str, ...]] = []
    place = 0
    while place < len(typed):
        length = next(
            (
                many
                for many in range(min(LONGEST_PHRASE, len(typed) - place), 1, -1)
                if " ".join(typed[place : place + many]) in meaning
            ),
            1,
        )
        unit = " ".join(typed[place : place + length])
        units.append((unit, *dict.fromkeys(meaning.get(unit, ()))))
        place += length
    return list(dict.fromkeys(units))


def group_of(words: Iterable[str]) -> list[str]:
    """What a manager typed as one group, as it is compared: in lower case, each once, empty ones left out."""
    plain = (" ".join(words_in(word)) for word in words)
    return list(dict.fromkeys(word for word in plain if word))
