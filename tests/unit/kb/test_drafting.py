"""A draft out of a case tells nobody who asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desk.kb.drafting import draft_of

NAMES = ["Cleo Patterson", "Ada Lovelace"]
OURS = "https://desk.example"
QUESTION = """Hi there,

my grinder leaks since Monday, order KX-20931. Can you help? You reach me at +44 20 7946 0958
or cleo@example.org.

Best regards
Cleo Patterson
"""
ANSWER = """Dear Cleo,

please turn the ring of the grinder to the left until it clicks. If it still leaks after that,
see https://desk.example/help/articles/seal or https://shop.example/t?user=99.

Kind regards
Ada
"""


def test_what_could_tell_who_asked_is_masked_and_the_matter_stays() -> None:
    draft = draft_of("Re: Leaking grinder [#12]", QUESTION, [ANSWER], NAMES, OURS)
    assert draft.title == "Leaking grinder"
    for private in ("KX-20931", "7946", "cleo@example.org", "Cleo", "Patterson", "Ada", "user=99"):
        assert private not in draft.body
    for kept in ("my grinder leaks since Monday", "to the left until it clicks", "/help/articles/seal"):
        assert kept in draft.body
    assert "regards" not in draft.body and "Hi there" not in draft.body


def test_an_account_number_is_masked() -> None:
    draft = draft_of(
        "Refund", "My account is DE89 3704 0044 0532 0130 00, when do I get it?", ["x"], [], OURS
    )
    assert "[account]" in draft.body and "3704" not in draft.body


def test_the_last_answer_that_says_something_is_taken() -> None:
    answers = ["Turn the ring to the left until it clicks, please, and try again.", "You are welcome!"]
    assert "until it clicks" in draft_of("Grinder", "It leaks.", answers, [], OURS).body


def test_a_subject_that_says_nothing_gives_way_to_the_question() -> None:
    draft = draft_of("Re: #4411", "It is broken. How do I clean the nozzle?", ["x"], [], OURS)
    assert draft.title == "How do I clean the nozzle?"


def test_a_word_that_is_also_a_name_stays_in_small_letters() -> None:
    assert "it will work" in draft_of("Question", "I hope it will work", ["x"], ["Will Smith"], OURS).body


@given(st.text(max_size=200), st.text(max_size=400), st.lists(st.text(max_size=200), max_size=3))
def test_no_text_is_an_error(subject: str, question: str, answers: list[str]) -> None:
    assert draft_of(subject, question, answers, NAMES, OURS).body
