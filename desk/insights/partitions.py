"""Topics of more questions than one machine reads: two passes over partitions, by any engine that maps.

First each partition gives a sample, samples are joined, and topics are found among the joint one. Then each
partition places its questions with what was found. A sample is the questions with the smallest digests
(bottom-k; Cohen and Kaplan 2007): joining is associative, commutative and never counts a question twice, so
that neither the partitions nor the order in which they are done change anything.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

import numpy as np
from threadpoolctl import threadpool_limits

from desk.insights.boilerplate import boilerplate_of, less
from desk.insights.cleaning import is_askable, question_of
from desk.insights.discovery import DISCOVERED_AT_MOST, FAR, NO_TOPIC, Discovery, Told, discover_among
from desk.insights.encoders.ladder import Encoder
from desk.insights.encoders.learnt import Learnt
from desk.insights.space import WORDS_ALONE, Space
from desk.insights.vectors import Labels, Vectors, nearest
from desk.model.masking import spoken

COPIES = 100
"""A question that is asked more often than so speaks no louder when it is told what everybody writes."""


AT_ONCE = 20_000


@dataclass(frozen=True)
class Sample:
    """Of some questions those with the smallest digests, and how often each was asked among all of them.

    `rows` counts all there were, `asked` those of them with a question in words.
    """

    times: Mapping[str, int]
    rows: int = 0
    asked: int = 0

    def joined(self, other: Sample, most: int = DISCOVERED_AT_MOST) -> Sample:
        """The sample of both."""
        times = Counter(self.times)
        times.update(other.times)
        return Sample(_smallest(times, most), self.rows + other.rows, self.asked + other.asked)


@dataclass(frozen=True)
class Topics:
    """What places the questions of a partition; plain values, which travel to wherever the partition is.

    `found` holds the topics of the questions of the sample, as they were found there. Another question goes
    to the nearest centre of the `space` that `model_id` made, or to none where its cosine is below `far`;
    without a space there is no topic but for those. `learnt` is what an encoder knows of the sample's words.
    """

    model_id: str
    space: bytes | None
    centres: Vectors
    far: float
    boilerplate: frozenset[str]
    found: Mapping[str, int]
    learnt: Learnt | None = None


def sample_of(texts: Iterable[str], most: int = DISCOVERED_AT_MOST) -> Sample:
    """The sample of a partition, its questions cleaned."""
    times: Counter[str] = Counter()
    rows = 0
    for text in texts:
        rows += 1
        question = question_of(text)
        if is_askable(question):
            times[question] += 1
    return Sample(_smallest(times, most), rows, times.total())


def topics_of(
    sample: Sample, encoder: Encoder | None, told: Told = lambda step, done, total: None
) -> tuple[Discovery, Topics]:
    """The topics of a sample, as `discover` finds them, and what places others."""
    asked = sorted(sample.times)
    times = [sample.times[question] for question in asked]
    boilerplate = boilerplate_of(
        [question for question, count in zip(asked, times, strict=True) for _ in range(min(count, COPIES))]
    )
    questions = [less(question, boilerplate) for question in asked]
    found = discover_among(questions, encoder, told, times)
    labels = dict(zip(questions, found.labels.tolist(), strict=True))
    if found.space is None:
        return found, Topics(WORDS_ALONE, None, found.centres, 0, boilerplate, labels)
    far = FAR * float(np.median(list(dict(zip(questions, found.confidence.tolist(), strict=True)).values())))
    space = found.space
    learnt = encoder.learnt if encoder else None
    return found, Topics(space.model_id, space.as_bytes(), found.centres, far, boilerplate, labels, learnt)


def placed(topics: Topics, encoder: Encoder | None, texts: Sequence[str]) -> Labels:
    """The topic of each question of a partition, or NO_TOPIC."""
    questions = [less(question_of(text), topics.boilerplate) for text in texts]
    others = sorted({one for one in questions if one not in topics.found and is_askable(one)})
    labels = dict(topics.found)
    if topics.space is not None and others:
        if encoder and topics.learnt:
            encoder.believe(topics.learnt)
        space = Space.from_bytes(topics.space, None if topics.model_id == WORDS_ALONE else encoder)
        with threadpool_limits(limits=1, user_api="blas"):
            for first in range(0, len(others), AT_ONCE):
                part = others[first : first + AT_ONCE]
                near, cosines = nearest(space.vectors([spoken(one) for one in part]), topics.centres)
                near = np.where(cosines < topics.far, NO_TOPIC, near)
                labels.update(zip(part, near.tolist(), strict=True))
    return np.array([labels.get(question, NO_TOPIC) for question in questions], np.int64)


def _smallest(times: Mapping[str, int], most: int) -> dict[str, int]:
    if len(times) <= most:
        return dict(times)
    return {question: times[question] for question in nsmallest(most, times, key=_digest)}


def _digest(question: str) -> bytes:
    return hashlib.blake2b(question.encode(), digest_size=8).digest()
