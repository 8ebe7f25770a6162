"""The help centre says the same in each of its languages."""

from __future__ import annotations

import json
from pathlib import Path
from string import Formatter

import pytest

from desk.http.help import texts

LOCALES = Path(texts.__file__).parent / "locales"


def read(language: str) -> dict[str, str]:
    return dict(json.loads((LOCALES / f"{language}.json").read_text("utf-8")))


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", texts.LANGUAGES[1:])
def test_a_language_says_all_that_english_says_with_the_same_names(language: str) -> None:
    english, other = read("en"), read(language)
    assert list(other) == list(english)
    assert {key: names(text) for key, text in other.items()} == {key: names(english[key]) for key in english}
    assert [key for key, text in other.items() if not text.strip()] == []


def test_no_file_is_left_unspoken() -> None:
    assert sorted(file.stem for file in LOCALES.iterdir()) == sorted(texts.LANGUAGES)
