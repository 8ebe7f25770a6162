"""A topic stays the same one over nights and discoveries, and what became of the others is told."""

from __future__ import annotations

import numpy as np
import pytest

from desk.insights.assignment import OF_ITS_OWN, Known, apart_from, placed, proposals
from desk.insights.discovery import NO_TOPIC, discover
from desk.insights.identity import aligned, kept
from tests.unit.insights.asked import QUESTIONS, SAID


def labels(*runs: tuple[int, int]) -> np.ndarray:
    return np.concatenate([np.full(count, label) for label, count in runs])


def test_renumbered_topics_keep_their_identity() -> None:
    before, after = labels((0, 10), (1, 20)), labels((1, 10), (0, 20))
    assert aligned(before, after).former == {1: 0, 0: 1}
    assert kept(before, after) == 1.0


def test_a_split_keeps_the_identity_with_the_larger_part_and_is_told() -> None:
    seen = aligned(labels((0, 30)), labels((0, 18), (1, 12)))
    assert seen.former == {0: 0}
    assert (seen.fresh, seen.splits) == ((1,), ((0, 1),))


def test_a_merge_is_told_and_retires_the_smaller_one() -> None:
    seen = aligned(labels((0, 30), (1, 12)), labels((0, 42)))
    assert seen.former == {0: 0}
    assert (seen.retired, seen.merges) == ((1,), ((1, 0),))


def test_what_has_little_in_common_is_another_topic() -> None:
    seen = aligned(labels((0, 10), (-1, 90)), labels((0, 100)))
    assert seen.former == {}
    assert (seen.fresh, seen.retired) == ((0,), (0,))


def test_nothing_before_and_nothing_after_are_taken() -> None:
    nothing = labels((-1, 5))
    assert kept(nothing, nothing) == 1.0
    assert aligned(labels((0, 5)), nothing).retired == (0,)
    assert aligned(nothing, labels((0, 5))).fresh == (0,)


@pytest.fixture(scope="module")
def known() -> Known:
    return Known.of(discover([q for kind in ("delivery", "refund", "password") for q in SAID[kind]], None))


def test_later_questions_go_to_the_topic_that_holds_their_like(known: Known) -> None:
    found = placed(known, ["where is my parcel with the coffee", "i want a refund for the mug", "👍"])
    at_home = placed(known, ["where is my parcel", "i want a refund for the mug because it broke"])
    assert found.labels[:2].tolist() == at_home.labels.tolist()
    assert found.labels[2] == NO_TOPIC
    assert found.sure.tolist() == [True, True, False]


def test_questions_that_fit_no_topic_become_a_proposal(known: Known) -> None:
    found = placed(known, SAID["invoice"])
    assert found.sure.mean() < 0.5
    proposed = proposals(known, found.vectors[~found.sure])
    assert proposed
    assert sum(len(one.rows) for one in proposed if one.is_new) > 0.4 * (~found.sure).sum()


def around(centre: np.ndarray, spread: float, count: int, dice: np.random.Generator) -> np.ndarray:
    made = centre + spread * dice.standard_normal((count, len(centre)))
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def test_a_close_group_is_new_where_it_holds_together_and_left_overs_are_not() -> None:
    """Closeness alone does not tell: what is told apart is whether its questions are nearer to each other."""
    dice = np.random.default_rng(3)
    centre = np.eye(1, 64, dtype=np.float32)
    beside = np.eye(1, 64, dtype=np.float32) + 0.6 * np.eye(1, 64, 1, dtype=np.float32)
    assert apart_from(centre, around(beside[0], 0.02, 12, dice)).mean() > OF_ITS_OWN
    assert apart_from(centre, around(centre[0], 0.2, 12, dice)).mean() < OF_ITS_OWN


def test_no_question_vouches_for_itself() -> None:
    """Each is near a centre that holds itself, and no nearer to the others than to what is known."""
    group = np.eye(4, 8, dtype=np.float32) + np.eye(4, 8, 4, dtype=np.float32)
    group /= np.linalg.norm(group, axis=1, keepdims=True)
    known = group.sum(axis=0, keepdims=True) + np.float32(0.1)
    known /= np.linalg.norm(known)
    assert not apart_from(known, group).any()


def test_nothing_can_be_placed_where_nothing_was_found() -> None:
    with pytest.raises(ValueError, match="no topics"):
        Known.of(discover(QUESTIONS[:3], None))
