"""The night: what fits no topic may be a new one, and what nobody asks any more is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from desk.actions.insights.topic_found import Found, FoundTopic, keep_found, note_problem
from desk.insights.assignment import OUTER, Known, Proposal, of_their_own, proposals
from desk.insights.labelling import shortened, telling_words, titled, typical
from desk.insights.space import Space
from desk.insights.vectors import Vectors, centroids
from desk.jobs.reading_space import ANALYST, Reading
from desk.model.masking import spoken
from desk.store.insights.questions import forget_vectors, unsure_questions
from desk.store.insights.topics import examples_gone, get_topic, texts_lying_at
from desk.store.unit_of_work import Work

POOL = timedelta(days=28)
MOST = 30_000
EXAMPLES = 3


def nightly_topics(reading: Reading, run_id: int, now: datetime) -> int:
    """Propose topics for what fits none; how many, facets among them."""
    standing = reading.standing()
    known = reading.known(standing) if standing else None
    if standing is None or known is None:
        with reading.store.unit_of_work(ANALYST, now=now) as work:
            note_problem(work, run_id, "There are no topics yet.")
        return 0
    with reading.store.reading(ANALYST, now=now) as work:
        pool = unsure_questions(work.session, now - POOL, MOST)
    texts = [one.text for one in pool]
    vectors = standing.space.vectors([spoken(text) for text in texts]) if texts else _none(known[0])
    proposed = of_their_own(known[0], vectors, proposals(known[0], vectors)) if texts else []
    topics, rows = _described(standing.space, proposed, known[1], texts, vectors)
    with reading.store.unit_of_work(ANALYST, now=now) as work:
        count = keep_found(
            work,
            run_id,
            Found(
                model=standing.space.model_id,
                topics=topics,
                question_ids=[pool[row].id for row, _, _ in rows],
                places=[(topic, sure) for _, topic, sure in rows],
            ),
        )
        _forget(work, reading.encoder.model_id if reading.encoder else None)
    return count


def _none(known: Known) -> Vectors:
    return np.zeros((0, known.centres.shape[1]), np.float32)


def _described(
    space: Space, proposed: Sequence[Proposal], numbers: Sequence[int], texts: list[str], vectors: Vectors
) -> tuple[list[FoundTopic], list[tuple[int, int, bool]]]:
    """The proposals as topics; and (row in the pool, topic, sure) of each question that goes to one."""
    if not proposed:
        return [], []
    read = [spoken(text) for text in texts]
    # What is left of the pool stands beside the proposals, so that their words are told from something.
    labels = np.full(len(texts), len(proposed), np.int64)
    for number, proposal in enumerate(proposed):
        labels[proposal.rows] = number
    words = telling_words(read, labels, centroids(vectors, labels), space.vectors)
    topics, rows = [], []
    for number, proposal in enumerate(proposed):
        title, *examples = typical(vectors, texts, proposal.centre, proposal.rows)
        cosines = vectors[proposal.rows] @ proposal.centre
        reach = float(np.quantile(cosines, OUTER))
        topics.append(
            FoundTopic(
                name=title,
                words=list(words[number]),
                examples=examples,
                centre=np.asarray(proposal.centre, np.float32).tobytes(),
                reach=reach,
                facet_of=numbers[proposal.nearest] if proposal.is_facet else None,
            )
        )
        rows += [
            (int(row), number, bool(cosine >= reach))
            for row, cosine in zip(proposal.rows, cosines, strict=True)
        ]
    return topics, rows


def _forget(work: Work, model: str | None) -> None:
    """Vectors of texts that are gone, and examples whose questions are: erased is erased."""
    forget_vectors(work.session, model)
    for number in examples_gone(work.session):
        topic = get_topic(work.session, number)
        topic.examples = [shortened(text) for text in texts_lying_at(work.session, number, EXAMPLES)]
        if not topic.name_by_person and topic.name not in map(titled, topic.examples):
            topic.name = titled((topic.examples or topic.words or [f"Topic {topic.id}"])[0])
