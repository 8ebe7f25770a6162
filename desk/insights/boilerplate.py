"""Sentences that say nothing of the question, found by the company they keep; in any language.

“I hope this finds you well” stands beside every question, “my card was declined” beside one kind. So a
sentence that many messages share is boilerplate when the rest of those messages looks like a random sample of
all messages (the companion test), and when it hardly ever stands alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from desk.insights.lexical import LexicalSpace

RAREST = 8
RAREST_SHARE = 0.002
RANDOM_BELOW = 2.5
ALONE_AT_MOST = 0.3
COMPANIONS_READ = 500

_SENTENCE_ENDS = re.compile(r"(?<=[.!?…。！？])\s+|(?<=[。！？])|\n+|(?<=,)\s+(?=[A-Z])")
_VARYING = re.compile(r"\[\w+\]|\d+")
_NAMED = re.compile(r"(?<=\s)[A-Z][\w'’-]*")
_BETWEEN = re.compile(r"[\W_]+")


def without_boilerplate(questions: Sequence[str]) -> list[str]:
    """The questions less what they share for no reason of their own. What would be left empty stays whole."""
    boilerplate = boilerplate_of(questions)
    return [less(question, boilerplate) for question in questions]


def boilerplate_of(questions: Sequence[str]) -> frozenset[str]:
    """The kinds of sentences that say nothing of these questions, for `less`."""
    divided = [sentences_of(question) for question in questions]
    kinds = [[_kind(sentence) for sentence in sentences] for sentences in divided]
    return frozenset(_boilerplate(kinds, divided))


def less(question: str, boilerplate: frozenset[str]) -> str:
    """The question without sentences of these kinds, on one line; whole where nothing would be left."""
    sentences = sentences_of(question)
    kept = [sentence for sentence in sentences if _kind(sentence) not in boilerplate] if boilerplate else []
    return " ".join(kept or sentences)


def sentences_of(question: str) -> list[str]:
    """Its sentences and lines, in their order."""
    return [sentence.strip() for sentence in _SENTENCE_ENDS.split(question) if sentence and sentence.strip()]


def _kind(sentence: str) -> str:
    """What two sentences share that differ in a number, a name, capitals or marks."""
    return _BETWEEN.sub(" ", _NAMED.sub("0", _VARYING.sub("0", sentence)).lower()).strip()


def _boilerplate(kinds: list[list[str]], divided: list[list[str]]) -> set[str]:
    counted = Counter(kind for those in kinds for kind in set(those))
    rarest = max(RAREST, RAREST_SHARE * len(kinds))
    shared = {kind for kind, count in counted.items() if count >= rarest}
    # Only sentences that are no candidates themselves tell what a message is about: one signature's sentences
    # always stand together, and would vouch for each other.
    telling = [
        " ".join(sentence for sentence, kind in zip(sentences, those, strict=True) if kind not in shared)
        for sentences, those in zip(divided, kinds, strict=True)
    ]
    beside: dict[str, list[int]] = defaultdict(list)
    for row, those in enumerate(kinds):
        if telling[row]:
            for kind in shared.intersection(those):
                beside[kind].append(row)
    tested = {
        kind: rows[:: max(1, len(rows) // COMPANIONS_READ)]
        for kind, rows in beside.items()
        if len(rows) >= (1 - ALONE_AT_MOST) * counted[kind] and len(rows) >= RAREST
    }
    return {kind for kind, spread in _spreads(tested, telling).items() if spread < RANDOM_BELOW}


def _spreads(tested: dict[str, list[int]], telling: list[str]) -> dict[str, float]:
    """m·|mean of m companions|² over the mean of |·|², about the common mean: 1 for a random sample."""
    if not tested:
        return {}
    rows = sorted({row for rows in tested.values() for row in rows})
    place = {row: number for number, row in enumerate(rows)}
    texts = [telling[row] for row in rows]
    try:
        _, vectors = LexicalSpace.learnt_from(texts)
    except ValueError:
        return {}
    # The common mean is of all messages alike, not of those that carry most boilerplate.
    vectors = vectors - vectors.mean(0)
    usual = float((vectors**2).sum(1).mean())
    return {
        kind: len(those) * float((vectors[[place[row] for row in those]].mean(0) ** 2).sum()) / usual
        for kind, those in tested.items()
        if usual > 0
    }
