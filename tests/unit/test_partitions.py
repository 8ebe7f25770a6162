"""How a heap is cut: every message in one partition, and none in two."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from desk.jobs.read_together import partitions
from desk.store.insights.unread import Partition


@given(st.sets(st.integers(1, 10_000)), st.integers(1, 40))
def test_every_message_is_in_one_partition(numbers: set[int], size: int) -> None:
    ids = sorted(numbers)
    parts = partitions(ids, size)
    held = [[one for one in ids if part.first <= one <= part.last] for part in parts]
    assert [one for those in held for one in those] == ids
    assert all(len(those) == size for those in held[:-1])
    assert all(before.last < after.first for before, after in pairwise(parts))


def test_what_is_left_over_is_a_partition_too() -> None:
    assert partitions([3, 5, 8], 2) == [Partition(3, 5), Partition(8, 8)]
    assert partitions([], 2) == []
