"""New contacts become questions of the topics that are known, within a minute and outside their way in."""

from __future__ import annotations

from datetime import datetime

from desk.jobs.read_batch import read_batch
from desk.jobs.read_together import Together
from desk.jobs.reading_space import ANALYST, Reading
from desk.store.insights.question_figures import LOOKED_AT
from desk.store.insights.unread import forget_mark, is_marked
from desk.store.statistics import analyze


def read_questions(reading: Reading, now: datetime, together: Together | None = None) -> int:
    """Read what nobody has read yet, a heap together with who follows; how many contacts that were.

    After more than a batch, as with an import, the planner is told what the figures will look at.
    """
    taken, handed_out = 0, 0
    while together is None or not together.stop.is_set():
        read = read_batch(reading, now)
        if not read:
            _see_the_end(reading, now)
            break
        heap = together.read_heap(reading, now) if together and len(read) == reading.batch else []
        # What was handed out is counted with its heap, whoever reads it in the end.
        taken += sum(number > handed_out for number in (*read, *heap))
        handed_out = heap[-1] if heap else handed_out
    if taken > reading.batch:
        with reading.store.unit_of_work(ANALYST, now=now) as work:
            analyze(work.session, LOOKED_AT)
    return taken


def _see_the_end(reading: Reading, now: datetime) -> None:
    with reading.store.reading(ANALYST, now=now) as work:
        marked = is_marked(work.session)
    if marked:
        with reading.store.unit_of_work(ANALYST, now=now) as work:
            forget_mark(work.session)
