"""A text is counted as the carrier counts it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.channels.sms.segments import plain_form, rare_letters, segments_of


def test_segments_are_those_of_the_oracle(corpora: Path) -> None:
    cases = json.loads((corpora / "sms" / "segments.json").read_text())["cases"]
    assert cases
    for case in cases:
        assert asdict(segments_of(case["text"])) == case["default"], case["text"]
        assert asdict(segments_of(plain_form(case["text"]))) == case["smart"], case["text"]


def test_a_euro_sign_takes_two_places_and_is_never_torn() -> None:
    assert segments_of("€" * 80).segments == 1
    assert segments_of("€" * 81).segments == 2
    assert segments_of("a" * 159 + "€").segments == 2


def test_one_curly_quote_makes_the_whole_text_dear_and_its_plain_form_cheap_again() -> None:
    text = "It’s here. " * 12
    assert segments_of(text).encoding == "UCS-2"
    assert segments_of(text).segments > segments_of(plain_form(text)).segments == 1


def test_the_room_of_a_text_is_what_its_segments_hold() -> None:
    alone, several, dear = segments_of("a" * 34), segments_of("a" * 161), segments_of("ș" * 71)
    assert (alone.places, alone.room, alone.room_of_each) == (34, 160, 160)
    assert (several.places, several.room, several.room_of_each) == (161, 306, 153)
    assert (dear.places, dear.room, dear.room_of_each) == (71, 134, 67)


def test_letters_that_make_a_text_dear_are_named_once_each_and_in_their_order() -> None:
    assert rare_letters("Mulțumesc, ați răspuns 👍🏽!") == ["ț", "ă", "👍🏽"]
    assert rare_letters("a\u00a0b\u200bc") == ["no-break space", "zero width space"]
    assert rare_letters("Ü and € are plain") == []


@settings(deadline=None)  # a busy machine is no fault of the rule
@given(st.text(max_size=400))
def test_no_text_takes_more_places_than_there_are(text: str) -> None:
    found = segments_of(text)
    assert 0 <= found.places <= found.room


@settings(deadline=None)  # a busy machine is no fault of the rule
@given(st.text(max_size=400), st.text(max_size=40))
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    assert segments_of(text + more).bits >= segments_of(text).bits


@settings(deadline=None)  # a busy machine is no fault of the rule
@given(st.text(max_size=600))
def test_what_is_sent_fits_into_its_segments(text: str) -> None:
    found = segments_of(text)
    assert found.bits <= found.segments * 1120
