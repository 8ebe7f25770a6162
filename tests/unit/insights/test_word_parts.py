"""Parts of words are those of scikit-learn, which takes every text apart by itself."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from desk.insights.word_parts import WordParts
from tests.unit.insights.asked import QUESTIONS

TEXTS = [*QUESTIONS, "Wo ist  mein PAKET, bitte?", "荷物は どこ", "İstanbul a b\tb", "", "\u00a0 x\n"]


def test_features_are_those_of_whole_texts() -> None:
    whole = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, dtype=np.float32, min_df=2
    )
    expected = whole.fit_transform(TEXTS)
    parts, learnt = WordParts.learnt_from(TEXTS, rarest=2, most=60_000)
    assert parts.names.tolist() == whole.get_feature_names_out().tolist()
    again = WordParts.known(parts.names, parts.rarity.idf_).features([*TEXTS, "a new refundable word"])
    later = whole.transform(["a new refundable word"])
    assert np.allclose(learnt.toarray(), expected.toarray(), atol=1e-6)
    assert np.allclose(again.toarray(), np.vstack([expected.toarray(), later.toarray()]), atol=1e-6)


def test_of_too_many_the_most_frequent_are_kept() -> None:
    parts, learnt = WordParts.learnt_from(["abc abc", "abc", "xyz"], rarest=1, most=2)
    assert set(parts.names.tolist()) <= {" ab", " abc", " abc ", "abc", "abc ", "bc "}
    assert learnt.shape == (3, 2)


@pytest.mark.parametrize(("texts", "rarest"), [([], 1), (["", " "], 1), (["abc", "xyz"], 2)])
def test_where_there_are_none_it_is_said(texts: list[str], rarest: int) -> None:
    with pytest.raises(ValueError, match=r"vocabulary|stands in enough"):
        WordParts.learnt_from(texts, rarest, 10)


def test_texts_without_a_word_have_no_features() -> None:
    parts, _ = WordParts.learnt_from(["abc"], 1, 10)
    assert parts.features(["", " "]).nnz == 0
