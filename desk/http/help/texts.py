"""Every text of the help centre's own pages, in the language of whoever asks; articles bring their own."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from flask import request

LANGUAGES = ("en", "de", "ar")
"""The languages that the help centre's own pages speak, as the widget does; each is a file in `locales/`."""

_TEXTS: dict[str, dict[str, str]] = {
    language: json.loads((Path(__file__).parent / "locales" / f"{language}.json").read_text("utf-8"))
    for language in LANGUAGES
}


LANGUAGE_NAMES = {
    "ar": "العربية",
    "da": "Dansk",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fi": "Suomi",
    "fr": "Français",
    "he": "עברית",
    "it": "Italiano",
    "nb": "Norsk",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "sv": "Svenska",
    "tr": "Türkçe",
    "uk": "Українська",
    "zh": "中文",
}
"""Each language as those who speak it call it."""


def language_name(code: str) -> str:
    """The name of a language in itself; a code that we do not know stays as it is."""
    return LANGUAGE_NAMES.get(code, LANGUAGE_NAMES.get(code.partition("-")[0], code))


def spoken() -> str:
    """The first language that this browser asks for and we speak; English where there is none."""
    asked = (code.partition("-")[0].lower() for code in request.accept_languages.values())
    return next((code for code in asked if code in LANGUAGES), LANGUAGES[0])


def t(key: str, **values: object) -> str:
    """The text, in the language of the request; a key that is not there is a fault."""
    text = _TEXTS[spoken()][key]
    return text.format(**values) if values else text


def day_text(day: date) -> str:
    """A day as the language of the request writes it: 26 November 2026, 26. November 2026."""
    months = t("months").split(",")
    return t("date", day=day.day, month=months[day.month - 1], year=day.year)
