"""Questions that were read of contacts are kept, each counting for what persons made of its topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from desk.model.topic import counted_for
from desk.store.holds import hold_together
from desk.store.insights.questions import add_questions
from desk.store.insights.topics import every_topic, newest_discovery
from desk.store.unit_of_work import Work

PLACING = "questions placed"
"""Held by all who keep what they read, together; and alone, by a discovery that places everything anew."""


@dataclass(frozen=True, slots=True)
class Read:
    """One question of a message, masked; `found_id` is the topic that it lies at."""

    message_id: int
    ordinal: int
    text: str
    words_hash: str
    found_id: int | None
    sure: bool
    language_known: bool


def keep_questions(work: Work, read: Sequence[Read], under: int | None) -> bool:
    """Keep what was read by the topics of the discovery `under`; whether that was still the last one. If not,
    nothing is kept, and the contacts are to be read again.

    A message that is gone meanwhile takes its questions along, and one that somebody else read is left as it
    is.
    """
    hold_together(work.session, PLACING)
    if newest_discovery(work.session) != under:
        return False
    counted = counted_for(every_topic(work.session))
    rows = []
    for one in read:
        # A topic may have been found anew between reading and keeping.
        found_id = one.found_id if one.found_id in counted else None
        rows.append(asdict(one) | {"found_id": found_id, "topic_id": counted.get(found_id or 0)})
    add_questions(work.session, rows)
    return True
