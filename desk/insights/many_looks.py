"""Many looks at once: whoever tests a hundred things finds five by chance, and this takes them off."""

from __future__ import annotations

from collections.abc import Sequence


def adjusted(chances: Sequence[float]) -> list[float]:
    """The p-values, adjusted for how many there are, in their order (Benjamini and Hochberg, 1995).

    Of all that are called at an adjusted value of at most `a`, a share of `a` is called wrongly in the long
    run, also where tests lean on each other as a whole leans on its parts (Benjamini and Yekutieli, 2001).
    """
    found = [1.0] * len(chances)
    smallest = 1.0
    for rank, at in sorted(enumerate(sorted(range(len(chances)), key=chances.__getitem__), 1), reverse=True):
        smallest = min(smallest, chances[at] * (len(chances) / rank))
        found[at] = smallest
    return found
