"""The upper level: areas, each a family of topics."""

from __future__ import annotations

from math import isqrt

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from desk.insights.vectors import Labels, Vectors


def areas_of(centres: Vectors) -> Labels:
    """The area of each topic; about as many areas as the root of the number of topics, so that a person sees
    all areas at once, and all topics of one at once (average linkage of the cosines between centres)."""
    count = len(centres)
    if count < 4:
        return np.zeros(count, np.int64)
    apart = np.clip(1 - centres @ centres.T, 0, 2).astype(np.float64)
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(apart, checks=False), "average")
    return np.asarray(fcluster(tree, isqrt(count), "maxclust") - 1, np.int64)
