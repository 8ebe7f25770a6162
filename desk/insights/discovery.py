"""From a heap of questions to topics: clean, encode, cluster, label; the same answer every time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from desk.insights.areas import areas_of
from desk.insights.boilerplate import without_boilerplate
from desk.insights.cleaning import is_askable, question_of
from desk.insights.clustering import clusters_of, smallest_cluster
from desk.insights.encoders.ladder import Encoder
from desk.insights.labelling import telling_words, typical
from desk.insights.space import Space
from desk.insights.vectors import Labels, Vectors, centroids, nearest, renumbered
from desk.model.masking import spoken

DISCOVERED_AT_MOST = 30_000
"""Topics are found among so many questions; the others go to the nearest. More of them find no others."""

NO_TOPIC = -1
FAR = 0.45
"""A question whose cosine to its topic is less than this share of the usual one belongs to none."""

Told = Callable[[str, int, int], None]
"""Hears the step, how much of it is done, and out of how much."""


@dataclass(frozen=True)
class Topic:
    """`number` 0, 1, … by falling size; `label` and `examples` are questions, `words` set it apart."""

    number: int
    label: str
    words: tuple[str, ...]
    examples: tuple[str, ...]
    size: int
    core: int
    area: int


@dataclass(frozen=True)
class Discovery:
    """`labels` holds the topic of each question, or NO_TOPIC; `confidence` its cosine to the topic's centre.

    `space` and `centres` place later questions; None and empty where fewer than two questions differ.
    `unasked` counts the questions without a word.
    """

    topics: tuple[Topic, ...]
    areas: tuple[str, ...]
    labels: Labels
    confidence: NDArray[np.float32]
    space: Space | None
    centres: Vectors
    unasked: int

    @property
    def beyond(self) -> float:
        """The share of the questions in a language that the encoder does not know."""
        return self.space.beyond if self.space else 0.0


def discover(
    texts: Sequence[str], encoder: Encoder | None, told: Told = lambda step, done, total: None
) -> Discovery:
    """The topics of these texts. `encoder` is None for words alone.

    Texts are read as a set with counts, in an order of their own: neither their order, nor chance, nor how
    many cores there are changes anything.
    """
    return discover_among(_questions(texts, told), encoder, told)


def discover_among(
    questions: Sequence[str],
    encoder: Encoder | None,
    told: Told = lambda step, done, total: None,
    times: Sequence[int] | None = None,
) -> Discovery:
    """The same for questions that are clean already, and less what everybody writes.

    `times` says how often each was asked; once, unless it is given.
    """
    counted: Counter[str] = Counter()
    for question, count in zip(questions, times or repeat(1, len(questions)), strict=True):
        if is_askable(question):
            counted[question] += count
    distinct = sorted(counted)
    if len(distinct) < 2:
        return _one(questions, distinct[0], counted[distinct[0]]) if distinct else _nothing(questions)
    # How sums are divided among threads changes their last bits, and with them what lies at an edge.
    with threadpool_limits(limits=1, user_api="blas"):
        return _discovered(questions, distinct, counted, encoder, told)


def _discovered(
    questions: Sequence[str],
    distinct: list[str],
    counted: Counter[str],
    encoder: Encoder | None,
    told: Told,
) -> Discovery:
    chosen = _sample(distinct)
    told("reading", 0, len(chosen))
    try:
        space, vectors = Space.learnt_from(
            [spoken(distinct[row]) for row in chosen],
            encoder,
            lambda done: told("reading", done, len(chosen)),
        )
    except ValueError:
        return _nothing(questions)
    told("grouping", 0, 1)
    labels, core = _grouped(vectors, [counted[distinct[row]] for row in chosen])
    if labels.max(initial=-1) < 0:
        return _nothing(questions)
    centres = centroids(vectors, labels)
    placed, confidence = _placed(space, vectors, chosen, distinct, labels, centres, told)
    placed = np.where(confidence < FAR * np.median(confidence), NO_TOPIC, placed)
    told("naming", 0, 1)
    found = _Found(distinct, [counted[question] for question in distinct], placed, chosen, vectors, core)
    topics, areas = _named(found, centres, space)
    return _spread(questions, distinct, placed, confidence, topics, areas, space, centres)


def _questions(texts: Sequence[str], told: Told) -> list[str]:
    questions = []
    for number, text in enumerate(texts):
        if number % 2000 == 0:
            told("cleaning", number, len(texts))
        questions.append(question_of(text))
    return without_boilerplate(questions)


def _sample(distinct: list[str]) -> NDArray[np.int64]:
    """Rows to find topics among; by a digest, so that a question's part in it hangs on no other."""
    if len(distinct) <= DISCOVERED_AT_MOST:
        return np.arange(len(distinct))
    digests = [hashlib.blake2b(text.encode(), digest_size=8).digest() for text in distinct]
    return np.sort(np.array(sorted(range(len(distinct)), key=digests.__getitem__)[:DISCOVERED_AT_MOST]))


def _grouped(vectors: Vectors, counts: list[int]) -> tuple[Labels, NDArray[np.bool_]]:
    """The cluster of each distinct question. A question asked often stands there as often, up to the size of
    a topic: one question asked by many is a topic of its own."""
    most = smallest_cluster(sum(counts)) + 1
    copies = np.minimum(counts, most)
    rows = np.repeat(np.arange(len(vectors)), copies)
    clusters = clusters_of(vectors[rows])
    firsts = np.concatenate([[0], np.cumsum(copies)[:-1]])
    return renumbered(clusters.labels[firsts]), clusters.core[firsts]


