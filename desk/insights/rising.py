"""Why a topic rises: what its newest contacts share that others in the same language do not.

A word is compared within its language: had the others written in the languages of those who ask now, in what
share would it stand (direct standardisation, as of death rates by age). So a wave of letters in German does
not make “wir” stand out among English ones; that they are in German is told instead.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import log

from desk.insights.languages import is_function_word
from desk.model.words import SIGNS

FEWEST = 5
LEAST_SHARE = 0.3
LEAST_TIMES = 2.0
"""Something is shared by so many of those who ask now, and by so many times fewer of the others."""

FEWEST_ALIKE = 20
"""Of a language in which fewer of the others wrote it is not known what is usual."""

AS_GOOD = 0.9

_WORD = re.compile(rf"[^\W_][\w'’%{SIGNS}-]{{2,}}")
_ENDS = ".!?…\n:"
_MASK = re.compile(r"\[\w+\]")


@dataclass(frozen=True, slots=True)
class Asked:
    """One contact: its words, its language (empty where unknown), and what else is known of it (`product`,
    `channel`, …), each by its name."""

    text: str
    language: str = ""
    marks: frozenset[tuple[str, str]] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Cause:
    """`share` of the rising contacts have this (`kind` is word, language, product, channel, …), `usual` of
    the others; of a word, of others in the same languages. Shares are 0 to 1."""

    kind: str
    value: str
    share: float
    usual: float
    count: int


def cause_of(rising: Sequence[Asked], others: Sequence[Asked]) -> Cause | None:
    """What most tells the rising contacts from the others, by p·log(p/q) as in `labelling`; None where
    nothing does. A word is shown as it is mostly written, and is none that every sentence may hold."""
    if len(rising) < FEWEST:
        return None
    found = [*_words_apart(rising, others), *_marks_apart(rising, others)]
    best = max((worth for worth, _ in found), default=0)
    as_good = [cause for worth, cause in found if worth >= AS_GOOD * best]
    # Of words that come together, the one that is a name or a code tells a person most.
    return min(as_good, key=lambda cause: not _is_a_name(cause), default=None)


def _marks_apart(rising: Sequence[Asked], others: Sequence[Asked]) -> Iterator[tuple[float, Cause]]:
    here = Counter(mark for asked in rising for mark in _marks(asked))
    there = Counter(mark for asked in others for mark in _marks(asked))
    for (kind, value), count in sorted(here.items()):
        usual = (there[kind, value] + 0.5) / (len(others) + 1)
        told = Cause(kind, value, count / len(rising), there[kind, value] / max(1, len(others)), count)
        yield from _apart(told, usual)


def _words_apart(rising: Sequence[Asked], others: Sequence[Asked]) -> Iterator[tuple[float, Cause]]:
    spelling: Counter[str] = Counter()
    here, there = _by_language(rising, spelling), _by_language(others, Counter())
    held = Counter[str]()
    for words in here.words.values():
        held.update(words)
    for word, count in sorted(held.items()):
        if count >= FEWEST:
            share = count / len(rising)
            told = Cause("word", _as_written(word, spelling), share, _usual(word, here, there, 0), count)
            yield from _apart(told, _usual(word, here, there, 0.5))


def _usual(word: str, here: _Spoken, there: _Spoken, prior: float) -> float:
    """The share of the others that would hold the word, had they written in the languages of the rising.

    Where hardly any of them wrote in a language, a word that another one has as well (a code, a name) is
    taken to be as usual as there; of any other, what is held now is taken to be usual.
    """
    known = {
        language: contacts
        for language, contacts in here.contacts.items()
        if there.contacts[language] >= FEWEST_ALIKE
    }
    usual = sum(
        contacts * (there.words[language][word] + prior) / (there.contacts[language] + 2 * prior)
        for language, contacts in known.items()
    )
    asked, now = sum(known.values()), sum(here.words[language][word] for language in known)
    if known and now >= LEAST_SHARE * asked:
        return usual / asked
    elsewhere = sum(words[word] for language, words in here.words.items() if language not in known)
    return (usual + elsewhere) / here.contacts.total()


def _apart(cause: Cause, usual: float) -> Iterator[tuple[float, Cause]]:
    """The cause with its worth, where it tells the ones from the others; `usual` is smoothed."""
    if cause.count >= FEWEST and cause.share >= max(LEAST_SHARE, LEAST_TIMES * usual):
        yield cause.share * log(cause.share / usual), cause


def _is_a_name(cause: Cause) -> bool:
    return cause.kind != "word" or any(letter.isupper() or letter.isdigit() for letter in cause.value)


def _marks(asked: Asked) -> set[tuple[str, str]]:
    return {*asked.marks, *([("language", asked.language)] if asked.language else [])}


@dataclass(frozen=True, slots=True)
class _Spoken:
    """By language: how many contacts there are, and in how many of them each word stands."""

    contacts: Counter[str]
    words: defaultdict[str, Counter[str]]


def _by_language(contacts: Sequence[Asked], spelling: Counter[str]) -> _Spoken:
    spoken = _Spoken(Counter(), defaultdict(Counter))
    for asked in contacts:
        telling = [
            word for word in _words(_MASK.sub(" ", asked.text)) if not is_function_word(word, asked.language)
        ]
        spelling.update(telling)
        spoken.contacts[asked.language] += 1
        spoken.words[asked.language].update({word.lower() for word in telling})
    return spoken


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
