"""The lexical channel: words and parts of words, for product names, error codes and every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from desk.insights.vectors import Vectors, unit_rows
from desk.insights.word_parts import WordParts

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
    parts: WordParts
    directions: TruncatedSVD

    @classmethod
    def learnt_from(cls, texts: Sequence[str]) -> tuple[LexicalSpace, Vectors]:
        """The space, and where these texts are in it (unit rows).

        Raises ValueError where no two letters stand together in any text.
        """
        rarest = 2 if len(texts) > 500 else 1
        parts, of_parts = WordParts.learnt_from(texts, rarest, MAX_PARTS)
        words = _words(min_df=rarest)
        known: TfidfVectorizer | None = words
        try:
            features = normalize(sparse.hstack([words.fit_transform(texts), of_parts]).tocsr())
        except ValueError:
            # A word of one letter is none to scikit-learn; texts may have no others.
            known, features = None, of_parts
        size = max(1, min(DIMENSIONS, min(features.shape) - 1))
        # Where all texts are alike there is no variance to explain, and scikit-learn divides by it.
        with np.errstate(invalid="ignore"):
            space = cls(known, parts, TruncatedSVD(size, n_iter=3, random_state=0).fit(features))
        return space, unit_rows(np.asarray(space.directions.transform(features), np.float32))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> LexicalSpace:
        """The same space again from what `arrays` gave."""
        directions = TruncatedSVD(len(arrays["directions"]))
        directions.components_ = arrays["directions"].astype(np.float32)
        directions.n_features_in_ = directions.components_.shape[1]
        words = _words(vocabulary=arrays["words"].tolist()) if len(arrays["words"]) else None
        parts = WordParts.known(arrays["parts"], arrays["parts_rarity"])
        if words is not None:
            words.idf_ = arrays["words_rarity"]
        return cls(words, parts, directions)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays that hold all of it; directions in half the precision, which moves a cosine by less
        than a thousandth."""
        nothing: NDArray[Any] = np.zeros(0, np.str_)
        return {
            "parts": self.parts.names,
            "parts_rarity": self.parts.rarity.idf_,
            "words": nothing if self.words is None else self.words.get_feature_names_out().astype(np.str_),
            "words_rarity": np.zeros(0) if self.words is None else self.words.idf_,
            "directions": self.directions.components_.astype(np.float16),
        }

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One unit row a text."""
        rows = [
            self.directions.transform(self._features(texts[first : first + TRANSFORMED_AT_ONCE]))
            for first in range(0, len(texts), TRANSFORMED_AT_ONCE)
        ]
        return unit_rows(np.asarray(np.vstack(rows), np.float32))

    def _features(self, texts: Sequence[str]) -> sparse.csr_matrix:
        of_parts = self.parts.features(texts)
        if self.words is None:
            return of_parts
        return normalize(sparse.hstack([self.words.transform(texts), of_parts]).tocsr())


def _words(**learning: Any) -> TfidfVectorizer:
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32, **learning)
