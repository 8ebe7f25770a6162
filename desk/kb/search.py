"""What somebody meant by what they typed, and which articles answer it.

Every word is weighed by how few articles hold it. A word that none holds is taken for a typing
error, and the words that it may have meant are sought in its place; the one that is still being
typed is completed by words that articles hold.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from desk.kb.locales import best_of_each
from desk.kb.spelling import SHORTEST, meant_by
from desk.kb.synonyms import with_synonyms
from desk.model.words import words_in
from desk.store.knowledge.article_search import MOST_WORDS, Hit, Sought, articles_holding
from desk.store.knowledge.article_words import ANY_WORD, alike, beginning_with, known_words
from desk.store.knowledge.help_searches import synonym_words

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
    session: Session,
    question: str,
    *,
    limit: int,
    begun: bool = False,
    internal: bool = False,
    snippets: bool = True,
    languages: Sequence[str] = (),
) -> Found:
    """Published articles that answer the question: those with all its words, else with enough of them.

    With `begun` the last word may be unfinished, as when somebody is still typing. Of an article in
    several languages the one that `languages` prefer is found.
    """
    question = question[:LONGEST_QUESTION].replace("\0", " ")
    typed = list(words_in(question))[: 3 * MOST_WORDS]
    if not typed:
        return Found([])
    units = with_synonyms(typed, synonym_words(session))
    parts = {part for unit in units for word in unit for part in word.split()}
    reader = _Reader(session, known_words(session, sorted(parts), internal=internal), internal)
    last = typed[-1] if begun else None
    sought = _worth_most([reader.read(unit, begun=unit[0] == last) for unit in units])
    mended = " ".join(reader.mended.get(word, word) for word in typed) if reader.mended else None
    wanted = partial(
        articles_holding, session, sought, question=mended or question, limit=limit, internal=internal
    )
    hits = wanted(every=True, snippets=snippets) or _enough(sought, wanted(every=False, snippets=snippets))
    return Found(best_of_each(hits, languages), mended if hits else None)


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
        return cls([Sought((word,), known[word], weights[word]) for word in chosen], internal)

    @property
    def words(self) -> list[str]:
        return [one.words[0] for one in self.sought]

    def articles(self, session: Session, limit: int) -> list[Hit]:
        """Published articles that hold enough of the words."""
        question = " ".join(self.words)
        hits = articles_holding(
            session,
            self.sought,
            question=question,
            limit=limit,
            every=False,
            internal=self.internal,
            snippets=False,
        )
        return _enough(self.sought, hits)


def rarity(held: int, total: int) -> float:
    """The inverse document frequency of BM25 (Robertson and Zaragoza 2009, 3.1), never below a little."""
    return max(0.05, math.log(1 + (total - held + 0.5) / (held + 0.5)))


class _Reader:
    """Reads what was typed, word after word; `mended` says what was taken for a typing error."""

    def __init__(self, session: Session, known: Mapping[str, int], internal: bool) -> None:
        self._session, self._internal = session, internal
        self._known, self._total = known, known.get(ANY_WORD, 0)
        self.mended: dict[str, str] = {}

    def read(self, unit: Sequence[str], *, begun: bool) -> Sought:
        """A word or phrase, with its synonyms behind it; with `begun` it is perhaps not finished."""
        word, held = unit[0], max(self._held(one) for one in unit)
        if begun:
            longer = beginning_with(self._session, word, COMPLETIONS, internal=self._internal)
            if longer:
                words = dict.fromkeys((*unit, *(one for one, _ in longer)))
                return self._sought(words, max(held, longer[0][1]))
        if held or len(word) < SHORTEST:
            return self._sought(unit, held)
        used = dict(alike(self._session, word, CANDIDATES, internal=self._internal))
        meant = meant_by(word, used.items(), begun=begun)
        if not meant:
            # No article holds it in this form; another form of it may be held, and is worth as much as most.
            return self._sought(unit, max(1, self._total // 100))
        if not (word.startswith(meant[0]) or meant[0].startswith(word)):
            self.mended[word] = meant[0]
        return self._sought((*unit, *meant), used[meant[0]])

    def _sought(self, words: Iterable[str], held: int) -> Sought:
        return Sought(tuple(words), held, rarity(held, self._total))

    def _held(self, word: str) -> int:
        """By how many articles at most: a phrase by no more than the rarest of its words."""
        return min(self._known.get(part, 0) for part in word.split())


def _worth_most(sought: Sequence[Sought]) -> list[Sought]:
    """The words that are worth the most, in their order."""
    places = sorted(range(len(sought)), key=lambda place: -sought[place].weight)[:MOST_WORDS]
    return [sought[place] for place in sorted(places)]


def _enough(sought: Sequence[Sought], hits: Sequence[Hit]) -> list[Hit]:
    """Those whose words together are worth enough of what is worth anything here."""
    met = {place for hit in hits for place in hit.found}
    least = ENOUGH * sum(sought[place].weight for place in met)
    return [hit for hit in hits if sum(sought[place].weight for place in hit.found) >= least]
