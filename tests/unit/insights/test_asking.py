"""Where one question of a message ends and the next begins."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from desk.insights.asking import MOST_PARTS, parts_of, read
from desk.insights.assignment import Known
from desk.insights.discovery import NO_TOPIC, discover
from desk.insights.encoders.remembered import Remembered, words_hash
from desk.insights.space import Space
from desk.insights.vectors import Vectors
from tests.unit.insights.asked import QUESTIONS, SAID


def test_a_part_is_what_was_said_up_to_a_question_mark() -> None:
    said = "My parcel is late. Where is it now? I moved as well. Can you change my address? Thank you."
    assert parts_of(said) == [
        "My parcel is late. Where is it now?",
        "I moved as well. Can you change my address? Thank you.",
    ]


def test_one_question_and_a_list_of_many_stay_whole() -> None:
    assert parts_of("Where is my parcel? Hello?") == ["Where is my parcel? Hello?"]
    many = "Is this the right one? " * (MOST_PARTS + 1)
    assert parts_of(many) == [many]


@given(
    st.lists(st.sampled_from(["where is my parcel", "what now", "it broke", "ok"]), min_size=1, max_size=9)
)
def test_no_word_is_lost(said: list[str]) -> None:
    text = "? ".join(said) + "?"
    assert " ".join(parts_of(text)).split() == text.split()


def test_a_message_is_several_only_where_its_parts_are_sure_of_different_topics() -> None:
    found = discover(QUESTIONS, None)
    known = Known.of(found)
    one, other = SAID["delivery"][1], SAID["invoice"][2]
    [two] = read(known, [f"{one}? {other}?"])
    assert [part.text for part in two] == [f"{one}?", f"{other}?"]
    assert len({part.row for part in two}) == 2
    [same] = read(known, [f"{one}? {one} now?"])
    assert len(same) == 1
    assert read(None, [f"{one}? {other}?"])[0][0].row == NO_TOPIC
    assert read(known, ["", "?"])[0][0].row == NO_TOPIC


def test_a_space_comes_back_from_its_bytes() -> None:
    space = discover(QUESTIONS, None).space
    assert space is not None
    again = Space.from_bytes(space.as_bytes(), None)
    cosines = (space.vectors(QUESTIONS) * again.vectors(QUESTIONS)).sum(1)
    assert cosines.min() > 0.999


class Counting:
    """An encoder that counts what it reads."""

    name, model_id, lexical_share = "counting", "counting-1", 0.3

    def __init__(self) -> None:
        self.read: list[str] = []

    def covers(self, texts: object) -> object:
        raise NotImplementedError

    def encode(self, texts: list[str], told: object = None) -> Vectors:
        self.read += texts
        return np.array([[len(text), 1] for text in texts], np.float32).reshape(len(texts), 2)


def test_no_text_is_read_twice() -> None:
    kept: dict[str, Vectors] = {}
    inner = Counting()
    encoder = Remembered(inner, lambda hashes: {key: kept[key] for key in hashes if key in kept}, kept.update)  # type: ignore[arg-type]
    assert encoder.encode(["a", "bb", "a"]).tolist() == [[1, 1], [2, 1], [1, 1]]
    assert encoder.encode(["bb", "ccc"]).tolist() == [[2, 1], [3, 1]]
    assert inner.read == ["a", "bb", "ccc"] and set(kept) == {words_hash(text) for text in inner.read}
