"""A draft of an article out of what agents answered: chosen, never made up.

The question is one that customers asked; the answer is the one that most agents give (the largest *mode*),
in the words of the agent who stands in its middle. Where agents do not agree, there is no draft.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from desk.insights.vectors import Vectors, unit_rows
from desk.model.masking import masked

SAME_ANSWER = 0.70
GATE = 0.30
FEWEST = 8
SHORTEST, LONGEST = 12, 180
CORE = 60
OTHER_MODE = 0.10
PHRASINGS = 4

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_NUMBER = re.compile(r"\b\d+(?:[.,]\d+)?(?=\s*(?:%|€|\$|£|[a-z]+))", re.IGNORECASE)
_ASKS = re.compile(
    r"(?i)\b(?:could you|can you|would you|please)\b[^.?!]{0,40}\b"
    r"(?:(?:send|tell|give|let) (?:us|me)|(?:send|share|provide|confirm)(?: \w+)? your)\b"
)
_GREETING = re.compile(
    r"(?i)^\s*(?:hi|hello|dear|hey|good (?:morning|afternoon|evening)|hallo|liebe[rs]?|guten tag|bonjour)\b"
)
_CLOSING = re.compile(
    r"(?i)^\s*(?:(?:kind|best|warm) (?:regards|wishes)|regards|sincerely|cheers|best\b|yours|"
    r"mit freundlichen|viele grüße|cordialement|have a (?:nice|good|great))"
)
_HOLES = re.compile(r"\{\{?\s*\w+|\[(?:email|account|number|phone|address)\]")


@dataclass(frozen=True)
class Answered:
    """A question of a case that was solved, and the last answer before; `weight` is how well it ended."""

    case_id: int
    question: str
    answer: str
    weight: float = 1.0


@dataclass(frozen=True)
class Sentence:
    """`case_id` is where it was written; `also` where others wrote the same."""

    text: str
    case_id: int
    also: list[int]


@dataclass(frozen=True)
class Contradiction:
    """What some agents say otherwise, with their share of all answers."""

    text: str
    case_id: int
    share: float
    why: str


@dataclass(frozen=True)
class Draft:
    """`share` is that of the answer's mode; `answers` how many were read."""

    question: str
    question_case_id: int
    phrasings: list[str]
    sentences: list[Sentence]
    contradictions: list[Contradiction]
    share: float
    answers: int


@dataclass(frozen=True)
class Mode:
    """Answers that say the same: rows, the one in the middle, and their weighted share."""

    rows: list[int]
    middle: int
    share: float


def readable(answer: str) -> str:
    """An answer without salutation and closing, masked; nothing where it is none: it asks for something,
    is too short or too long, or holds what is meant for one customer."""
    kept: list[str] = []
    for line in masked(answer).splitlines():
        if _CLOSING.match(line):
            break
        if not kept and (not line.strip() or (_GREETING.match(line) and len(line.split()) < 8)):
            continue
        kept.append(line.strip())
    text = "\n".join(kept).strip()
    words = len(text.split())
    if not SHORTEST <= words <= LONGEST or _ASKS.search(text) or _HOLES.search(text):
        return ""
    return text


def modes_of(vectors: Vectors, weights: Sequence[float]) -> list[Mode]:
    """Answers by what they say, the largest mode first (leader clustering: each goes to the nearest leader
    within SAME_ANSWER, else leads; leaders are the answers with most like them)."""
    if not len(vectors):
        return []
    units = unit_rows(np.asarray(vectors, np.float32))
    alike = units @ units.T
    held = np.array(weights, np.float64)
    order = np.argsort(-((alike >= SAME_ANSWER) * held).sum(1), kind="stable")
    leaders: list[int] = []
    members: dict[int, list[int]] = {}
    for row in order:
        best = max(leaders, key=lambda one: alike[row, one], default=None)
        if best is None or alike[row, best] < SAME_ANSWER:
            leaders.append(int(row))
            members[int(row)] = [int(row)]
        else:
            members[best].append(int(row))
    modes = [
        Mode(
            sorted(rows),
            max(sorted(rows), key=lambda row: float((alike[row, rows] * held[rows]).sum())),
            float(held[rows].sum() / held.sum()),
        )
        for rows in members.values()
    ]
    return sorted(modes, key=lambda mode: (-mode.share, mode.middle))


