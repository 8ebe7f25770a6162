"""The lexical channel: words and parts of words, for product names, error codes and every language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from desk.insights.vectors import Vectors, unit_rows

DIMENSIONS = 128
MAX_PARTS = 60_000
TRANSFORMED_AT_ONCE = 20_000


@dataclass(frozen=True)
class LexicalSpace:
    """TF-IDF of words, pairs of words and parts of words, shortened to its main directions (LSA).

    Deerwester et al. 1990; parts of words (3 to 5 letters) carry misspelt and compound words, and languages
    that write without spaces.
    """

    words: TfidfVectorizer | None
    parts: TfidfVectorizer
    directions: TruncatedSVD

    @classmethod
    def learnt_from(cls, texts: Sequence[str]) -> LexicalSpace:
        """Raises ValueError where no two letters stand together in any text."""
        rarest = 2 if len(texts) > 500 else 1
        parts = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=rarest, dtype=np.float32,
            max_features=MAX_PARTS,
        )  # fmt: skip
        words: TfidfVectorizer | None = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, min_df=rarest, dtype=np.float32
        )
        of_parts = parts.fit_transform(texts)
        try:
            assert words is not None
            features = normalize(sparse.hstack([words.fit_transform(texts), of_parts]).tocsr())
        except ValueError:
            # A word of one letter is none to scikit-learn; texts may have no others.
            words, features = None, of_parts
        size = max(1, min(DIMENSIONS, min(features.shape) - 1))
        # Where all texts are alike there is no variance to explain, and scikit-learn divides by it.
        with np.errstate(invalid="ignore"):
            return cls(words, parts, TruncatedSVD(size, n_iter=3, random_state=0).fit(features))

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One unit row a text."""
        rows = [
            self.directions.transform(self._features(texts[first : first + TRANSFORMED_AT_ONCE]))
            for first in range(0, len(texts), TRANSFORMED_AT_ONCE)
        ]
        return unit_rows(np.asarray(np.vstack(rows), np.float32))

    def _features(self, texts: Sequence[str]) -> sparse.csr_matrix:
        of_parts = self.parts.transform(texts)
        if self.words is None:
            return of_parts
        return normalize(sparse.hstack([self.words.transform(texts), of_parts]).tocsr())
