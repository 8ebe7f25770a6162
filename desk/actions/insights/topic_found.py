"""What a run found becomes topics: those known keep their number, name and history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from desk.actions.insights.questions import PLACING
from desk.model.events import TopicsChanged
from desk.model.topic import RunKind, Topic, TopicEvent, TopicEventKind, TopicRun, TopicState, counted_for
from desk.store.holds import hold
from desk.store.insights.questions import count_for, place, read_again, reword
from desk.store.insights.topics import every_topic, forget_spaces
from desk.store.unit_of_work import Work


@dataclass(frozen=True)
class FoundTopic:
    """`former` is the number of the topic whose identity it keeps; `split_of` that of which it was a part;
    `facet_of` that close to which it stands."""

    name: str
    words: list[str]
    examples: list[str]
    centre: bytes
    reach: float
    area: str = ""
    former: int | None = None
    split_of: int | None = None
    facet_of: int | None = None


@dataclass(frozen=True)
class Found:
    """Topics by row; `places` is the row of each question (None for none) and whether it is sure.

    `gone` are topics that were not found again, each with the row that now holds most of it, if one does;
    `kept` are those that outlast a discovery without being found, with their new centre and reach. `seen_to`
    is the last question that a discovery could see: what others read since, they read by what it replaces.
    """

    model: str
    topics: list[FoundTopic]
    question_ids: list[int]
    places: list[tuple[int | None, bool]]
    kept: dict[int, tuple[bytes, float]] = field(default_factory=dict)
    kept_places: dict[int, int] = field(default_factory=dict)
    gone: list[tuple[int, int | None]] = field(default_factory=list)
    reworded: Sequence[tuple[int, str, str]] = ()
    space: bytes | None = None
    boilerplate: list[str] = field(default_factory=list)
    seen_to: int | None = None


def keep_found(work: Work, run_id: int, found: Found) -> int:
    """Write down what a run found, all of it or nothing; how many topics it found.

    `kept_places` are questions (by their place in `question_ids`) that lie at a kept topic.
    """
    if found.seen_to is not None:
        hold(work.session, PLACING)
    run = work.session.get_one(TopicRun, run_id, with_for_update=True)
    if run.finished_at is not None:
        # Somebody else took it for dead, and was faster: the same topics are not found twice.
        return 0
    topics = every_topic(work.session, lock=True)
    numbers = [_one(work, topics, one, found.model, run.kind) for one in found.topics]
    for number, (centre, reach) in found.kept.items():
        topics[number].centre, topics[number].reach = centre, reach
        topics[number].model = found.model
    for number, row in found.gone:
        _retire(work, topics[number], None if row is None else numbers[row])
    work.session.flush()
    placed = [None if row is None else numbers[row] for row, _ in found.places]
    for position, number in found.kept_places.items():
        placed[position] = number
    place(work.session, found.question_ids, placed, [sure for _, sure in found.places])
    reword(work.session, found.reworded)
    if found.seen_to is not None:
        read_again(work.session, after=found.seen_to)
    count_for(work.session, counted_for(every_topic(work.session)))
    run.finished_at, run.model, run.progress = work.now, found.model, None
    run.questions, run.topics = len(found.question_ids), len(found.topics)
    if found.space is not None:
        run.space, run.boilerplate = found.space, found.boilerplate
        work.session.flush()
        forget_spaces(work.session, run.id)
    work.record(TopicsChanged())
    return len(found.topics)


def note_progress(work: Work, run_id: int, step: str, done: int, total: int) -> None:
    """How far the run is: whoever waits for it asks."""
    run = work.session.get_one(TopicRun, run_id)
    run.progress = {"step": step, "done": done, "total": total}


def note_problem(work: Work, run_id: int, problem: str) -> None:
    """The run found nothing, and why."""
    run = work.session.get_one(TopicRun, run_id)
    run.finished_at, run.problem, run.progress = work.now, problem[:500], None
    work.record(TopicsChanged())


def _one(work: Work, topics: dict[int, Topic], found: FoundTopic, model: str, kind: RunKind) -> int:
    known = topics.get(found.former) if found.former is not None else None
    if known is None:
        return _new(work, found, model, kind).id
    if not known.name_by_person:
        known.name = found.name[:200]
    if not known.area_by_person and found.area:
        known.area = found.area[:200]
    known.words, known.examples = found.words, found.examples
    known.centre, known.reach, known.model = found.centre, found.reach, model
    known.updated_at = work.now
    if known.state is TopicState.RETIRED:
        known.state, known.merged_into_id = TopicState.ACTIVE, None
        _tell(work, known, TopicEventKind.RESTORED)
    elif known.state is TopicState.PROPOSED:
        # It is there again, found anew among everything: a topic of its own, and no guess of one night.
        known.state, known.facet_of_id = TopicState.ACTIVE, None
        _tell(work, known, TopicEventKind.ACCEPTED)
    return known.id


def _new(work: Work, found: FoundTopic, model: str, kind: RunKind) -> Topic:
    topic = Topic(
        name=found.name[:200],
        state=TopicState.ACTIVE if kind is RunKind.DISCOVERY else TopicState.PROPOSED,
        created_at=work.now,
        updated_at=work.now,
        area=found.area[:200],
        words=found.words,
        examples=found.examples,
        centre=found.centre,
        reach=found.reach,
        model=model,
        facet_of_id=found.facet_of,
    )
    work.session.add(topic)
    work.session.flush()
    of = found.split_of or found.facet_of
    _tell(work, topic, TopicEventKind.SPLIT if found.split_of else TopicEventKind.FOUND, of)
    return topic


def _retire(work: Work, topic: Topic, holder: int | None) -> None:
    """Not found again: what most of it lies in now has its past as well, or it rests."""
    topic.centre, topic.updated_at = None, work.now
    topic.state, topic.merged_into_id = TopicState.RETIRED, holder
    _tell(work, topic, TopicEventKind.RETIRED, holder)


def _tell(work: Work, topic: Topic, kind: TopicEventKind, other_id: int | None = None) -> None:
    work.session.add(TopicEvent(topic_id=topic.id, kind=kind, at=work.now, other_id=other_id))
