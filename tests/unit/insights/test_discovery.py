"""Topics are found without a number to be given, the same ones every time, whatever is thrown in."""

from __future__ import annotations

import random

import numpy as np
import pytest

from desk.insights.discovery import NO_TOPIC, discover
from desk.insights.labelling import titled
from tests.unit.insights.asked import QUESTIONS, SAID, TRUE_KINDS


def topic_of(questions: list[str]) -> dict[str, int]:
    found = discover(questions, None)
    return dict(zip(questions, found.labels.tolist(), strict=True))


def test_questions_of_one_kind_share_topics_that_hold_no_other_kind() -> None:
    found = discover(QUESTIONS, None)
    kinds_in = {
        topic.number: {
            kind for kind, label in zip(TRUE_KINDS, found.labels, strict=True) if label == topic.number
        }
        for topic in found.topics
    }
    assert len(found.topics) >= 4
    assert all(len(kinds) == 1 for kinds in kinds_in.values())


def test_the_order_of_the_questions_changes_nothing() -> None:
    shuffled = QUESTIONS[:]
    random.Random(7).shuffle(shuffled)
    assert topic_of(shuffled) == topic_of(QUESTIONS)


def test_topics_come_by_size_and_sizes_add_up() -> None:
    found = discover(QUESTIONS, None)
    sizes = [topic.size for topic in found.topics]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == int((found.labels != NO_TOPIC).sum())
    assert all(topic.size == int((found.labels == topic.number).sum()) for topic in found.topics)


def test_a_title_is_a_question_of_its_topic_and_words_set_it_apart() -> None:
    found = discover(QUESTIONS, None)
    for topic in found.topics:
        kind = next(kind for kind, said in SAID.items() if topic.label in map(titled, said))
        assert set(topic.examples) <= set(SAID[kind])
        assert topic.words


def test_one_question_asked_by_many_is_a_topic() -> None:
    found = discover(["Where is my parcel?"] * 40, None)
    assert [topic.size for topic in found.topics] == [40]
    assert set(found.labels.tolist()) == {0}


def test_two_spellings_of_one_question_are_taken() -> None:
    found = discover(["Where is my parcel?"] * 30 + ["where is my parcel"] * 30, None)
    assert sum(topic.size for topic in found.topics) in {0, 60}


def test_a_question_asked_by_many_stands_beside_the_others() -> None:
    asked = [*QUESTIONS, *["do you sell gift cards"] * 60]
    found = discover(asked, None)
    assert found.topics[0].label == "Do you sell gift cards"
    assert found.topics[0].size == 60


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["Where is my parcel?"],
        ["😀", "🎉🎉", "👍"],
        ["", "  ", "\n"],
        ["a"] * 50,
        ["??", "1234", "…"] * 20,
    ],
    ids=["none", "one", "emoji", "blanks", "a letter", "marks"],
)
def test_what_cannot_be_grouped_has_no_topic(texts: list[str]) -> None:
    found = discover(texts, None)
    assert found.topics == ()
    assert found.labels.tolist() == [NO_TOPIC] * len(texts)


def test_rows_without_words_are_counted_and_belong_to_none() -> None:
    found = discover([*QUESTIONS, "👍", ""], None)
    assert found.unasked == 2
    assert found.labels[-2:].tolist() == [NO_TOPIC, NO_TOPIC]


def test_very_long_texts_and_other_scripts_are_taken() -> None:
    greek = [
        f"πού είναι το δέμα μου {word}"
        for word in ["τώρα", "σήμερα", "ακόμα", "πάλι", "αύριο", "χθες", "εδώ"]
    ]
    found = discover([*QUESTIONS, "x" * 3_000_000, "refund " * 200_000, *greek, *greek, *greek], None)
    assert len(set(found.labels[-21:].tolist())) == 1
    assert np.isfinite(found.confidence).all()
