"""Which words somebody may have meant who typed another: few letters away, and the more usual the better."""

from __future__ import annotations

from collections.abc import Iterable

MOST_MEANT = 3
SHORTEST = 3
"""A shorter word is too much like too many others."""


def meant_by(typed: str, candidates: Iterable[tuple[str, int]], *, begun: bool = False) -> list[str]:
    """The candidates fewest edits away from `typed`, up to MOST_MEANT of them, the most frequent first.

    A candidate is a word and how often it is used. Up to five letters forgive one edit, more forgive
    two, the first of the usual tolerance for fuzzy search (Elasticsearch's `fuzziness: AUTO`). With
    `begun` the word is not finished: it is compared with as much of each candidate.
    """
    if len(typed) < SHORTEST or any(letter.isdigit() for letter in typed):
        return []
    most = 1 if len(typed) <= 5 else 2
    scored: list[tuple[int, int, str]] = []
    for word, used in candidates:
        seen = word[: len(typed)] if begun and len(word) > len(typed) else word
        if abs(len(seen) - len(typed)) <= most and (away := edits(typed, seen)) <= most:
            scored.append((away, -used, word))
    if not scored:
        return []
    nearest = min(scored)[0]
    return [word for away, _, word in sorted(scored)[:MOST_MEANT] if away == nearest]


def edits(one: str, other: str) -> int:
    """Letters put in, left out, changed, or swapped with their neighbour (optimal string alignment)."""
    before, row = [], list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, last, row = row, before, [i]
        for j, beside in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != beside))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == beside:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
