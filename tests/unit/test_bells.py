"""Which events call a worker to offer work: those that may free a place, or leave somebody waiting."""

from __future__ import annotations

from typing import Any

import pytest

from desk.jobs.reactions import Bell, bells_for
from desk.model.events import CaseChanged, ChatChanged, Event, MessageReceived, ReplyQueued


def received(**more: Any) -> Event:
    return MessageReceived(case_id=1, queue_id=1, message_id=1, position=1, **more)


def replied(**more: Any) -> Event:
    return ReplyQueued(case_id=1, queue_id=1, message_id=1, position=1, **more)


def chat(what: str) -> Event:
    return ChatChanged(case_id=1, queue_id=1, conversation_id=1, visitor_id=1, what=what)


@pytest.mark.parametrize("event", [received(), replied(outbox_id=3), chat("ended"), chat("returned")])
def test_what_may_free_a_place_or_leaves_somebody_waiting_is_looked_at(event: Event) -> None:
    assert Bell.OFFER_WORK in bells_for(event)


@pytest.mark.parametrize("event", [received(assignee_id=5), replied(), chat("said"), chat("scored")])
def test_a_word_to_and_fro_in_a_case_that_is_looked_after_offers_nothing(event: Event) -> None:
    assert Bell.OFFER_WORK not in bells_for(event)


@pytest.mark.parametrize(("what", "rings"), [("category", True), ("status", True), ("tags", False)])
def test_a_change_by_which_a_rule_may_come_to_hold_has_the_rules_looked_at(what: str, rings: bool) -> None:
    bells = bells_for(CaseChanged(case_id=1, queue_id=1, what=what))
    assert (Bell.RAISE_CASES in bells, Bell.OFFER_WORK in bells) == (rings, True)


def test_a_reply_that_somebody_must_carry_calls_a_worker() -> None:
    assert Bell.DELIVER in bells_for(replied(outbox_id=3))
