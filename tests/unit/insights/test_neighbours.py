"""The nearest rows of each row are exactly those, also where many are alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.insights.neighbours import BLOCK, neighbours_of
from desk.insights.vectors import unit_rows


@pytest.mark.parametrize("count", [16, 17, 200, BLOCK + 1, 2 * BLOCK])
def test_none_is_left_out(count: int) -> None:
    dice = np.random.default_rng(count)
    vectors = unit_rows(dice.standard_normal((count, 8)).astype(np.float32))
    cosines = vectors @ vectors.T
    found = neighbours_of(vectors, 16)
    # Two cosines may be alike to the last bit or two: what was found is as near, if it is not the same.
    nearest = np.sort(cosines, axis=1)[:, -16:]
    assert np.allclose(np.sort(np.take_along_axis(cosines, found, 1), axis=1), nearest, atol=1e-6)
    assert (np.diff(found, axis=1) > 0).all()


@given(st.lists(st.integers(0, 3), min_size=5, max_size=60))
def test_rows_that_are_alike_are_neighbours(places: list[int]) -> None:
    vectors = np.eye(4, dtype=np.float32)[places]
    size = 5
    found = neighbours_of(vectors, size)
    for place, those in zip(places, found.tolist(), strict=True):
        assert len(set(those)) == size
        alike = sum(places[row] == place for row in those)
        assert alike == min(size, places.count(place))
