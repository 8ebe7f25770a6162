"""What a topic is called: one of its own questions, and the words that set it apart.

A title is the question nearest the centre among the short ones: a whole question, as somebody wrote it, but
for the capital it begins with, and one that greets only where all do. Words
are those by which its language differs most from all the others', nearest the centre in meaning, no two alike
(MMR, Carbonell & Goldstein 1998).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from desk.insights.boilerplate import sentences_of
from desk.insights.vectors import Labels, Vectors
from desk.model.greeting import greets
from desk.model.words import SIGNS

_WORD = re.compile(rf"\b[^\W\d_][\w'’{SIGNS}-]*[\w{SIGNS}]")

TITLE_WORDS = (3, 12)
TITLE_LETTERS = 90
CANDIDATES = 12
WORDS = 5
EXAMPLES = 3
TELLING = 0.2
"""A word worth less than this share of the topic's best one is not shown, nor is a pair with it."""

ALIKE = 0.3
"""How much of a candidate's worth is lost by being like one already taken (1 - lambda of MMR)."""


def typical(
    vectors: Vectors, questions: Sequence[str], centre: Vectors, rows: NDArray[np.int64]
) -> list[str]:
    """The title, then up to EXAMPLES other questions of the topic: near its centre, and not all alike."""
    closeness = vectors[rows] @ centre
    order = rows[np.lexsort((rows, -closeness))]
    short = [row for row in order if _is_title(questions[row])] or list(order)
    plain = [row for row in short if not greets(questions[row])]
    title = (plain or short)[0]
    others = plain if len(plain) > EXAMPLES else short
    near = [row for row in others if row != title][: max(20, len(rows) // 4)]
    chosen = _diverse(vectors[near], vectors[near] @ centre, EXAMPLES, taken=vectors[[title]])
    return [titled(questions[title]), *(shortened(questions[near[place]]) for place in chosen)]


def telling_words(
    questions: Sequence[str], labels: Labels, centres: Vectors, vectors_of: Callable[[list[str]], Vectors]
) -> list[list[str]]:
    """Up to WORDS words or pairs of words for each topic 0, 1, …"""
    count = len(centres)
    documents = [[] for _ in range(count)]  # type: list[list[str]]
    for question, label in zip(questions, labels, strict=True):
        if label >= 0:
            documents[label].append(question)
    counter = CountVectorizer(ngram_range=(1, 2), token_pattern=_WORD.pattern)
    try:
        counts = counter.fit_transform("\n".join(document) for document in documents).tocsr()
    except ValueError:
        return [[] for _ in range(count)]
    names = [str(name) for name in counter.get_feature_names_out()]
    worths = _worths(counts)
    candidates = [_candidates(names, counts[[topic]].indices, worths[topic]) for topic in range(count)]
    unique = sorted({word for words in candidates for word in words})
    if not unique:
        return [[] for _ in range(count)]
    place = {word: number for number, word in enumerate(unique)}
    found = vectors_of(unique)
    telling = []
    for words, centre in zip(candidates, centres, strict=True):
        rows = found[[place[word] for word in words]]
        worth = np.array(list(words.values()))
        ranked = _diverse(rows, rows @ centre + worth / worth.max(initial=1e-9), len(words))
        telling.append(_without_repeats([list(words)[row] for row in ranked])[:WORDS])
    return telling


def _worths(counts: sparse.csr_matrix) -> list[NDArray[np.float64]]:
    """Of each topic's phrases, p log²(p / q): how often it is said here, and how seldom elsewhere.

    What it adds to the distance between the topic's words and everybody's (p log p / q), with the logarithm
    squared so that small words that are merely more frequent here fall behind. No list of stop words, any
    language.
    """
    sizes = np.maximum(np.asarray(counts.sum(1)).ravel(), 1)
    usual = np.asarray(counts.sum(0)).ravel() / sizes.sum()
    worths = []
    for topic, size in enumerate(sizes):
        row = counts[[topic]]
        here = row.data / size
        apart = np.log(here / usual[row.indices])
        worths.append(here * apart * np.abs(apart))
    return worths


def _candidates(
    names: list[str], columns: NDArray[np.int32], worths: NDArray[np.float64]
) -> dict[str, float]:
    """The phrases of highest worth, with it; a pair only of words that tell something themselves."""
    worth = {names[column]: float(value) for column, value in zip(columns, worths, strict=True)}
    best = max(worth.values(), default=0)
    telling = {
        phrase: value
        for phrase, value in worth.items()
        if value > 0 and all(worth.get(word, 0) > TELLING * best for word in phrase.split())
    }
    return dict(sorted(telling.items(), key=lambda one: (-one[1], one[0]))[:CANDIDATES])


def _without_repeats(ranked: list[str]) -> list[str]:
    """Less phrases with a word that a better one has: beside "shopping list", "shopping" tells no more."""
    kept: list[str] = []
    for phrase in ranked:
        if not any(set(phrase.split()) & set(better.split()) for better in kept):
            kept.append(phrase)
    return kept


def _is_title(question: str) -> bool:
    return TITLE_WORDS[0] <= len(question.split()) <= TITLE_WORDS[1] and len(question) <= TITLE_LETTERS


def _diverse(vectors: Vectors, worth: Vectors, count: int, taken: Vectors | None = None) -> list[int]:
    """Rows of the highest worth, less what they share with those taken before."""
    chosen: list[int] = []
    alike = (vectors @ taken.T).max(1) if taken is not None and len(vectors) else np.zeros(len(vectors))
    while len(chosen) < min(count, len(vectors)):
        value = (1 - ALIKE) * worth - ALIKE * alike
        value[chosen] = -np.inf
        chosen.append(int(value.argmax()))
        alike = np.maximum(alike, vectors @ vectors[chosen[-1]])
    return chosen


def titled(question: str) -> str:
    """A question as a name: what it asks, without a full stop, and with a capital unless its first word has
    one already (“iPhone”)."""
    words = _asked(shortened(question))
    words = words if words.endswith("..") else words.removesuffix(".")
    first = words.partition(" ")[0]
    return words if first != first.lower() else words[:1].upper() + words[1:]


def _asked(words: str) -> str:
    """Of a long text the first sentence that asks, else that tells; of a long sentence its beginning."""
    if len(words) <= TITLE_LETTERS:
        return words
    telling = [one for one in sentences_of(words) if len(one.split()) >= TITLE_WORDS[0] and not greets(one)]
    best = next((one for one in telling if one.endswith("?")), (telling or [words])[0])
    if len(best) <= TITLE_LETTERS:
        return best
    return best[:TITLE_LETTERS].rpartition(" ")[0].rstrip(",;:-– ") + "…"


def shortened(question: str) -> str:
    """A question as it is shown: on one line, and of 200 letters at most."""
    words = re.sub(r"\s+", " ", question).strip()
    return words if len(words) <= 200 else words[:199].rstrip() + "…"
