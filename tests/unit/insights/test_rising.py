"""What rising contacts share: the word that tells them from the others, as it is written, or nothing."""

from __future__ import annotations

from desk.insights.rising import Asked, cause_of


def asked(*marks: tuple[str, str]) -> list[Asked]:
    return [Asked(f"my voucher {number} does not work", frozenset(marks)) for number in range(20)]


USUAL = asked(("channel", "email")) * 2


def test_the_word_is_told_that_the_others_do_not_have() -> None:
    rising = [
        Asked("WELCOME15 says expired"),
        *[Asked("my code WELCOME15 does not work")] * 15,
        Asked("voucher"),
    ]
    cause = cause_of(rising, USUAL)
    assert cause is not None
    assert (cause.kind, cause.value, cause.count) == ("word", "WELCOME15", 16)
    assert cause.share > 0.9 and cause.usual == 0


def test_a_product_or_a_channel_tells_as_well_as_a_word() -> None:
    cause = cause_of(asked(("product", "Grinder")), USUAL)
    assert cause is not None and (cause.kind, cause.value, cause.share) == ("product", "Grinder", 1.0)


def test_a_language_is_told_rather_than_a_word_of_it() -> None:
    danish = [Asked(f"Jeg har ikke fået faktura {n}", frozenset({("language", "da")})) for n in range(20)]
    cause = cause_of(danish, USUAL)
    assert cause is not None and (cause.kind, cause.value, cause.share) == ("language", "da", 1.0)


def test_a_capital_that_begins_a_sentence_makes_no_name() -> None:
    cause = cause_of([Asked("How does it go. How is my Moccamaster?")] * 20, USUAL)
    assert cause is not None and cause.value == "Moccamaster"


def test_what_everybody_says_and_what_few_say_is_no_cause() -> None:
    assert cause_of(USUAL[:20], USUAL) is None
    assert cause_of([Asked("WELCOME15")] * 4, USUAL) is None
    assert cause_of([], []) is None


def test_masks_are_no_words() -> None:
    assert cause_of([Asked("[number] [email]")] * 20, USUAL) is None
