"""A question as the mean of its words, each word encoded once: the lighter rung.

A million questions have some ten thousand words, so that this costs seconds where whole questions cost an
hour. Frequent words weigh less (smooth inverse frequency, Arora et al. 2017). The weights are those of
`minilm.py`, so there is no other licence to look after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from desk.insights.encoders.learnt import Learnt
from desk.insights.encoders.minilm import DIMENSIONS, MiniLm
from desk.insights.vectors import Vectors, unit_rows
from desk.model.words import WORD

FREQUENT = 1e-3


class WordMeans:
    """Learns the words of the first texts it is given; words that come later weigh as much as a rare one."""

    name = "words"
    lexical_share = 0.30

    def __init__(self, words: MiniLm) -> None:
        self._encoder = words
        self.model_id = f"words-of:{words.model_id}"
        self._frequencies: dict[str, float] = {}
        self._known: dict[str, int] = {}
        self._vectors = np.zeros((0, DIMENSIONS), np.float32)
        self._mean = np.zeros(DIMENSIONS, np.float32)

    @property
    def learnt(self) -> Learnt:
        """What another process needs in order to read as this one does."""
        return Learnt(self._frequencies, self._mean)

    def believe(self, learnt: Learnt) -> None:
        """Read from now on as the one that learnt this does."""
        self._frequencies, self._mean = dict(learnt.frequencies), learnt.mean

    def covers(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """As the encoder of its words does."""
        return self._encoder.covers(texts)

    def encode(self, texts: Sequence[str], told: Callable[[int], None] = lambda done: None) -> Vectors:
        """One unit row of 384 float32 a text; a row of zeros where there is no word."""
        spoken = [WORD.findall(text.lower()) for text in texts]
        counted = Counter(word for words in spoken for word in words)
        first = not self._frequencies
        if first:
            total = sum(counted.values())
            self._frequencies = {word: count / total for word, count in counted.items()}
        self._learn(sorted(word for word in counted if word not in self._known))
        if first and len(self._vectors):
            self._mean = self._vectors.mean(0)
        rows = [row for row, words in enumerate(spoken) for _ in words]
        columns = [self._known[word] for words in spoken for word in words]
        weights = [FREQUENT / (FREQUENT + self._frequencies.get(w, 0)) for words in spoken for w in words]
        said = sparse.csr_array(
            (weights, (rows, columns)), shape=(len(texts), len(self._vectors)), dtype=np.float32
        )
        told(len(texts))
        return unit_rows(np.asarray(said @ (self._vectors - self._mean)))

    def _learn(self, words: list[str]) -> None:
        if words:
            self._known |= {word: len(self._known) + place for place, word in enumerate(words)}
            self._vectors = np.vstack([self._vectors, self._encoder.encode(words)])
