"""What persons say of topics: a better name, one and the same, two of them, none at all. Kept for ever.

Each deed writes down how the topic was, so that it can be taken back.
"""

from __future__ import annotations

from typing import Any

from desk.model.errors import Conflict, Invalid
from desk.model.events import TopicsChanged
from desk.model.permission import Permission
from desk.model.topic import Topic, TopicEvent, TopicEventKind, TopicState, counted_for
from desk.store.insights.questions import count_for, matching, pin, unpin
from desk.store.insights.topics import every_topic, get_event, get_topic, last_event
from desk.store.unit_of_work import Work

KEPT = ("name", "name_by_person", "area", "area_by_person", "made_by_person", "merged_into_id", "facet_of_id")
"""What a deed changes, and taking it back restores; and the state."""

MOST_SPLIT = 20_000


def rename_topic(work: Work, topic_id: int, name: str) -> TopicEvent:
    """It is called so from now on, whatever the next discovery would call it."""
    topic = _held(work, topic_id)
    event = _noted(work, topic, TopicEventKind.RENAMED)
    topic.name, topic.name_by_person = name, True
    return _done(work, event)


def move_to_area(work: Work, topic_id: int, area: str) -> TopicEvent:
    """It belongs to this family from now on; an empty name leaves that to the next discovery."""
    topic = _held(work, topic_id)
    event = _noted(work, topic, TopicEventKind.AREA_CHANGED)
    topic.area, topic.area_by_person = area, bool(area)
    return _done(work, event)


def accept_topic(work: Work, topic_id: int) -> TopicEvent:
    """What the night proposed is a topic; a facet becomes one of its own."""
    topic = _held(work, topic_id)
    if topic.state is not TopicState.PROPOSED:
        raise Conflict(f"“{topic.name}” is no proposal any more.")
    event = _noted(work, topic, TopicEventKind.ACCEPTED)
    topic.state, topic.facet_of_id, topic.made_by_person = TopicState.ACTIVE, None, True
    return _done(work, event)


def reject_topic(work: Work, topic_id: int) -> TopicEvent:
    """What lies there is of no topic, now and later."""
    topic = _held(work, topic_id)
    event = _noted(work, topic, TopicEventKind.REJECTED)
    topic.state = TopicState.NOT_A_TOPIC
    return _done(work, event)


def merge_topics(work: Work, topic_id: int, into_id: int) -> TopicEvent:
    """Both ask the same: all of the first counts for the second, now and later. Raises Invalid, Conflict."""
    if topic_id == into_id:
        raise Invalid("A topic cannot be merged with itself.", "into_id")
    topic, into = _held(work, topic_id), get_topic(work.session, into_id)
    if not into.is_live:
        raise Conflict(f"“{into.name}” is no topic any more; choose another one.")
    event = _noted(work, topic, TopicEventKind.MERGED, into_id)
    topic.state, topic.merged_into_id = TopicState.MERGED, into_id
    return _done(work, event)


def split_topic(work: Work, topic_id: int, name: str, words: str) -> TopicEvent:
    """The topic's questions that hold the words are a topic of their own. Raises Invalid where none or all
    do."""
    topic = _held(work, topic_id)
    found, of = matching(work.session, topic_id, words, MOST_SPLIT)
    if not found:
        raise Invalid(f"No question of “{topic.name}” holds “{words}”.", "words")
    if len(found) == of:
        raise Invalid(f"All questions of “{topic.name}” hold “{words}”; rename it instead.", "words")
    made = Topic(
        name=name,
        state=TopicState.ACTIVE,
        created_at=work.now,
        updated_at=work.now,
        name_by_person=True,
        area=topic.area,
        area_by_person=topic.area_by_person,
        made_by_person=True,
        words=[words],
        model=topic.model,
    )
    work.session.add(made)
    work.session.flush()
    event = _noted(work, made, TopicEventKind.SPLIT, topic_id)
    event.detail = {**event.detail, "pinned": [list(row) for row in pin(work.session, found, made.id)]}
    return _done(work, event)


def take_back(work: Work, event_id: int) -> Topic:
    """As it was before. Raises Conflict where something was done to the topic since."""
    work.require(Permission.EDIT_POLICIES)
    event = get_event(work.session, event_id)
    topic = _held(work, event.topic_id, live=False)
    latest = last_event(work.session, topic.id)
    if latest is None or latest.id != event.id or event.detail.get("taken_back"):
        raise Conflict(f"“{topic.name}” was changed since; this can no longer be taken back.")
    before = event.detail["before"]
    if event.kind is TopicEventKind.SPLIT:
        unpin(work.session, event.detail["pinned"])
        topic.state, topic.centre, topic.merged_into_id = TopicState.RETIRED, None, event.other_id
        topic.made_by_person = topic.name_by_person = topic.area_by_person = False
    else:
        for name in KEPT:
            setattr(topic, name, before[name])
        topic.state = TopicState(before["state"])
    event.detail = {**event.detail, "taken_back": True}
    topic.updated_at = work.now
    work.session.add(
        TopicEvent(topic_id=topic.id, kind=TopicEventKind.RESTORED, at=work.now, detail={"of": event.id})
    )
    _recount(work, topic.id)
    return topic


def _held(work: Work, topic_id: int, *, live: bool = True) -> Topic:
    """Raises Forbidden, NotFound, and Conflict where it is no topic any more."""
    work.require(Permission.EDIT_POLICIES)
    topic = get_topic(work.session, topic_id, lock=True)
    if live and topic.state not in (TopicState.ACTIVE, TopicState.PROPOSED):
        raise Conflict(f"“{topic.name}” is no topic any more.")
    return topic


def _noted(work: Work, topic: Topic, kind: TopicEventKind, other_id: int | None = None) -> TopicEvent:
    before: dict[str, Any] = {name: getattr(topic, name) for name in KEPT} | {"state": topic.state.value}
    event = TopicEvent(
        topic_id=topic.id,
        kind=kind,
        at=work.now,
        other_id=other_id,
        agent_id=work.actor.agent_id,
        detail={"before": before},
    )
    work.session.add(event)
    topic.updated_at = work.now
    return event


def _done(work: Work, event: TopicEvent) -> TopicEvent:
    _recount(work, event.topic_id)
    # Flushed with the recount: the event has its number, by which it can be taken back.
    return event


def _recount(work: Work, topic_id: int) -> None:
    work.session.flush()
    count_for(work.session, counted_for(every_topic(work.session)))
    work.record(TopicsChanged(topic_id=topic_id))
