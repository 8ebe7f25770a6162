"""Words to the line are heard as the line hears them."""

from __future__ import annotations

import pytest

from desk.channels.sms.wishes import Wish, reads_like_a_stop, wish_of


@pytest.mark.parametrize("word", ["STOP", " stop \n", "Stopall", "UNSUBSCRIBE", "cancel", "End", "quit",
                                  "revoke", "OptOut", "ARRET"])  # fmt: skip
def test_a_whole_message_that_is_a_stop_word_is_a_stop(word: str) -> None:
    assert wish_of(word) is Wish.STOP


@pytest.mark.parametrize("text", ["STOP PLEASE", "please stop", "Stop texting me!", "Unsubscribe me."])
def test_a_stop_in_other_words_is_none_but_a_person_should_see_it(text: str) -> None:
    assert wish_of(text) is None
    assert reads_like_a_stop(text)


@pytest.mark.parametrize(
    "text", ["The machine will not stop dripping when I switch it off", "At which stop?!x", "Hello", ""]
)
def test_an_ordinary_text_is_no_wish(text: str) -> None:
    assert wish_of(text) is None
    assert not reads_like_a_stop(text)


def test_start_and_help_are_heard_and_the_providers_own_word_wins() -> None:
    assert wish_of("unstop") is Wish.START
    assert wish_of("INFO") is Wish.HELP
    assert wish_of("no more of this", "STOP") is Wish.STOP
