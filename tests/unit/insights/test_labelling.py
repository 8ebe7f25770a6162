"""What a topic is called: a question with a capital, and without a greeting where there is one."""

from __future__ import annotations

import numpy as np

from desk.insights.labelling import telling_words, titled, typical
from desk.insights.vectors import Vectors, unit_rows

GREETING = "Hello there, where is my parcel?"
PLAIN = ["where is my parcel now", "when does my parcel come", "any news of my parcel", "parcel not here yet"]


def near(count: int) -> Vectors:
    """Vectors about one centre, the first the nearest."""
    return unit_rows(np.array([[1, 0.05 * row] for row in range(count)], np.float32))


def typical_of(questions: list[str]) -> list[str]:
    vectors = near(len(questions))
    return typical(vectors, questions, vectors[0], np.arange(len(questions)))


def test_a_question_that_greets_is_neither_title_nor_example_where_others_do_not() -> None:
    title, *examples = typical_of([GREETING, *PLAIN])
    assert title == "Where is my parcel now"
    assert len(examples) == 3 and GREETING not in examples


def test_of_questions_that_all_greet_the_nearest_is_the_title() -> None:
    assert typical_of([GREETING, "Hi, where is it gone to?"]) == [GREETING, "Hi, where is it gone to?"]


def test_a_name_begins_with_a_capital_unless_its_first_word_has_one() -> None:
    assert [titled(one) for one in ("über  den\nVersand", "iPhone app fails", "[name] wrote")] == [
        "Über den Versand", "iPhone app fails", "[name] wrote",
    ]  # fmt: skip


def test_a_letter_is_named_by_what_it_asks() -> None:
    letter = (
        "Guten Morgen zusammen, ich habe letzte Woche zwei Pakete Kaffee bestellt. Eines kam an. "
        "Wann kommt das zweite? Vielen Dank für eine Antwort, wir warten schon lange darauf."
    )
    assert titled(letter) == "Wann kommt das zweite?"


def test_a_sentence_without_end_is_cut_between_words() -> None:
    name = titled(
        "the grinder that came on Monday, which is the second one you sent us, stops after a minute of " * 2
    )
    assert name == "The grinder that came on Monday, which is the second one you sent us, stops after a…"


def test_a_name_has_no_full_stop() -> None:
    assert [titled(one) for one in ("My voucher fails.", "And then...", "Why?")] == [
        "My voucher fails",
        "And then...",
        "Why?",
    ]


def test_a_word_keeps_the_signs_of_its_letters() -> None:
    asked = ["मेरा ऑर्डर कहाँ है"] * 3 + ["मुझे पैसा वापस चाहिए"] * 3
    labels = np.array([0, 0, 0, 1, 1, 1])
    told = telling_words(asked, labels, near(2), lambda words: near(len(words)))
    assert {"ऑर्डर"} <= {word for words in told[0] for word in words.split()}
