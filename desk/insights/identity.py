"""The same topic after a new discovery: its identity goes to the one that holds most of its questions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from desk.insights.vectors import Labels

LEAST_COMMON = 0.3
"""A topic keeps its identity only if it has this much in common with the former one (Jaccard)."""

LARGE_PART = 0.25
NO_TOPIC = -1


@dataclass(frozen=True)
class Aligned:
    """`former` maps a new topic to the one whose identity it keeps; `fresh` have a new one, `retired` lost
    theirs.

    `splits` are (former topic, fresh topic that holds a large part of it), `merges` are (retired topic,
    topic that now holds most of it): with these, history can be told again.
    """

    former: dict[int, int]
    fresh: tuple[int, ...]
    retired: tuple[int, ...]
    splits: tuple[tuple[int, int], ...]
    merges: tuple[tuple[int, int], ...]


def aligned(before: Labels, after: Labels) -> Aligned:
    """Both label the same questions, a former and a new discovery; -1 is no topic.

    The assignment with the most questions in common (Kuhn 1955).
    """
    common = _common(before, after)
    olds, news = common.shape
    sizes_before = np.bincount(before[before >= 0], minlength=olds)
    sizes_after = np.bincount(after[after >= 0], minlength=news)
    rows, columns = linear_sum_assignment(-common)
    former = {
        int(new): int(old)
        for old, new in zip(rows, columns, strict=True)
        if common[old, new] > LEAST_COMMON * (sizes_before[old] + sizes_after[new] - common[old, new])
    }
    fresh = tuple(new for new in range(news) if new not in former)
    retired = tuple(old for old in range(olds) if old not in former.values())
    splits = [
        (old, new)
        for new in fresh
        for old in range(olds)
        if common[old, new] > LARGE_PART * sizes_before[old]
    ]
    merges = []
    for old in retired:
        largest = int(common[old].argmax()) if news else NO_TOPIC
        if largest in former and common[old, largest] > 0.5 * sizes_before[old]:
            merges.append((old, largest))
    return Aligned(former, fresh, retired, tuple(splits), tuple(merges))


def kept(before: Labels, after: Labels) -> float:
    """The share of the questions with a topic before whose topic kept its identity, 0 to 1."""
    former = aligned(before, after).former
    counted = before >= 0
    if not counted.any():
        return 1.0
    same = [former.get(int(new), -2) == old for old, new in zip(before[counted], after[counted], strict=True)]
    return float(np.mean(same))


def _common(before: Labels, after: Labels) -> np.ndarray:
    table = np.zeros((int(before.max(initial=-1)) + 1, int(after.max(initial=-1)) + 1), np.int64)
    both = (before >= 0) & (after >= 0)
    np.add.at(table, (before[both], after[both]), 1)
    return table
