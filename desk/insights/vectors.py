"""Rows of numbers, and the few things that are done to them everywhere."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""One row a question."""

Labels = NDArray[np.int64]
"""One number a question: its cluster, or -1."""

BLOCK = 8192
"""So many rows at a time, where there may be many."""


def unit_rows(vectors: Vectors) -> Vectors:
    """Each row divided by its length; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)


def centroids(vectors: Vectors, labels: Labels) -> Vectors:
    """The unit mean of the rows of each cluster 0, 1, …; rows labelled -1 count for none."""
    placed = np.flatnonzero(labels >= 0)
    count = int(labels.max(initial=-1)) + 1
    members = sparse.csr_array(
        (np.ones(len(placed), np.float32), (labels[placed], placed)), shape=(count, len(vectors))
    )
    return unit_rows(np.asarray(members @ vectors))


def nearest(vectors: Vectors, centres: Vectors) -> tuple[Labels, NDArray[np.float32]]:
    """Of each row, the centre with the highest cosine, and that cosine. All rows have unit length."""
    labels = np.empty(len(vectors), np.int64)
    cosines = np.empty(len(vectors), np.float32)
    for first in range(0, len(vectors), BLOCK):
        part = vectors[first : first + BLOCK] @ centres.T
        best = part.argmax(1)
        labels[first : first + BLOCK] = best
        cosines[first : first + BLOCK] = part[np.arange(len(part)), best]
    return labels, cosines


def renumbered(labels: Labels) -> Labels:
    """The same clusters, numbered 0, 1, … without gaps; -1 stays."""
    numbers = np.full(len(labels), -1, np.int64)
    placed = labels >= 0
    numbers[placed] = np.unique(labels[placed], return_inverse=True)[1]
    return numbers


def principal(vectors: Vectors, dimensions: int) -> tuple[Vectors, Vectors]:
    """The mean row, and the axes (one a column) along which rows differ most; signs are fixed.

    By the covariance, which for some hundred columns is faster than an SVD of the rows, and exact.
    """
    mean = vectors.mean(0)
    spread = np.zeros((len(mean), len(mean)))
    # A block at a time: in doubles all of them would be the most memory that a discovery takes.
    for first in range(0, len(vectors), BLOCK):
        centred = (vectors[first : first + BLOCK] - mean).astype(np.float64)
        spread += centred.T @ centred
    axes = np.linalg.eigh(spread)[1][:, ::-1][:, : min(dimensions, len(vectors))]
    # An axis and its opposite are equally good; which of them comes out may not hang on the machine.
    signs = np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])
    return np.asarray(mean, np.float32), np.asarray(axes * signs, np.float32)
