"""What names a person or a thing is masked; what is the question stays."""

from __future__ import annotations

import pytest

from desk.model.masking import masked, spoken, without_names


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Cancel order 113542617735902?", "Cancel order [number]?"),
        ("Order #AB-12345 is late", "Order [number] is late"),
        ("Write to cleo@shop.example now", "Write to [email] now"),
        ("See https://shop.example/o?x=1 please", "See [link] please"),
        ("Call +49 170 1234567 today", "Call [phone] today"),
        ("My IBAN is DE89 3704 0044 0532 0130 00", "My IBAN is [account]"),
        ("My name is Cleo Carter and it broke", "My name is [name] and it broke"),
        ("Hello Ada, it broke", "Hello [name], it broke"),
        ("Please send it to 12 Birch Lane.", "Please send it to [address]."),
        ("It goes to Birch Lane 14 instead", "It goes to [address] instead"),
        ("Ich wohne Am Lindenweg 3 a jetzt", "Ich wohne [address] jetzt"),
        ("Send den til Nørregade 7", "Send den til [address]"),
        ("J'habite au 12 bis rue de la Paix", "J'habite au [address]"),
        ("Vivo en Calle Mayor, 5", "Vivo en [address]"),
        ("Pracownia Sowa ul. Leśna 7", "Pracownia Sowa [address]"),
        ("I place Order 5, 3 to Road Runner", "I place Order 5, 3 to Road Runner"),
        ("paid via PayPal 3 times on my Way 2", "paid via PayPal 3 times on my Way 2"),
        ("The shop in Birch Lane is shut", "The shop in Birch Lane is shut"),
        ("Move 250 dollars on the 3rd at 7:30", "Move 250 dollars on the 3rd at 7:30"),
        ("hi there, my 2 cups of 0.25 l", "hi there, my 2 cups of 0.25 l"),
    ],
)
def test_masks_hide_who_and_which_but_not_how_much(said: str, read: str) -> None:
    assert masked(said) == read


def test_the_encoder_reads_masks_as_words() -> None:
    assert spoken("cancel order [number] [sic]") == "cancel order number [sic]"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("where is order 4711982", "where is order [number]"),
        ("cleo@example.org login", "[email] login"),
        ("call +44 20 7946 0958", "call [phone]"),
        ("error 404 on model X7", "error 404 on model X7"),
        ("KX-20931 late", "[number] late"),
    ],
)
def test_what_is_searched_for_names_nobody(typed: str, kept: str) -> None:
    assert masked(typed) == kept


def test_our_own_links_may_stay() -> None:
    text = "See https://desk.example/help/a and https://other.example/b"
    assert masked(text, ours="https://desk.example/") == "See https://desk.example/help/a and [link]"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Venlig hilsen Søren Fyrlund", "Venlig hilsen [name]"),
        ("SØREN here, will you call?", "SØREN here, will you call?"),
        ("Ask Fyrlund-Søren or søren", "Ask [name] or søren"),
        ("Sørensen is somebody else", "Sørensen is somebody else"),
    ],
)
def test_the_names_of_the_people_are_masked_as_they_are_written(said: str, read: str) -> None:
    assert without_names(said, ["Søren Fyrlund", "", "x"]) == read


def test_nobody_to_hide_hides_nothing() -> None:
    assert without_names("As it is.", []) == "As it is."
