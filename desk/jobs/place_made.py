"""A topic that a person made gets its centre, by the questions that were put there."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from desk.insights.assignment import OUTER
from desk.insights.vectors import unit_rows
from desk.jobs.reading_space import ANALYST, Reading
from desk.model.masking import spoken
from desk.store.insights.topics import get_topic, made_without_centre, texts_lying_at

TEXTS = 200


def place_made(reading: Reading, now: datetime) -> int:
    """From now on later questions come to it as to any other; how many topics that were."""
    with reading.store.reading(ANALYST, now=now) as work:
        waiting = {
            number: texts_lying_at(work.session, number, TEXTS)
            for number in made_without_centre(work.session)
        }
    standing = reading.standing() if waiting else None
    if standing is None:
        return 0
    for number, texts in waiting.items():
        if not texts:
            continue
        vectors = standing.space.vectors([spoken(text) for text in texts])
        centre = unit_rows(vectors.mean(0, keepdims=True))[0]
        with reading.store.unit_of_work(ANALYST, now=now) as work:
            topic = get_topic(work.session, number, lock=True)
            topic.centre, topic.reach = centre.tobytes(), float(np.quantile(vectors @ centre, OUTER))
            topic.model = standing.space.model_id
            topic.examples = topic.examples or texts[:3]
    return len(waiting)
