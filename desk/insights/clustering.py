"""Questions to clusters, without a number of clusters to be given.

A graph of nearest neighbours; every question moved to the mean of its neighbours, twice, which draws topics
together and takes the place of a learnt projection; density clusters (HDBSCAN, Campello et al. 2013) on the
main axes; what is left over goes to the nearest centre; centres that are all but the same are joined; a few
passes of k-means settle the borders. Deterministic: neither chance nor the order of the rows has a part in
it, see `discovery.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np
import scipy.sparse as sparse
from hdbscan import HDBSCAN
from numpy.typing import NDArray

from desk.insights.neighbours import neighbours_of
from desk.insights.vectors import Labels, Vectors, centroids, nearest, principal, renumbered, unit_rows

NEIGHBOURS = 15
ROUNDS = 2
AXES = 15
DENSE_WITHIN = 5
SMALLEST_CLUSTER = 8
JOINED_ABOVE = 0.80
PASSES = 5


@dataclass(frozen=True)
class Clusters:
    """`labels` 0, 1, … by falling size, or -1 for all when nothing groups; `core` where density placed it."""

    labels: Labels
    core: NDArray[np.bool_]

    @property
    def count(self) -> int:
        return int(self.labels.max(initial=-1)) + 1


def smallest_cluster(questions: int) -> int:
    """How many questions make a topic: a fifth of the root of all, and never fewer than eight."""
    return max(SMALLEST_CLUSTER, isqrt(questions) // 5)


def clusters_of(vectors: Vectors) -> Clusters:
    """Clusters of unit rows of float32."""
    if len(vectors) < 2 * SMALLEST_CLUSTER:
        return _none(len(vectors))
    drawn = drawn_together(vectors)
    mean, axes = principal(drawn, AXES)
    dense = HDBSCAN(
        min_cluster_size=smallest_cluster(len(vectors)), min_samples=DENSE_WITHIN, core_dist_n_jobs=1
    ).fit(((drawn - mean) @ axes).astype(np.float64))
    labels = np.asarray(dense.labels_, np.int64)
    core = labels >= 0
    if not core.any():
        return _none(len(vectors))
    labels = np.where(core, labels, nearest(drawn, centroids(drawn, labels))[0])
    labels = joined(drawn, labels)
    for _ in range(PASSES):
        labels = renumbered(nearest(drawn, centroids(drawn, labels))[0])
    return Clusters(by_size(labels), core)


def drawn_together(vectors: Vectors) -> Vectors:
    """Each row moved to the mean of itself and its nearest neighbours, so many times."""
    count = len(vectors)
    size = min(NEIGHBOURS, count - 1) + 1
    neighbours = neighbours_of(vectors, size)
    weights = np.full(neighbours.size, 1 / size, np.float32)
    starts = np.arange(0, neighbours.size + 1, size)
    averaging = sparse.csr_array((weights, neighbours.ravel(), starts), shape=(count, count))
    for _ in range(ROUNDS):
        vectors = unit_rows(np.asarray(averaging @ vectors))
    return vectors


def joined(vectors: Vectors, labels: Labels) -> Labels:
    """The two nearest centres joined, as long as any two are nearer than JOINED_ABOVE."""
    labels = renumbered(labels)
    while True:
        centres = centroids(vectors, labels)
        cosines = centres @ centres.T
        np.fill_diagonal(cosines, -1)
        if cosines.max(initial=-1) <= JOINED_ABOVE:
            return labels
        one, other = np.unravel_index(cosines.argmax(), cosines.shape)
        labels = renumbered(np.where(labels == other, one, labels))


def by_size(labels: Labels) -> Labels:
    """The same clusters, the largest first; of equals, the one whose first row comes first."""
    placed = labels >= 0
    _, firsts, sizes = np.unique(labels[placed], return_index=True, return_counts=True)
    order = np.lexsort((firsts, -sizes))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    numbers = np.full(len(labels), -1, np.int64)
    numbers[placed] = place[labels[placed]]
    return numbers


def _none(count: int) -> Clusters:
    return Clusters(np.full(count, -1, np.int64), np.zeros(count, np.bool_))
