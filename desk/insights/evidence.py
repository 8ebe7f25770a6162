"""What the rules are told of a topic's words, and what is new since somebody said no."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from desk.insights.signals import Signal, surely
from desk.model.words import WORD

MORE = 1.5
MORE_CONTACTS = 10

FIELDS = {
    "order number": r"order (?:number|no\b|id)|bestellnummer",
    "customer number": r"(?:customer|account) (?:number|no\b|id)|kundennummer",
    "invoice number": r"invoice (?:number|no\b)|rechnungsnummer",
    "serial number": r"serial (?:number|no\b)|seriennummer",
    "tracking number": r"tracking (?:number|no\b|id)|sendungsnummer",
    "e-mail address": r"e-?mail address|e-mail-adresse",
    "postal address": r"(?:postal|delivery|shipping|home) address|post ?code|lieferadresse",
    "picture": r"photos?|pictures?|screenshots?|\bfotos?\b|\bbild(?:er)?\b",
    "date of the purchase": r"(?:date of (?:the |your )?purchase|purchase date)|kaufdatum",
    "model": r"(?:which|what|the) model\b|model (?:name|number)",
    "size": r"(?:which|what) size",
    "version": r"(?:which|what) version|version number",
}
"""What an answer may ask for, and how it says so."""

_ASKED = re.compile(r"(?i)\?|\b(?:please|could you|can you|we need|let (?:us|me) know|bitte|könnten sie)\b")
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_FIELDS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in FIELDS.items()}


def fields_asked_for(answers: Iterable[str]) -> dict[str, int]:
    """In how many of the answers a sentence asks for each field."""
    counted: Counter[str] = Counter()
    for answer in answers:
        asking = " ".join(one for one in _SENTENCES.split(answer) if _ASKED.search(one))
        counted.update(name for name, pattern in _FIELDS.items() if pattern.search(asking))
    return dict(counted)


def searches_about(words: Sequence[str], made: Iterable[tuple[str, int, int]]) -> tuple[int, int]:
    """(all, in vain) of the searches that share two words with a topic's, or all they have if that is one.

    `made` are (words, times, times in vain).
    """
    mine = {word for said in words for word in WORD.findall(said.casefold())}
    times = vain = 0
    for said, count, in_vain in made:
        asked = set(WORD.findall(said.casefold()))
        if asked and len(asked & mine) >= min(2, len(asked)):
            times, vain = times + count, vain + in_vain
    return times, vain


def confidence_of(signals: Sequence[Signal]) -> float:
    """How much of what the rules saw is certain, 0 to 1: the lower end of the share's 90 % interval over the
    share; rules that agree add up."""
    doubt = 1.0
    for signal in signals:
        share = signal.addressable
        doubt *= 1 - (surely(share, signal.of) / share if share else 0.0)
    return round(1 - doubt, 3)


def news(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What the evidence holds that it did not when somebody said no, in words; nothing where it is the same.

    New is another rule that says so, or half as many contacts again, ten at least.
    """
    known = {one["rule"] for one in before["signals"]}
    fresh = [one for one in now["signals"] if one["rule"] not in known]
    if fresh:
        return f"Something else says so by now: {fresh[0]['why']}"
    then, today = before["contacts"], now["contacts"]
    if today >= MORE * then and today >= then + MORE_CONTACTS:
        return f"{today} contacts in four weeks, where it was {then} when it was declined."
    return ""
