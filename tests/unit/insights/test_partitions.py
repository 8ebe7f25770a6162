"""Topics in two passes: as from all questions at once, however they are divided."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from desk.insights.discovery import discover
from desk.insights.encoders.minilm import DIMENSIONS
from desk.insights.encoders.remembered import Remembered
from desk.insights.encoders.words import WordMeans
from desk.insights.partitions import Sample, placed, sample_of, topics_of
from desk.insights.vectors import Vectors, unit_rows
from tests.unit.insights.asked import QUESTIONS

if TYPE_CHECKING:
    from desk.insights.encoders.minilm import MiniLm

WORDS = st.sampled_from(["Where is my order", "I want a refund", "The grinder is loud", "Grüße", "", "123"])
PARTS = st.lists(st.lists(WORDS, max_size=6), max_size=5)


@given(PARTS, st.integers(1, 4), st.randoms(use_true_random=False))
def test_neither_the_parts_nor_their_order_change_a_sample(
    parts: list[list[str]], most: int, by_chance: random.Random
) -> None:
    whole = sample_of([text for part in parts for text in part], most)
    samples = [sample_of(part, most) for part in parts]
    by_chance.shuffle(samples)
    assert reduce(lambda one, other: one.joined(other, most), samples, Sample({})) == whole


def test_topics_of_parts_are_those_of_all_at_once() -> None:
    asked = [*QUESTIONS, *QUESTIONS[:9], *QUESTIONS[:9]]
    whole = discover(asked, None)
    parts = [asked[first::3] for first in range(3)]
    found, topics = topics_of(reduce(Sample.joined, map(sample_of, parts)), None)
    labels = [0] * len(asked)
    for first, part in enumerate(parts):
        labels[first::3] = placed(topics, None, part).tolist()
    assert labels == whole.labels.tolist()
    assert found.topics == whole.topics
    assert len(whole.topics) > 1


def test_what_is_not_in_the_sample_goes_to_the_nearest_topic() -> None:
    _, topics = topics_of(sample_of(QUESTIONS), None)
    said = [*QUESTIONS[:12], "qqqq zzzz xxxx", ""]
    louder = placed(topics, None, [f"{text} !" for text in said]).tolist()
    assert louder == placed(topics, None, said).tolist()
    assert louder[-2:] == [-1, -1]


def test_where_all_ask_the_same_it_is_one_topic() -> None:
    same = ["Where is my order?"] * 40
    found, topics = topics_of(sample_of(same), None)
    assert [topic.size for topic in found.topics] == [40]
    assert set(placed(topics, None, [*same, "Something else"]).tolist()) == {0, -1}


class Letters:
    """Words by their letters, in the place of a model."""

    name = model_id = "letters"

    def covers(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        return np.ones(len(texts), np.bool_)

    def encode(self, texts: Sequence[str], told: Callable[[int], None] = lambda done: None) -> Vectors:
        rows = [np.bincount([ord(one) % DIMENSIONS for one in text], minlength=DIMENSIONS) for text in texts]
        return unit_rows(np.array(rows, np.float32))


def test_an_encoder_that_learns_reads_the_same_wherever_a_part_is_placed() -> None:
    first, elsewhere = (WordMeans(cast("MiniLm", Letters())) for _ in range(2))
    _, topics = topics_of(sample_of(QUESTIONS), first)
    said = [f"{text} at once" for text in QUESTIONS[::3]]
    elsewhere.encode(["words of another part", "came first here, at once"])
    assert placed(topics, elsewhere, said).tolist() == placed(topics, first, said).tolist()
    assert np.allclose(first.encode(said), elsewhere.encode(said), atol=1e-6)


def test_what_was_learnt_is_handed_on_by_an_encoder_with_a_memory_too() -> None:
    words = WordMeans(cast("MiniLm", Letters()))
    _, topics = topics_of(sample_of(QUESTIONS), Remembered(words, lambda hashes: {}, lambda made: None))
    assert topics.learnt is not None
    assert topics.learnt.frequencies == words.learnt.frequencies
