"""Why a topic rises: what its newest contacts share that others do not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log

FEWEST = 5
LEAST_SHARE = 0.3
LEAST_TIMES = 2.0
"""Something is shared by so many of those who ask now, and by so many times fewer of the others."""

AS_GOOD = 0.9

_WORD = re.compile(r"[^\W_][\w'’%-]{2,}")
_ENDS = ".!?…\n:"
_MASK = re.compile(r"\[\w+\]")


@dataclass(frozen=True, slots=True)
class Asked:
    """One contact: its words, and what else is known of it (`product`, `language`, …), each by its name."""

    text: str
    marks: frozenset[tuple[str, str]] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Cause:
    """`share` of the rising contacts have this (`kind` is word, product, channel, …), `usual` of the others;
    shares are 0 to 1."""

    kind: str
    value: str
    share: float
    usual: float
    count: int


def cause_of(rising: Sequence[Asked], others: Sequence[Asked]) -> Cause | None:
    """What most tells the rising contacts from the others, by p·log(p/q) as in `labelling`; None where
    nothing does. A word is shown as it is mostly written."""
    if len(rising) < FEWEST:
        return None
    spelling: Counter[str] = Counter()
    here, there = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for asked in rising:
        here.update(_marks(asked, spelling))
    for asked in others:
        there.update(_marks(asked, Counter()))
    found: list[tuple[float, Cause]] = []
    for (kind, value), count in sorted(here.items()):
        share = count / len(rising)
        usual = (there[kind, value] + 0.5) / (len(others) + 1)
        if count < FEWEST or share < LEAST_SHARE or share < LEAST_TIMES * usual:
            continue
        shown = _as_written(value, spelling) if kind == "word" else value
        cause = Cause(kind, shown, share, there[kind, value] / max(1, len(others)), count)
        found.append((share * log(share / usual), cause))
    best = max((worth for worth, _ in found), default=0)
    as_good = [cause for worth, cause in found if worth >= AS_GOOD * best]
    # Of words that come together, the one that is a name or a code tells a person most.
    return min(as_good, key=lambda cause: not _is_a_name(cause), default=None)


def _is_a_name(cause: Cause) -> bool:
    return cause.kind != "word" or any(letter.isupper() or letter.isdigit() for letter in cause.value)


def _marks(asked: Asked, spelling: Counter[str]) -> set[tuple[str, str]]:
    words = _words(_MASK.sub(" ", asked.text))
    spelling.update(words)
    return {("word", word.lower()) for word in words} | set(asked.marks)


def _words(text: str) -> list[str]:
    """The words as they are written; a capital that only begins a sentence makes no name."""
    found = []
    for match in _WORD.finditer(text):
        before, word = text[: match.start()].rstrip(" \t\"“'(¿¡"), match.group()
        begins = not before or before[-1] in _ENDS
        found.append(word.lower() if begins and word[1:].islower() else word)
    return found


def _as_written(word: str, spelling: Counter[str]) -> str:
    ways = [(count, way) for way, count in spelling.items() if way.lower() == word]
    return max(ways)[1]
