"""Events become changes: every event is told or left out on purpose, and only to those who may know."""

from __future__ import annotations

import dataclasses
from operator import attrgetter

import pytest

from desk.model.change import NOT_PUSHED, PUSHED, changes_of, rooms_of
from desk.model.events import CaseChanged, CaseMerged, CaseOpened, Event, NoteAdded, OfferMade
from desk.model.permission import Actor, Role

ALLOWED = {
    "position", "kind", "case_id", "queue_id", "agent_id", "message_position", "old_queue_id",
    "old_assignee_id", "offer_id", "customer_id", "channel_id", "table",
    "article_id", "whisper_to", "run_id", "topic_id", "proposal_id",
}  # fmt: skip


def an(event: type[Event]) -> Event:
    """An event of the class, with plausible numbers and words."""
    values: dict[str, object] = {}
    for field in dataclasses.fields(event):
        kind = str(field.type)
        values[field.name] = () if "tuple" in kind else "open" if kind.startswith("str") else 7
    return event(**values)


def test_every_event_is_pushed_or_left_out_on_purpose() -> None:
    every = set(Event.KINDS.values())

    assert every == set(PUSHED) | NOT_PUSHED
    assert not set(PUSHED) & NOT_PUSHED


@pytest.mark.parametrize("event", sorted(PUSHED, key=attrgetter("__name__")))
def test_a_change_carries_ids_only_and_the_position(event: type[Event]) -> None:
    changes = changes_of(an(event), 41)

    assert changes
    for change in changes:
        assert change.payload["position"] == 41
        assert set(change.payload) <= ALLOWED
        assert all(
            isinstance(value, int | None) for name, value in change.payload.items() if name.endswith("id")
        )


@pytest.mark.parametrize("event", sorted(NOT_PUSHED, key=attrgetter("__name__")))
def test_what_is_left_out_is_told_to_nobody(event: type[Event]) -> None:
    assert changes_of(an(event), 1) == []


def test_a_case_is_told_to_its_queue_its_assignee_its_viewers_and_overseers() -> None:
    [change] = changes_of(CaseOpened(case_id=1, queue_id=2, assignee_id=3, customer_id=4, channel="email"), 1)

    assert set(change.rooms) == {"case:1", "queue:2", "agent:3", "overseers"}


def test_a_whisper_names_whom_it_is_for_and_a_note_nobody() -> None:
    note = NoteAdded(case_id=1, queue_id=2, assignee_id=3, message_id=9, position=4, mentions=(3,))
    [plain] = changes_of(note, 1)
    [whispered] = changes_of(dataclasses.replace(note, whisper_to=3), 1)

    assert "whisper_to" not in plain.payload
    assert whispered.payload["whisper_to"] == 3 and "agent:3" in whispered.rooms


def test_those_who_lose_a_case_are_told_too() -> None:
    moved = CaseChanged(case_id=1, queue_id=2, what="queue", old_queue_id=5, old_assignee_id=6)

    assert {"queue:5", "agent:6", "queue:2"} <= set(changes_of(moved, 1)[0].rooms)


def test_a_case_in_no_queue_is_told_to_the_unqueued_room() -> None:
    [change] = changes_of(CaseOpened(case_id=1, customer_id=4, channel="email"), 1)

    assert "unqueued" in change.rooms


def test_whoever_is_mentioned_is_told_of_the_note() -> None:
    [change] = changes_of(NoteAdded(case_id=1, queue_id=2, message_id=3, position=4, mentions=(8, 9)), 1)

    assert {"agent:8", "agent:9"} <= set(change.rooms)
    assert change.payload["message_position"] == 4


def test_an_offer_is_told_to_its_agent_and_to_overseers_only() -> None:
    [change] = changes_of(OfferMade(case_id=1, queue_id=2, offer_id=3, agent_id=4), 1)

    assert set(change.rooms) == {"agent:4", "overseers"}


def test_a_merge_is_told_for_both_cases() -> None:
    changes = changes_of(CaseMerged(case_id=1, queue_id=2, merged_id=9, merge_id=3), 1)

    assert [change.case_id for change in changes] == [1, 9]


def test_rooms_follow_rights() -> None:
    queues = frozenset({2, 5})
    agent = Actor("Ada", agent_id=7, role=Role.AGENT, queue_ids=queues)
    own_only = Actor("Ada", agent_id=7, role=Role.AGENT, queue_ids=queues, assigned_only=True)
    manager = Actor("Sam", agent_id=8, role=Role.MANAGER)

    assert rooms_of(agent) == {"all", "agent:7", "unqueued", "queue:2", "queue:5"}
    assert rooms_of(own_only) == {"all", "agent:7"}
    assert rooms_of(manager) == {"all", "agent:8", "overseers"}
