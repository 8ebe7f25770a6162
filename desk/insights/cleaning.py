"""From a contact to its question: what a mail carries around the words is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from desk.model.masking import masked, without_names
from desk.model.quoting import reply_text

MAX_LETTERS = 4000
"""What comes after is read by nobody to know what a contact is about."""

_TAG = re.compile(r"<(?:br|/p|/div|/li|/tr)\s*/?>", re.IGNORECASE)
_TAGS = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_BLANKS = re.compile(r"[ \t\xa0]+")
_LETTERS = re.compile(r"[^\W\d_]")
_NAME_ALONE = re.compile(r"[^\w\[]*\[name\][^\w\[]*")
_ASKS = ("?", "？", "؟")
SALUTATION_WORDS = 5
CLOSING_WORDS = 4


def question_of(text: str, names: Iterable[str] = ()) -> str:
    """The sender's own words, masked, a line each for what stood on a line; empty where there are none.

    Quotations and signatures go as everywhere in Desk; and by their shape, in any language: a first line of a
    few words that ends in a comma, such a line near the end with all below it, and a last line that is
    nothing but a name, with the few words before it. `names` are those of the sender, masked as well.
    """
    text = text[: 4 * MAX_LETTERS]
    if "<" in text:
        text = _TAGS.sub(" ", _TAG.sub("\n", text))
    if "\n" in text:
        text = reply_text(text)
    shown = without_names(masked(text[:MAX_LETTERS]), names)
    lines = [_BLANKS.sub(" ", line).strip() for line in shown.split("\n")]
    return "\n".join(_unsigned(_between_greetings([line for line in lines if line])))


def is_askable(question: str) -> bool:
    """Whether there is a word in it: two letters at least, of any script."""
    return len(_LETTERS.findall(question[:MAX_LETTERS])) >= 2


def _between_greetings(lines: list[str]) -> list[str]:
    if len(lines) > 1 and _is_short(lines[0], SALUTATION_WORDS) and lines[0].endswith((",", "!", "，")):
        lines = lines[1:]
    for number in range(max(1, len(lines) - 4), len(lines)):
        below = lines[number + 1 :]
        if (
            _is_short(lines[number], CLOSING_WORDS)
            and lines[number].endswith((",", "，"))
            and below
            and all(_is_short(line, CLOSING_WORDS) for line in below)
        ):
            return lines[:number]
    return lines


def _unsigned(lines: list[str]) -> list[str]:
    """Without a name at the end; where it closes more than a line, also without the words that led to it."""
    if not lines or not _NAME_ALONE.fullmatch(lines[-1]):
        return lines
    *lines, _ = lines
    if len(lines) > 1 and _is_short(lines[-1], CLOSING_WORDS) and not lines[-1].endswith(_ASKS):
        return lines[:-1]
    return lines


def _is_short(line: str, words: int) -> bool:
    return len(line.split()) <= words
