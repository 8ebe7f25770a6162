"""What somebody meant by what they typed, and which articles answer it.

Every word is weighed by how few articles hold it. A word that none holds is taken for a typing
error, and the words that it may have meant are sought in its place; the one that is still being
typed is completed by words that articles hold.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from desk.kb.spelling import SHORTEST, meant_by
from desk.model.words import distinct_words, words_in
from desk.store.article_search import MOST_WORDS, Hit, Sought, articles_holding
from desk.store.article_words import ANY_WORD, alike, beginning_with, known_words

LONGEST_QUESTION = 200
LONGEST_TEXT = 4000
"""How much of a longer text, such as a case, is looked at."""

COMPLETIONS = 12
CANDIDATES = 60
COMMON = 0.3
"""A word that more than this share of the articles hold tells nothing of what a text is about."""

FEW = 10
"""Among so few articles every word tells something."""

ENOUGH = 0.25
"""An article that holds only some of the words must hold this share of their weight."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found; `read_as` is the question with typing errors mended, where that found it."""

    hits: Sequence[Hit]
    read_as: str | None = None


def find_articles(
    session: Session, question: str, *, limit: int, begun: bool = False, internal: bool = False
) -> Found:
    """Published articles that answer the question: those with all its words, else with enough of them.

    With `begun` the last word may be unfinished, as when somebody is still typing.
    """
    question = question[:LONGEST_QUESTION]
    typed = distinct_words(question)[: 3 * MOST_WORDS]
    if not typed:
        return Found([])
    reader = _Reader(session, known_words(session, typed, internal=internal), internal)
    sought = [reader.read(word, begun=begun and word == typed[-1]) for word in typed]
    sought = _worth_most(sought)
    mended = " ".join(reader.mended.get(word, word) for word in typed) if reader.mended else None
    hits = articles_holding(
        session, sought, question=mended or question, limit=limit, every=True, internal=internal
    )
    if not hits:
        hits = _holding_enough(session, sought, mended or question, limit, internal=internal)
    return Found(hits, mended if hits else None)


def articles_about(session: Session, text: str, *, limit: int, internal: bool = False) -> list[Hit]:
    """Published articles about the same as a text that somebody wrote, such as a case; the best first."""
    return Telling.of(session, text, internal=internal).articles(session, limit)


@dataclass(frozen=True, slots=True)
class Telling:
    """The words of a text that tell what it is about, each with its weight, the weightiest first."""

    sought: Sequence[Sought]
    internal: bool

    @classmethod
    def of(cls, session: Session, text: str, *, internal: bool = False) -> Telling:
        used = Counter(words_in(text[:LONGEST_TEXT]))
        known = known_words(session, list(used), internal=internal)
        total = known.pop(ANY_WORD, 0)
        weights = {
            word: rarity(held, total) * (1 + math.log(used[word]))
            for word, held in known.items()
            if total < FEW or held <= COMMON * total
        }
        chosen = sorted(weights, key=lambda word: (-weights[word], word))[:MOST_WORDS]
        return cls([Sought((word,), weights[word]) for word in chosen], internal)

    @property
    def words(self) -> list[str]:
        return [one.words[0] for one in self.sought]

    def articles(self, session: Session, limit: int) -> list[Hit]:
        """Published articles that hold enough of the words."""
        return _holding_enough(session, self.sought, " ".join(self.words), limit, internal=self.internal)


def rarity(held: int, total: int) -> float:
    """The inverse document frequency of BM25 (Robertson and Zaragoza 2009, 3.1), never below a little."""
    return max(0.05, math.log(1 + (total - held + 0.5) / (held + 0.5)))


class _Reader:
    """Reads one typed word after the other; `mended` says what was taken for a typing error."""

    def __init__(self, session: Session, known: Mapping[str, int], internal: bool) -> None:
        self._session, self._internal = session, internal
        self._known, self._total = known, known.get(ANY_WORD, 0)
        self.mended: dict[str, str] = {}

    def read(self, word: str, *, begun: bool) -> Sought:
        if begun:
            longer = beginning_with(self._session, word, COMPLETIONS, internal=self._internal)
            if longer:
                words = (word, *(one for one, _ in longer if one != word))
                return Sought(words, rarity(longer[0][1], self._total))
        if word in self._known:
            return Sought((word,), rarity(self._known[word], self._total))
        used = (
            dict(alike(self._session, word, CANDIDATES, internal=self._internal))
            if len(word) >= SHORTEST
            else {}
        )
        meant = meant_by(word, used.items(), begun=begun)
        if not meant:
            # No article holds it in this form; another form of it may be held, and is worth as much as most.
            return Sought((word,), rarity(max(1, self._total // 100), self._total))
        if not (word.startswith(meant[0]) or meant[0].startswith(word)):
            self.mended[word] = meant[0]
        return Sought((word, *meant), rarity(used[meant[0]], self._total))


def _worth_most(sought: Sequence[Sought]) -> list[Sought]:
    """The words that are worth the most, in their order."""
    places = sorted(range(len(sought)), key=lambda place: -sought[place].weight)[:MOST_WORDS]
    return [sought[place] for place in sorted(places)]


def _holding_enough(
    session: Session, sought: Sequence[Sought], question: str, limit: int, *, internal: bool
) -> list[Hit]:
    """Articles with some of the words, which together are worth enough of what is worth anything here."""
    hits = articles_holding(session, sought, question=question, limit=limit, every=False, internal=internal)
    met = {place for hit in hits for place in hit.found}
    least = ENOUGH * sum(sought[place].weight for place in met)
    return [hit for hit in hits if sum(sought[place].weight for place in hit.found) >= least]
