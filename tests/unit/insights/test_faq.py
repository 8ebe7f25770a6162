"""A draft says what most agents say, names who said it, and is none where they do not agree."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.insights.faq import Answered, Draft, draft_of, modes_of, readable

RETURN = (
    "You can send the shoes back within {days} days of the delivery. The label lies in the parcel that you "
    "got from us."
)
OTHER = "Please bring them to one of our shops, where my colleagues change them for you on the spot at once."


def drafted(answers: list[str], kinds: list[int]) -> Draft | None:
    """Kinds of answers stand apart in space; questions are all near the topic."""
    answered = [
        Answered(100 + number, f"How can I send my shoes back {number}?", text)
        for number, text in enumerate(answers)
    ]
    vectors = np.eye(max(kinds) + 2, dtype=np.float32)
    near = np.repeat(vectors[-1:], len(answers), 0)
    return draft_of(answered, near, vectors[kinds], vectors[-1])


def test_the_largest_mode_speaks_and_every_sentence_names_its_cases() -> None:
    answers = [RETURN.format(days=30)] * 6 + [OTHER] * 3
    found = drafted(answers, [0] * 6 + [1] * 3)
    assert found is not None
    assert abs(found.share - 6 / 9) < 1e-6
    assert " ".join(one.text for one in found.sentences) == RETURN.format(days=30)
    assert {one.case_id for one in found.sentences} <= {100, 101, 102, 103, 104, 105}
    assert all(len(one.also) == 5 for one in found.sentences)
    assert [(one.text, one.why) for one in found.contradictions] == [(OTHER, "Another answer")]


def test_another_figure_in_the_same_sentence_is_shown() -> None:
    found = drafted([RETURN.format(days=30)] * 7 + [RETURN.format(days=14)] * 2, [0] * 9)
    assert found is not None
    contradiction = found.contradictions[0]
    assert "within 14 days" in contradiction.text
    assert contradiction.case_id in (107, 108)
    assert "within 30 days" in contradiction.why


def test_no_draft_where_agents_do_not_agree_or_answers_are_few() -> None:
    assert drafted([OTHER] * 10, list(range(10))) is None
    assert drafted([OTHER] * 7, [0] * 7) is None


def test_a_question_of_the_customers_is_the_title() -> None:
    found = drafted([OTHER] * 9, [0] * 9)
    assert found is not None
    assert found.question == "How can I send my shoes back 0?"
    assert found.question_case_id == 100


def test_what_is_meant_for_one_customer_or_asks_for_something_is_no_answer() -> None:
    body = RETURN.format(days=30)
    assert readable(f"Hello Cleo,\n\n{body}\n\nKind regards\nAda") == body
    assert readable("It is on its way.") == ""
    assert readable(f"{body} Could you send us your order number?") == ""
    assert readable(f"{body} Your order ABC-12345 is open.") == ""
    assert readable(f"{body} We wrote to cleo@example.org.") == ""


@settings(max_examples=40)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(0, 9))
def test_modes_hold_every_answer_once_and_their_shares_make_one(kinds: list[int], seed: int) -> None:
    dice = np.random.default_rng(seed)
    vectors = np.eye(5)[kinds] + dice.normal(0, 0.05, (len(kinds), 5))
    modes = modes_of(vectors.astype(np.float32), [1.0] * len(kinds))
    assert sorted(row for mode in modes for row in mode.rows) == list(range(len(kinds)))
    assert abs(sum(mode.share for mode in modes) - 1) < 1e-9
    assert all(mode.middle in mode.rows for mode in modes)
    assert [mode.share for mode in modes] == sorted((mode.share for mode in modes), reverse=True)
