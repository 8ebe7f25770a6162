"""Several questions in one message: where one ends and the next begins, and of which topic each is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.insights.assignment import Known
from desk.insights.boilerplate import sentences_of
from desk.insights.cleaning import is_askable
from desk.insights.discovery import NO_TOPIC
from desk.insights.vectors import nearest
from desk.model.masking import spoken

MOST_PARTS = 4
FEWEST_WORDS = 4
"""What is shorter asks nothing by itself: “Can you help?”"""

_MARKS = re.compile(r"[?？؟]\W*$")


@dataclass(frozen=True, slots=True)
class Part:
    """One question, the row of its topic among those known (or NO_TOPIC), and whether that is sure."""

    text: str
    row: int
    sure: bool
    language_known: bool = True


def parts_of(question: str) -> list[str]:
    """The question as a list of those that it may consist of: each ends at a question mark, and what was
    said before it belongs to it. One where there are not several, or too many to be told apart."""
    parts: list[str] = []
    said: list[str] = []
    for sentence in sentences_of(question):
        said.append(sentence)
        if _MARKS.search(sentence) and len(" ".join(said).split()) >= FEWEST_WORDS:
            parts.append(" ".join(said))
            said = []
    if said and parts:
        parts[-1] = " ".join([parts[-1], *said])
    return parts if 2 <= len(parts) <= MOST_PARTS else [question]


def read(known: Known | None, questions: Sequence[str]) -> list[list[Part]]:
    """The parts of each question, at least one.

    A question is several only where two of its parts are sure of different topics; a part that is not sure
    belongs to the one before it. While no topics are known, each is one.
    """
    if known is None:
        return [[Part(question, NO_TOPIC, sure=False)] for question in questions]
    divided = [[question, *_several(question)] for question in questions]
    texts = [text for these in divided for text in these]
    placed = iter(_placed(known, texts))
    return [_told_apart([next(placed) for _ in these]) for these in divided]


def _several(question: str) -> list[str]:
    parts = parts_of(question)
    return parts if len(parts) > 1 else []


def _placed(known: Known, texts: Sequence[str]) -> list[Part]:
    if not texts:
        return []
    read_as = [spoken(text) for text in texts]
    labels, cosines = nearest(known.space.vectors(read_as), known.centres)
    encoder = known.space.encoder
    covered: NDArray[np.bool_] = encoder.covers(read_as) if encoder else np.ones(len(texts), np.bool_)
    return [
        Part(text, label, sure=bool(cosine >= known.floors[label]), language_known=language)
        if is_askable(text)
        else Part(text, NO_TOPIC, sure=False)
        for text, label, cosine, language in zip(
            texts, labels.tolist(), cosines.tolist(), covered.tolist(), strict=True
        )
    ]


def _told_apart(placed: list[Part]) -> list[Part]:
    whole, *parts = placed
    if len({part.row for part in parts if part.sure}) < 2:
        return [whole]
    joined: list[Part] = []
    for part in parts:
        if joined and (not part.sure or not joined[-1].sure or part.row == joined[-1].row):
            before = joined.pop()
            leading = before if before.sure else part
            joined.append(
                Part(f"{before.text} {part.text}", leading.row, leading.sure, leading.language_known)
            )
        else:
            joined.append(part)
    return joined
