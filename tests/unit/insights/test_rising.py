"""What rising contacts share: the word that tells them from the others, as it is written, or nothing."""

from __future__ import annotations

from desk.insights.languages import language_of
from desk.insights.rising import Asked, cause_of


def said(*texts: str, likely: str = "") -> list[Asked]:
    return [Asked(text, language_of(text, likely)) for text in texts]


def asked(*marks: tuple[str, str]) -> list[Asked]:
    return [Asked(f"my voucher {number} does not work", "en", frozenset(marks)) for number in range(20)]


USUAL = asked(("channel", "email")) * 2
IN_GERMAN = said(
    "wir haben die Bestellung noch nicht bekommen, wo ist der Kaffee",
    "ich warte auf den Kaffee, wann kommt die Bestellung",
    "der Kaffee ist nicht da, wir warten seit Montag",
    "wo bleibt die Sendung mit den Bohnen",
)


def test_the_word_is_told_that_the_others_do_not_have() -> None:
    rising = [
        *said("WELCOME15 says it is expired", *["my code WELCOME15 does not work"] * 15, "no voucher"),
    ]
    cause = cause_of(rising, USUAL)
    assert cause is not None
    assert (cause.kind, cause.value, cause.count) == ("word", "WELCOME15", 16)
    assert cause.share > 0.9 and cause.usual == 0


def test_a_product_or_a_channel_tells_as_well_as_a_word() -> None:
    cause = cause_of(asked(("product", "Grinder")), USUAL)
    assert cause is not None and (cause.kind, cause.value, cause.share) == ("product", "Grinder", 1.0)


def test_a_language_is_told_rather_than_a_word_of_it() -> None:
    for others in (USUAL, USUAL * 10 + IN_GERMAN):
        cause = cause_of(IN_GERMAN * 5, others)
        assert cause is not None and (cause.kind, cause.value, cause.share) == ("language", "de", 1.0)


def test_a_word_is_told_from_what_is_usual_in_its_language() -> None:
    others = USUAL * 10 + IN_GERMAN * 10
    now = said(*["wo ist der Kaffee, DHL sagt zugestellt"] * 12, *["wir warten auf den Kaffee"] * 2)
    cause = cause_of(now, others)
    assert cause is not None and (cause.value, cause.usual) == ("DHL", 0)


def test_a_code_that_two_languages_share_is_told_though_one_of_them_is_new() -> None:
    now = said(*["my code MORGEN15 does not work"] * 12, *["mein Code MORGEN15 geht nicht, was ist das"] * 8)
    cause = cause_of(now, USUAL)
    assert cause is not None and (cause.value, cause.share) == ("MORGEN15", 1.0)


def test_small_words_are_never_told_however_often_they_are_said() -> None:
    assert cause_of(said(*["why was it not yours and whose is the voucher"] * 20), USUAL) is None


def test_words_alike_in_two_languages_are_small_only_where_they_are() -> None:
    cause = cause_of(said(*["my hat is too small"] * 20), USUAL)
    assert cause is not None and cause.kind == "word" and cause.value in ("hat", "small")


def test_a_capital_that_begins_a_sentence_makes_no_name() -> None:
    cause = cause_of(said(*["How does it go. How is my Moccamaster?"] * 20), USUAL)
    assert cause is not None and cause.value == "Moccamaster"


def test_what_everybody_says_and_what_few_say_is_no_cause() -> None:
    assert cause_of(USUAL[:20], USUAL) is None
    assert cause_of([Asked("WELCOME15")] * 4, USUAL) is None
    assert cause_of([], []) is None


def test_masks_are_no_words() -> None:
    assert cause_of([Asked("[number] [email]")] * 20, USUAL) is None
