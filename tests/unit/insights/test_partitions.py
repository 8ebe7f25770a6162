"""Topics in two passes: as from all questions at once, however they are divided."""

from __future__ import annotations

import random
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from desk.insights.discovery import discover
from desk.insights.partitions import Sample, placed, sample_of, topics_of
from tests.unit.insights.asked import QUESTIONS

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