def draft_of(
    answered: Sequence[Answered], questions: Vectors, answers: Vectors, centre: Vectors
) -> Draft | None:
    """The draft; None where fewer than FEWEST answers are left or no mode holds GATE of them.

    `answered` have passed `readable`; the vectors are theirs, row by row. `centre` is the topic's.
    """
    if len(answered) < FEWEST:
        return None
    near = np.argsort(-(questions @ centre), kind="stable")[:CORE]
    core = [answered[int(row)] for row in near]
    modes = modes_of(answers[near], [one.weight for one in core])
    if modes[0].share < GATE:
        return None
    best = modes[0]
    title = _title(core, best.rows)
    return Draft(
        question=title.question,
        question_case_id=title.case_id,
        phrasings=_phrasings(core, title.question),
        sentences=_linked(core, best),
        contradictions=_contradictions(core, modes),
        share=best.share,
        answers=len(core),
    )


def sentences_of(text: str) -> list[str]:
    """Its sentences and lines, in their order."""
    return [one.strip() for one in _SENTENCE.split(text) if one.strip()]


def _title(core: Sequence[Answered], rows: Sequence[int]) -> Answered:
    """The question nearest the middle that can stand as a title: 4 to 14 words, an asking one first."""
    fitting = [core[row] for row in sorted(rows) if 4 <= len(core[row].question.split()) <= 14]
    asking = [one for one in fitting if one.question.rstrip().endswith("?")]
    return (asking or fitting or [core[min(rows)]])[0]


def _phrasings(core: Sequence[Answered], title: str) -> list[str]:
    found: list[str] = []
    for one in core:
        known = [title, *found]
        if 3 <= len(one.question.split()) <= 20 and all(_alike(one.question, old) < 0.6 for old in known):
            found.append(one.question)
    return found[:PHRASINGS]


def _linked(core: Sequence[Answered], mode: Mode) -> list[Sentence]:
    middle = core[mode.middle]
    linked = []
    for sentence in sentences_of(middle.answer):
        also = [
            core[row].case_id
            for row in mode.rows
            if row != mode.middle
            and any(_alike(sentence, other) >= 0.6 for other in sentences_of(core[row].answer))
        ]
        linked.append(Sentence(sentence, middle.case_id, also[:5]))
    return linked


def _contradictions(core: Sequence[Answered], modes: Sequence[Mode]) -> list[Contradiction]:
    """Other figures in the same sentence, and other answers that many give."""
    middle = core[modes[0].middle]
    found: dict[tuple[str, tuple[str, ...]], list[tuple[str, int]]] = {}
    for sentence in sentences_of(middle.answer):
        mine = set(_NUMBER.findall(sentence))
        for one in core:
            for other in sentences_of(one.answer):
                theirs = set(_NUMBER.findall(other))
                if mine and theirs and mine != theirs and _alike(sentence, other, figures=False) >= 0.6:
                    found.setdefault(
                        (sentence, tuple(sorted(theirs))), []
                    ).append((other, one.case_id))  # fmt: skip
    figures = [
        Contradiction(
            said[0][0], said[0][1], len(said) / len(core), f"Another figure than “{sentence}”"
        )
        for (sentence, _), said in found.items()
    ]  # fmt: skip
    others = [
        Contradiction(core[mode.middle].answer, core[mode.middle].case_id, mode.share, "Another answer")
        for mode in modes[1:]
        if mode.share >= OTHER_MODE
    ]
    return sorted([*figures, *others], key=lambda one: (-one.share, one.case_id))[:5]


def _alike(one: str, other: str, *, figures: bool = True) -> float:
    """The share of words that two sentences have in common (Jaccard)."""
    words = [
        {w for w in re.findall(r"\w+", text.casefold()) if figures or not w.isdigit()}
        for text in (one, other)
    ]
    return len(words[0] & words[1]) / max(1, len(words[0] | words[1]))
