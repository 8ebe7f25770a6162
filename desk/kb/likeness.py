"""Which articles solved cases like this one, judged by the words that the cases share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

ALIKE = 0.25
"""Cases are alike that share this much of the weight of a case's words …"""

SHARED = 3
"""… and so many words at least."""


def solved_alike(words: Sequence[str], cases: Mapping[int, Sequence[str]]) -> dict[int, float]:
    """The cases like the one with these words: case to likeness, from ALIKE to 1.

    `cases` are solved ones, each with the words that it shares. A word weighs by how few of the
    cases hold it, as in BM25 (Robertson and Zaragoza 2009, 3.1): a word of every letter, such as
    a greeting, is worth little once there are a few of them.
    """
    count = len(cases)
    held = dict.fromkeys(words, 0)
    for shared in cases.values():
        for word in shared:
            held[word] += 1
    weights = {word: math.log(1 + (count - used + 0.5) / (used + 0.5)) for word, used in held.items()}
    whole = sum(weights.values())
    alike = {
        case_id: sum(weights[word] for word in shared) / whole
        for case_id, shared in cases.items()
        if len(shared) >= min(SHARED, len(words))
    }
    return {case_id: likeness for case_id, likeness in alike.items() if likeness >= ALIKE}


def fused(*rankings: Sequence[int], steadiness: int = 3) -> list[int]:
    """Several rankings as one: reciprocal rank fusion (Cormack, Clarke, Büttcher 2009).

    A small `steadiness` lets the first of each ranking stand out, as short lists want it.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for place, one in enumerate(ranking):
            scores[one] = scores.get(one, 0.0) + 1 / (steadiness + place)
    return sorted(scores, key=lambda one: (-scores[one], one))
