"""Parts of words, three to five letters each, and how telling they are.

A word has the same parts wherever it stands. So they are taken apart once for each word, and a text's are the
sum of its words': a product of two sparse matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

LETTERS = (3, 5)


@dataclass(frozen=True)
class WordParts:
    """`names` are the parts that are known, a blank where a word begins or ends; `rarity` is their IDF."""

    names: NDArray[np.str_]
    rarity: TfidfTransformer

    @classmethod
    def learnt_from(cls, texts: Sequence[str], rarest: int, most: int) -> tuple[WordParts, sparse.csr_matrix]:
        """The parts that stand in `rarest` of these texts at least, of more than `most` the most frequent,
        and the features of the texts. Raises ValueError where there are none."""
        counter = _counter()
        words, distinct = _by_words(texts)
        counts = _sorted(words @ counter.fit_transform(distinct))
        kept = np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]) >= rarest)
        if not len(kept):
            raise ValueError("No part of a word stands in enough of the texts.")
        if len(kept) > most:
            often = np.asarray(counts.sum(0)).ravel()[kept]
            kept = np.sort(kept[np.argsort(-often, kind="stable")[:most]])
        counts = counts[:, kept]
        rarity = TfidfTransformer(sublinear_tf=True).fit(counts)
        names = counter.get_feature_names_out()[kept].astype(np.str_)
        return cls(names, rarity), rarity.transform(counts, copy=False)

    @classmethod
    def known(cls, names: NDArray[np.str_], rarity: NDArray[np.float32]) -> WordParts:
        """The same again from its `names` and their IDF."""
        transformer = TfidfTransformer(sublinear_tf=True)
        transformer.idf_ = rarity
        return cls(names, transformer)

    def features(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """TF-IDF of the parts of each text, with a logarithm of how often it has them: rows of length 1."""
        words, distinct = _by_words(texts)
        if not distinct:
            return sparse.csr_matrix((len(texts), len(self.names)), dtype=np.float32)
        return self.rarity.transform(_sorted(words @ self._known.transform(distinct)), copy=False)

    @cached_property
    def _known(self) -> CountVectorizer:
        """Kept, as some ten thousand names take longer to be told than a few words to be taken apart."""
        return _counter(vocabulary=self.names.tolist())


def _counter(vocabulary: Sequence[str] | None = None) -> CountVectorizer:
    return CountVectorizer(
        analyzer="char_wb", ngram_range=LETTERS, lowercase=False, dtype=np.float32, vocabulary=vocabulary
    )


def _by_words(texts: Sequence[str]) -> tuple[sparse.csr_matrix, list[str]]:
    """How often each text has each word, and the words."""
    places: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    for text in texts:
        columns.extend(places.setdefault(word, len(places)) for word in text.lower().split())
        ends.append(len(columns))
    counts = np.ones(len(columns), np.float32)
    return sparse.csr_matrix((counts, columns, ends), shape=(len(texts), len(places))), list(places)


def _sorted(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    counts.sort_indices()
    return counts
