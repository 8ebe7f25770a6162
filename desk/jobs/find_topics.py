"""A discovery: all topics found anew among what was asked, and those known keep who they are."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from desk.actions.insights.questions import PLACING
from desk.actions.insights.topic_found import Found, FoundTopic, keep_found, note_problem, note_progress
from desk.insights.assignment import OUTER, Known
from desk.insights.boilerplate import boilerplate_of, less
from desk.insights.discovery import NO_TOPIC, Discovery, Told, discover_among
from desk.insights.encoders.remembered import words_hash
from desk.insights.identity import Aligned, aligned
from desk.insights.space import Space
from desk.insights.vectors import Vectors, nearest, unit_rows
from desk.jobs.reading_space import ANALYST, Reading
from desk.model.masking import spoken
from desk.store.holds import hold
from desk.store.insights.questions import Kept, newest_question, newest_questions
from desk.store.insights.topics import every_topic, texts_lying_at

SEEN = timedelta(days=180)
MOST = 200_000
"""A discovery looks at what was asked lately: so long ago at most, and so many questions at most."""

TOLD_EVERY_SECONDS = 2.0

TELLING_TEXTS = 200
"""By so many of its texts a topic that was not found again has its centre anew."""


@dataclass(frozen=True)
class _Before:
    """What was kept when the discovery began: questions, topics with a centre, and the texts of those that
    outlast a discovery even where it does not find them."""

    seen_to: int
    kept: list[Kept]
    placing: frozenset[int]
    lasting: dict[int, list[str]]


@dataclass(frozen=True)
class _Lasting:
    """Topics that were not found again and stay, by row."""

    ids: list[int]
    centres: Vectors
    reaches: list[float]


def find_topics(reading: Reading, run_id: int, now: datetime) -> int:
    """Do the discovery; how many topics it found. The same questions give the same topics."""
    before = _before(reading, now)
    questions = [one.text for one in before.kept]
    boilerplate = boilerplate_of(questions)
    questions = [less(question, boilerplate) for question in questions]
    discovery = discover_among(questions, reading.encoder, _telling(reading, run_id))
    if discovery.space is None:
        with reading.store.unit_of_work(ANALYST, now=now) as work:
            note_problem(work, run_id, f"Among {len(questions):,} questions too few ask the same.")
        return 0
    found = _found(discovery, discovery.space, before, questions, boilerplate)
    with reading.store.unit_of_work(ANALYST, now=now) as work:
        return keep_found(work, run_id, found)


def _telling(reading: Reading, run_id: int) -> Told:
    """Notes how far the run is, so often that a person sees it move."""
    noted: tuple[str, float] = ("", 0.0)

    def told(step: str, done: int, total: int) -> None:
        nonlocal noted
        last, at = noted
        if step == last and time.monotonic() - at < TOLD_EVERY_SECONDS:
            return
        noted = (step, time.monotonic())
        with reading.store.unit_of_work(ANALYST) as work:
            note_progress(work, run_id, step, done, total)

    return told


def _before(reading: Reading, now: datetime) -> _Before:
    with reading.store.reading(ANALYST, now=now) as work:
        # Whoever keeps what they read is waited for: from here on what is kept has a later number.
        hold(work.session, PLACING)
        topics = every_topic(work.session)
        return _Before(
            newest_question(work.session),
            newest_questions(work.session, now - SEEN, MOST),
            frozenset(number for number, topic in topics.items() if topic.is_placing),
            {
                number: texts_lying_at(work.session, number, TELLING_TEXTS) or [*topic.examples, topic.name]
                for number, topic in topics.items()
                if topic.outlasts
            },
        )


def _found(
    discovery: Discovery, space: Space, before: _Before, questions: list[str], boilerplate: frozenset[str]
) -> Found:
    numbers = sorted({one.found_id for one in before.kept if one.found_id is not None})
    row_of: dict[int | None, int] = {number: row for row, number in enumerate(numbers)}
    lay = np.array([row_of.get(one.found_id, NO_TOPIC) for one in before.kept], np.int64)
    align = aligned(lay, discovery.labels)
    former = {new: numbers[old] for new, old in align.former.items()}
    lasting = _lasting(space, before.lasting, set(former.values()))
    alive = {*former.values(), *lasting.ids}
    return Found(
        model=space.model_id,
        topics=_topics(discovery, former, align, numbers),
        question_ids=[one.id for one in before.kept],
        places=_places(discovery),
        kept={
            number: (centre.tobytes(), reach)
            for number, centre, reach in zip(lasting.ids, lasting.centres, lasting.reaches, strict=True)
        },
        kept_places=_drawn(space, lasting, questions, discovery) | _pinned(before.kept, alive),
        gone=_gone(before.placing - alive, align, numbers),
        reworded=[
            (one.id, question, words_hash(spoken(question)))
            for one, question in zip(before.kept, questions, strict=True)
            if one.text != question
        ],
        space=space.as_bytes(),
        boilerplate=sorted(boilerplate),
        seen_to=before.seen_to,
    )


def _topics(
    discovery: Discovery, former: Mapping[int, int], align: Aligned, numbers: Sequence[int]
) -> list[FoundTopic]:
    floors = Known.of(discovery).floors
    split_of = {new: numbers[old] for old, new in align.splits}
    return [
        FoundTopic(
            name=topic.label,
            words=list(topic.words),
            examples=list(topic.examples),
            centre=discovery.centres[topic.number].tobytes(),
            reach=float(floors[topic.number]),
            area=discovery.areas[topic.area],
            former=former.get(topic.number),
            split_of=split_of.get(topic.number),
        )
        for topic in discovery.topics
    ]


def _places(discovery: Discovery) -> list[tuple[int | None, bool]]:
    floors = Known.of(discovery).floors
    return [
        (None, False) if label == NO_TOPIC else (label, bool(cosine >= floors[label]))
        for label, cosine in zip(discovery.labels.tolist(), discovery.confidence.tolist(), strict=True)
    ]


def _lasting(space: Space, texts_of: Mapping[int, list[str]], found: set[int]) -> _Lasting:
    """Centre and reach, in the new space, of those that nobody found again."""
    ids = [number for number in sorted(texts_of) if number not in found]
    centres, reaches = [], []
    for number in ids:
        vectors = space.vectors([spoken(text) for text in texts_of[number]])
        centre = unit_rows(vectors.mean(0, keepdims=True))[0]
        centres.append(centre)
        reaches.append(float(np.quantile(vectors @ centre, OUTER)))
    return _Lasting(ids, np.stack(centres) if centres else np.zeros((0, 0), np.float32), reaches)


def _drawn(space: Space, lasting: _Lasting, questions: Sequence[str], discovery: Discovery) -> dict[int, int]:
    """Questions, by place, that are nearer to a topic that stays than to the one they were found in."""
    if not lasting.ids:
        return {}
    rows, cosines = nearest(space.vectors([spoken(question) for question in questions]), lasting.centres)
    reaches = np.array(lasting.reaches)[rows]
    least = np.where(discovery.labels == NO_TOPIC, reaches, discovery.confidence)
    return {int(place): lasting.ids[rows[place]] for place in np.flatnonzero(cosines > least)}


def _pinned(kept: Sequence[Kept], alive: set[int]) -> dict[int, int]:
    """Where persons put them they stay."""
    return {
        place: one.found_id
        for place, one in enumerate(kept)
        if one.by_person and one.found_id is not None and one.found_id in alive
    }


def _gone(lost: frozenset[int], align: Aligned, numbers: Sequence[int]) -> list[tuple[int, int | None]]:
    """What was not found again, with the topic that holds most of it now."""
    holders = {numbers[old]: new for old, new in align.merges}
    return [(number, holders.get(number)) for number in sorted(lost)]
