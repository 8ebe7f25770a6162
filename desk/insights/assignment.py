"""Between two discoveries: later questions go to the topics that are known, and what fits none may be a new
one.

Topics are frozen: their centres and the space do not move from one night to the next, so that a topic's
count means the same every day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from desk.insights.cleaning import is_askable, question_of
from desk.insights.clustering import clusters_of
from desk.insights.discovery import NO_TOPIC, Discovery
from desk.insights.space import Space
from desk.insights.vectors import Labels, Vectors, centroids, nearest
from desk.model.masking import spoken

OUTER = 0.10
"""A question farther from its topic than this share of the topic's own is placed, and is not sure."""

FACET_ABOVE = 0.72
FEWEST_NEW = 8
OF_ITS_OWN = 0.75
"""Three quarters of a new topic lie nearer to it than to anything known."""


@dataclass(frozen=True)
class Known:
    """Topics as they were found: the space, a centre a topic, and the cosine above which a question is
    sure."""

    space: Space
    centres: Vectors
    floors: NDArray[np.float32]

    @classmethod
    def of(cls, found: Discovery) -> Known:
        """Raises ValueError where nothing was found that later questions could be placed by."""
        if found.space is None:
            raise ValueError("There are no topics to place questions with.")
        floors = [
            np.quantile(found.confidence[found.labels == topic.number], OUTER) if topic.size else 1.0
            for topic in found.topics
        ]
        return cls(found.space, found.centres, np.asarray(floors, np.float32))


@dataclass(frozen=True)
class Placed:
    """Of each question its topic, or NO_TOPIC where it has no words; how near; and whether that is sure."""

    labels: Labels
    cosines: NDArray[np.float32]
    sure: NDArray[np.bool_]
    vectors: Vectors


@dataclass(frozen=True)
class Proposal:
    """Questions (rows of the pool) that go together and belong to no topic. `apart` is the share of them that
    lie nearer to the others than to anything known; `nearest` is the topic that the group stands next to.
    """

    rows: NDArray[np.int64]
    centre: Vectors
    nearest: int
    cosine: float
    apart: float

    @property
    def is_new(self) -> bool:
        """Whether it is a topic of its own, however close to another one it stands."""
        return self.apart >= OF_ITS_OWN

    @property
    def is_facet(self) -> bool:
        """Whether it is a part of a known topic."""
        return not self.is_new and self.cosine > FACET_ABOVE


def placed(known: Known, texts: Sequence[str]) -> Placed:
    """The nearest topic of each text."""
    questions = [question_of(text) for text in texts]
    vectors = known.space.vectors([spoken(question) for question in questions])
    labels, cosines = nearest(vectors, known.centres)
    askable = np.array([is_askable(question) for question in questions], np.bool_)
    labels = np.where(askable, labels, NO_TOPIC)
    return Placed(labels, cosines, askable & (cosines >= known.floors[labels]), vectors)


def proposals(known: Known, pool: Vectors) -> list[Proposal]:
    """What the questions that are not sure have in common, the largest first."""
    grouped = clusters_of(pool)
    centres = centroids(pool, np.where(grouped.core, grouped.labels, NO_TOPIC))
    found = []
    for number in range(len(centres)):
        rows = np.flatnonzero((grouped.labels == number) & grouped.core)
        if len(rows) >= FEWEST_NEW:
            topic, cosine = nearest(centres[[number]], known.centres)
            apart = float(np.mean(apart_from(known.centres, pool[rows])))
            found.append(Proposal(rows, centres[number], int(topic[0]), float(cosine[0]), apart))
    return found


def apart_from(centres: Vectors, group: Vectors) -> NDArray[np.bool_]:
    """Of each of a group of questions, whether it lies nearer to the others than to any of these centres.

    It does not vouch for itself: it is left out of the centre that it is compared with, which matters most
    where a group is small (leave-one-out; Lachenbruch and Mickey 1968).
    """
    others = group.sum(axis=0) - group
    others /= np.maximum(np.linalg.norm(others, axis=1, keepdims=True), 1e-9)
    to_others: NDArray[np.float32] = np.einsum("ij,ij->i", group, others)
    return np.asarray(to_others > nearest(group, centres)[1], np.bool_)


def of_their_own(known: Known, pool: Vectors, found: Sequence[Proposal]) -> list[Proposal]:
    """The new topics and the facets, less what lies nearer to a known topic; a heap of what is left over from
    several topics is neither."""
    lasting = []
    for one in found:
        rows = one.rows[apart_from(known.centres, pool[one.rows])]
        if (one.is_new or one.is_facet) and len(rows) >= FEWEST_NEW:
            lasting.append(replace(one, rows=rows))
    return lasting