def _placed(
    space: Space,
    vectors: Vectors,
    chosen: NDArray[np.int64],
    distinct: list[str],
    labels: Labels,
    centres: Vectors,
    told: Told,
) -> tuple[Labels, NDArray[np.float32]]:
    """The topic of every distinct question and its cosine: found, or the nearest to what was found."""
    placed = np.empty(len(distinct), np.int64)
    confidence = np.empty(len(distinct), np.float32)
    placed[chosen] = labels
    confidence[chosen] = np.einsum("ij,ij->i", vectors, centres[labels])
    others = np.setdiff1d(np.arange(len(distinct)), chosen)
    for first in range(0, len(others), 20_000):
        told("placing", first, len(others))
        rows = others[first : first + 20_000]
        found = space.vectors([spoken(distinct[row]) for row in rows])
        placed[rows], confidence[rows] = nearest(found, centres)
    return placed, confidence


@dataclass(frozen=True)
class _Found:
    distinct: list[str]
    counts: list[int]
    placed: Labels
    chosen: NDArray[np.int64]
    vectors: Vectors
    core: NDArray[np.bool_]


def _named(found: _Found, centres: Vectors, space: Space) -> tuple[list[Topic], list[str]]:
    """Topics by number as in `found`, and the names of the areas."""
    questions = [found.distinct[row] for row in found.chosen]
    labels = found.placed[found.chosen]
    read = [spoken(question) for question in questions]
    words = telling_words(read, labels, centres, space.vectors)
    counts = np.array(found.counts)
    sizes = _counted(found.placed, counts, len(centres))
    cores = _counted(labels, counts[found.chosen] * found.core, len(centres))
    areas = areas_of(centres)
    topics = []
    for number in range(len(centres)):
        rows = np.flatnonzero((labels == number) & found.core)
        if not len(rows):
            rows = np.flatnonzero(labels == number)
        title, *examples = typical(found.vectors, questions, centres[number], rows)
        topics.append(
            Topic(number, title, tuple(words[number]), tuple(examples), int(sizes[number]),
            int(cores[number]), int(areas[number]))
        )  # fmt: skip
    return topics, _area_names(topics, centres)


def _area_names(topics: Sequence[Topic], centres: Vectors) -> list[str]:
    """Each area by its most typical topic: of the larger half, the one nearest to all that is asked in it."""
    names = []
    for area in range(max(topic.area for topic in topics) + 1):
        mine = [topic for topic in topics if topic.area == area]
        middle = sum(topic.size * centres[topic.number] for topic in mine)
        large = sorted(mine, key=lambda topic: -topic.size)[: (len(mine) + 1) // 2]
        names.append(max(large, key=lambda topic: float(centres[topic.number] @ middle)).label)
    return names


def _counted(labels: Labels, counts: NDArray[np.int64], topics: int) -> NDArray[np.int64]:
    inside = labels >= 0
    return np.bincount(labels[inside], weights=counts[inside], minlength=topics).astype(np.int64)


def _spread(
    questions: Sequence[str],
    distinct: list[str],
    placed: Labels,
    confidence: NDArray[np.float32],
    topics: list[Topic],
    areas: list[str],
    space: Space,
    centres: Vectors,
) -> Discovery:
    """Everything renumbered by falling size, and back from distinct questions to all."""
    order = sorted(range(len(topics)), key=lambda number: (-topics[number].size, topics[number].label))
    # The last place is for NO_TOPIC, which counts from the end.
    number_of = np.full(len(order) + 1, NO_TOPIC, np.int64)
    number_of[order] = np.arange(len(order))
    row_of = {question: row for row, question in enumerate(distinct)}
    rows = np.array([row_of.get(question, -1) for question in questions])
    labels = np.where(rows >= 0, number_of[placed[rows]], NO_TOPIC)  # a row of -1 is read, and not used
    return Discovery(
        tuple(
            Topic(new, old.label, old.words, old.examples, old.size, old.core, old.area)
            for new, old in enumerate(topics[number] for number in order)
        ),
        tuple(areas),
        labels,
        np.where(rows >= 0, confidence[rows], np.float32(0)),
        space,
        centres[order],
        int((rows < 0).sum()),
    )


def _one(questions: Sequence[str], question: str, size: int) -> Discovery:
    """All ask the same: a topic if they are enough for one. There is no space where there is one place."""
    asked = np.array([one == question for one in questions])
    if size < smallest_cluster(max(size, len(questions))):
        return _nothing(questions)
    return Discovery(
        (Topic(0, question, (), (), size, size, 0),),
        ("",),
        np.where(asked, 0, NO_TOPIC),
        asked.astype(np.float32),
        None,
        np.zeros((0, 0), np.float32),
        int((~asked).sum()),
    )


def _nothing(questions: Sequence[str]) -> Discovery:
    count = len(questions)
    unasked = sum(not is_askable(question) for question in questions)
    nowhere = np.zeros((0, 0), np.float32)
    return Discovery((), (), np.full(count, NO_TOPIC), np.zeros(count, np.float32), None, nowhere, unasked)
