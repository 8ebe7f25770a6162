"""Our side of `topics` in a process of its own: python -m benchmarks.topics_process SIDE GIVEN.npz FOUND.npz.

SIDE is `ours`, or `words`: TF-IDF with k-means, told how many topics there are. GIVEN has texts and their
vectors; the last line tells CPU seconds and the peak of memory, as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desk.insights.encoders.learnt import Learnt


class GivenVectors:
    """An encoder that knows the questions it was made with, so that all but encoding is measured."""

    name = "given"
    model_id = "given"
    lexical_share = 0.15
    learnt: None = None

    def __init__(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self._rows = {text: row for row, text in enumerate(texts)}
        self._vectors = vectors
        self._asked = False

    def believe(self, learnt: Learnt) -> None:
        """Changes nothing: its vectors are given."""

    def covers(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """All: what is given is known."""
        return np.ones(len(texts), np.bool_)

    def encode(
        self, texts: Sequence[str], told: Callable[[int], None] = lambda done: None
    ) -> NDArray[np.float32]:
        """The vectors given. Words of labels, asked for later and not scored here, have a row of noughts."""
        if not self._asked and (unknown := [text for text in texts if text not in self._rows]):
            raise SystemExit(f"{len(unknown)} questions have no vector, such as {unknown[0]!r}")
        self._asked = True
        nought = np.zeros(self._vectors.shape[1], np.float32)
        return np.array([self._vectors[self._rows[t]] if t in self._rows else nought for t in texts])


def ours(texts: list[str], vectors: NDArray[np.float32], told_count: int) -> dict[str, Any]:
    """Every step but the encoder."""
    from desk.insights.discovery import discover

    found = discover(texts, GivenVectors(texts, vectors))
    return {"labels": found.labels, "core": found.confidence}


def words(texts: list[str], vectors: NDArray[np.float32], told_count: int) -> dict[str, Any]:
    """TF-IDF of words and parts of words, shortened, and k-means with the true number of topics."""
    from sklearn.cluster import KMeans

    from desk.insights.lexical import LexicalSpace

    _, rows = LexicalSpace.learnt_from(texts)
    return {"labels": KMeans(told_count, n_init=3, random_state=0).fit(rows).labels_}


def main() -> None:
    side, given_path, found_path = sys.argv[1:]
    given = np.load(given_path)
    texts = [str(text) for text in given["texts"]]
    np.savez(found_path, **{"ours": ours, "words": words}[side](texts, given["vectors"], int(given["count"])))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": time.process_time(), "peak_mb": peak}))


if __name__ == "__main__":
    main()
