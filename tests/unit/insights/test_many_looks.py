"""Many looks: adjusted values keep their order, and of what is found few are there by chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from desk.insights.many_looks import adjusted

chances = some.lists(some.floats(0, 1), max_size=30)


def test_it_is_the_example_of_the_paper() -> None:
    """Benjamini and Hochberg 1995, 4.1: of fifteen, four stand at 5 of 100."""
    told = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
        0.759, 1,
    ]  # fmt: skip
    found = adjusted(told)
    assert sum(one <= 0.05 for one in found) == 4
    assert found[3] == pytest.approx(0.0095 * 15 / 4)


@given(chances)
def test_it_lowers_none_and_keeps_their_order(those: list[float]) -> None:
    found = adjusted(those)
    assert all(before <= after <= 1 for before, after in zip(those, found, strict=True))
    assert [found[at] for at in sorted(range(len(those)), key=those.__getitem__)] == sorted(found)


def test_of_what_is_found_few_are_there_by_chance() -> None:
    dice = np.random.default_rng(5)
    wrong = []
    for _ in range(300):
        nothing, something = dice.uniform(size=160), dice.uniform(size=40) ** 12
        found = np.array(adjusted([*nothing, *something])) <= 0.1
        wrong.append(found[:160].sum() / max(1, found.sum()))
    assert np.mean(wrong) < 0.1
