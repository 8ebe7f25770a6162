"""Which variant of an article a reader gets."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from desk.kb.locales import best_of_each


@dataclass(frozen=True)
class One:
    group: int
    language: str


EN, DE, FR = One(1, "en"), One(1, "de"), One(2, "fr")


@pytest.mark.parametrize(
    ("preferred", "wanted"),
    [
        (["de", "en"], [DE, FR]),
        (["de-at"], [DE, FR]),
        (["en-gb", "de"], [EN, FR]),
        (["it"], [EN, FR]),
        ([], [EN, FR]),
    ],
)
def test_the_language_preferred_most_is_shown_and_no_article_is_lost(
    preferred: list[str], wanted: list[One]
) -> None:
    assert best_of_each([EN, FR, DE], preferred) == wanted
