"""The nearest rows of each row, exactly: a block of cosines at a time, so that memory stays small."""

from __future__ import annotations

from math import isqrt

import numpy as np
from numpy.typing import NDArray

from desk.insights.vectors import Vectors

BLOCK = 512


def neighbours_of(vectors: Vectors, size: int) -> NDArray[np.int64]:
    """Of each unit row the `size` rows of the highest cosine, itself among them, by rising number.

    Cosines are cut into groups first. None of the highest `size` lies outside the `size` groups with the
    highest best: there would be as many in those that are no lower. So only these are looked through, and
    each of the others is read once, for the best of its group.
    """
    count = len(vectors)
    groups = max(size, isqrt(size * count))
    width = -(-count // groups)
    found = np.empty((count, size), np.int64)
    cosines = np.full((BLOCK, width * groups), -2, np.float32)
    for first in range(0, count, BLOCK):
        rows = vectors[first : first + BLOCK]
        part = cosines[: len(rows)]
        np.matmul(rows, vectors.T, out=part[:, :count])
        best = part.reshape(len(rows), width, groups).max(1)
        chosen = np.argpartition(best, groups - size, axis=1)[:, groups - size :]
        columns = (chosen[:, None, :] + groups * np.arange(width)[:, None]).reshape(len(rows), -1)
        highest = np.argpartition(np.take_along_axis(part, columns, 1), columns.shape[1] - size, axis=1)[
            :, columns.shape[1] - size :
        ]
        found[first : first + BLOCK] = np.sort(np.take_along_axis(columns, highest, 1), axis=1)
    return found
