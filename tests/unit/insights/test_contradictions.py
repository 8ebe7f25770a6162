"""Which articles contradict each other, and which are only alike: sentences as shops write them."""

from __future__ import annotations

import pytest

from desk.insights.contradictions import Contradiction, Page, contradiction_between

Article = tuple[str, str]
RETURN = ("Return something", "You can send anything back within 14 days. Write to us first.")


def between(one: Article, other: Article, language: str = "en") -> Contradiction | None:
    return contradiction_between(Page(1, *one, language), Page(2, *other, language), None)


@pytest.mark.parametrize(
    ("language", "one", "other", "values"),
    [
        (
            "en", RETURN, ("Our return policy", "Is something broken? You can send it back within 30 days."),
            ("14 days", "30 days"),
        ),
        (
            "en", ("What delivery costs", "Delivery within the EU is free."),
            ("Delivery to the EU", "Coffee is fresh. Delivery within the EU costs 4.90 €."),
            ("free", "4.90 €"),
        ),
        (
            "en", ("Guarantee", "The guarantee on all our grinders is three years."),
            ("The grinder is loud", "Write to us: the guarantee covers grinders for two years."),
            ("three years", "two years"),
        ),
        (
            "en", ("Opening hours", "Our phone line is open Monday to Friday, 9:00 to 17:00."),
            ("Contact us", "The phone line is open Monday to Friday, 8:00 to 16:00, our opening hours."),
            ("9:00 to 17:00", "8:00 to 16:00"),
        ),
        (
            "en", ("Change an order", "You can change your order after it was placed."),
            ("Orders", "You cannot change your order after it was placed."),
            ("", ""),
        ),
        (
            "de", ("Rücksendung", "Sie können alles innerhalb von 14 Tagen zurücksenden."),
            ("Widerruf und Rücksendung", "Sie können alles innerhalb von 30 Tagen zurücksenden."),
            ("14 Tagen", "30 Tagen"),
        ),
        (
            "da", ("Returnering", "Du kan returnere varer inden for 14 dage efter levering."),
            ("Fortryd dit køb: returnering", "Varer kan du returnere inden for 30 dage efter levering."),
            ("14 dage", "30 dage"),
        ),
        (
            "fr", ("Frais de livraison", "La livraison en France est gratuite à partir de 50 €."),
            ("Livraison : frais", "La livraison en France est gratuite à partir de 60 €."),
            ("50 €", "60 €"),
        ),
    ],
)  # fmt: skip
def test_what_cannot_both_be_true_is_told_with_both_sentences(
    language: str, one: Article, other: Article, values: tuple[str, str]
) -> None:
    found = between(one, other, language)
    assert found is not None and found.values == values
    assert found.said in one[1] and found.other_said in other[1]
    back = between(other, one, language)
    assert back is not None and (back.said, back.other_said) == (found.other_said, found.said)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", RETURN, ("Our return policy", "You can send something back within two weeks.")),
        (
            "en", ("Return coffee", "You can send coffee back within 14 days."),
            ("Return a machine", "Coffee aside, you can send machines back within 30 days."),
        ),
        (
            "en", ("What delivery costs", "Delivery to Denmark costs 4 €."),
            ("Delivery abroad: what it costs", "Delivery to Sweden costs 6 €."),
        ),
        (
            "en", ("What delivery costs", "Delivery costs 4.90 €."),
            ("Delivery costs", "Delivery costs nothing: it is free from 60 € on."),
        ),
        (
            "en", ("Guarantee of grinders", "The guarantee lasts three years."),
            ("Guarantee of machines", "The guarantee lasts five years."),
        ),
        (
            "en", ("Delivery times", "Standard delivery takes 3 to 5 days."),
            ("Express delivery times", "Express delivery takes 1 to 2 days."),
        ),
        (
            "en", ("Loyalty", "Gold members get 10 % off every order."),
            ("Loyalty levels", "Silver members get 5 % off every order."),
        ),
        (
            "en", ("Change an order", "You cannot change an order once it is packed."),
            ("Change the address of an order", "You can change an order until it is packed."),
        ),
        (
            "en", ("Gift cards", "A gift card costs between 20 and 200 €."),
            ("Use a gift card", "With a gift card you pay orders up to 500 €."),
        ),
        (
            "de", ("Versandkosten", "Der Versand nach Deutschland kostet 4,90 €."),
            ("Versandkosten Ausland", "Der Versand nach Österreich kostet 9,90 €."),
        ),
        ("en", RETURN, RETURN),
        ("en", ("", ""), RETURN),
    ],
)  # fmt: skip
def test_what_is_only_alike_is_not_told(language: str, one: Article, other: Article) -> None:
    assert between(one, other, language) is None
    assert between(other, one, language) is None
