"""Where two articles say of one thing what cannot both be true: another number, or yes and no.

Three questions, each of which may end it: do the articles treat of one subject, do two of their sentences
say the same but for what they claim, and do these claims disagree. What is only similar is not told: a
list in which one pair of five is right is read by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from desk.insights.claim_words import CONDITIONS, NEGATIONS
from desk.insights.claims import MASK, Said, differing, said_in, stem
from desk.insights.encoders.ladder import Encoder
from desk.insights.languages import is_function_word
from desk.model.masking import spoken

WORDS_OF_A_SENTENCE = (3, 50)
MOST_SENTENCES = 200

SHARED = 2
"""Two sentences about one thing have so many telling words in common."""

ALIKE = 0.66
"""Sentences that say the same but for their claims are so much alike: in words (Dice 1945), and with an
encoder in the mean of words and meaning (cosine)."""

DENIED_ALIKE = 0.75
"""What one sentence says and the other denies is said in nearly the same words."""

_SENTENCE_ENDS = re.compile(r"(?<=[^\d\s][.!?…])\s+|\n+")
_NAME = re.compile(r"(?<=[^\W\d_]|,)\s+([A-Z][\w'’-]+)")

_Pair = tuple[Said, Said, tuple[str, str], float]


@dataclass(frozen=True)
class Page:
    """An article as its readers see it, without its marks; `language` as ISO 639-1."""

    number: int
    title: str
    text: str
    language: str

    @cached_property
    def sentences(self) -> list[Said]:
        """What it says, without what is too short to say something."""
        low, high = WORDS_OF_A_SENTENCE
        parts = [part.strip() for part in _SENTENCE_ENDS.split(self.text)]
        read = (said_in(part) for part in parts[:MOST_SENTENCES] if part)
        return [said for said in read if low <= len(said.words) <= high]

    def telling(self, words: Sequence[str]) -> frozenset[str]:
        """The stems of those words that say something of the matter."""
        return frozenset(
            stem(word)
            for word in words
            if len(word) > 1 and word != MASK and not is_function_word(word, self.language)
        )

    @cached_property
    def stems(self) -> frozenset[str]:
        """Of all its words, the title's among them."""
        return self.telling(_words(f"{self.title}\n{self.text}"))

    @cached_property
    def subject(self) -> frozenset[str]:
        """Of the title's words."""
        return self.telling(_words(self.title))


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What the one says and what the other; `values` are the two claims as they are written, empty where one
    denies what the other says. `likeness` is from 0 to 1."""

    said: str
    other_said: str
    values: tuple[str, str]
    likeness: float


def contradiction_between(one: Page, other: Page, encoder: Encoder | None) -> Contradiction | None:
    """The sentences most alike in which the two disagree; None where they do nowhere.

    Without an encoder, and in a language that it does not know, words alone tell how much they are alike.
    """
    pairs = list(_disagreeing(one, other)) if _one_subject(one, other) else []
    if pairs and encoder is not None:
        pairs = _with_meaning(pairs, encoder)
    found = [
        Contradiction(said.text, their.text, values, alike)
        for said, their, values, alike in pairs
        if alike >= ALIKE
    ]
    return max(found, key=lambda pair: pair.likeness, default=None)


def _one_subject(one: Page, other: Page) -> bool:
    """Not where each title names something of which the other article says nothing: the guarantee of grinders
    is not that of machines."""
    return one.subject <= other.stems or other.subject <= one.stems


def _disagreeing(one: Page, other: Page) -> Iterator[_Pair]:
    """Pairs of sentences with the claims in which they differ, and how much they have in common."""
    for said in one.sentences:
        words = one.telling(said.words)
        for their in other.sentences:
            theirs = other.telling(their.words)
            shared = words & theirs
            if len(shared) < SHARED or _of_different_things(one, said, other, their):
                continue
            alike = 2 * len(shared) / (len(words) + len(theirs))
            if claims := differing(said, their):
                yield said, their, (claims[0].written, claims[1].written), alike
            elif alike >= DENIED_ALIKE and _denied(said, their):
                yield said, their, ("", ""), alike


def _of_different_things(one: Page, said: Said, other: Page, their: Said) -> bool:
    """Whether a name sets them apart, or one word in another's place where the rest is the same about them:
    *gold* members and *silver* members."""
    if _of_other_names(said, other, their) or _of_other_names(their, one, said):
        return True
    steps = SequenceMatcher(None, said.words, their.words, autojunk=False).get_opcodes()
    for step, low, high, low2, high2 in steps:
        if step == "replace" and high - low == high2 - low2 == 1:
            mine, theirs = one.telling(said.words[low:high]), other.telling(their.words[low2:high2])
            if mine and theirs and mine != theirs:
                return True
    return False


def _of_other_names(said: Said, page: Page, their: Said) -> bool:
    """Whether it names somebody or something that the other sentence does not; German writes all nouns so."""
    if page.language == "de":
        return False
    names = {stem(name.lower()) for name in _NAME.findall(said.text)}
    return not names <= {stem(word) for word in (*their.words, *_words(page.title))}


def _denied(said: Said, their: Said) -> bool:
    """Whether just one of them says no, and neither depends on anything."""
    words = set(said.words), set(their.words)
    return not any(CONDITIONS & each for each in words) and (
        bool(NEGATIONS & words[0]) is not bool(NEGATIONS & words[1])
    )


def _with_meaning(pairs: list[_Pair], encoder: Encoder) -> list[_Pair]:
    """Each with the mean of what its sentences share in words and in meaning, their claims left out."""
    texts = [spoken(" ".join(side.words)) for said, their, _, _ in pairs for side in (said, their)]
    if not encoder.covers(texts).all():
        return pairs
    vectors = encoder.encode(texts)
    near = [float(one @ other) for one, other in zip(vectors[::2], vectors[1::2], strict=True)]
    return [
        (said, their, values, (alike + one) / 2)
        for (said, their, values, alike), one in zip(pairs, near, strict=True)
    ]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())
