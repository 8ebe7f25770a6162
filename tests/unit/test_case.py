"""The states of a case: what leads where, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from desk.model.case import ACTIVE, Case, CaseStatus
from desk.model.errors import InvalidTransition
from desk.model.inbound import ChannelKind

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def a_case(status: CaseStatus) -> Case:
    return Case(
        customer_id=1, subject="Tea", channel=ChannelKind.EMAIL, opened_at=NOW, last_at=NOW, status=status,
        waiting_since=NOW,
    )  # fmt: skip


ALLOWED = {
    "resolve": set(ACTIVE),
    "reopen": {CaseStatus.RESOLVED, CaseStatus.WAITING},
    "close": {CaseStatus.RESOLVED},
    "snooze": set(ACTIVE),
    "wake": {CaseStatus.SNOOZED, CaseStatus.ON_HOLD},
    "put_on_hold": set(ACTIVE),
    "wait_for_customer": set(ACTIVE),
}
DEEDS = {
    "resolve": lambda case: case.resolve(NOW, "Solved"),
    "reopen": lambda case: case.reopen(NOW),
    "close": lambda case: case.close(NOW),
    "snooze": lambda case: case.snooze(LATER, NOW),
    "wake": lambda case: case.wake(),
    "put_on_hold": lambda case: case.put_on_hold(),
    "wait_for_customer": lambda case: case.wait_for_customer(),
}
RESULT = {
    "resolve": CaseStatus.RESOLVED,
    "reopen": CaseStatus.OPEN,
    "close": CaseStatus.CLOSED,
    "snooze": CaseStatus.SNOOZED,
    "wake": CaseStatus.OPEN,
    "put_on_hold": CaseStatus.ON_HOLD,
    "wait_for_customer": CaseStatus.WAITING,
}


@pytest.mark.parametrize("status", list(CaseStatus))
@pytest.mark.parametrize("deed", list(DEEDS))
def test_a_deed_leads_to_its_state_or_changes_nothing(deed: str, status: CaseStatus) -> None:
    case = a_case(status)
    if status in ALLOWED[deed]:
        DEEDS[deed](case)
        assert case.status is RESULT[deed]
        return
    with pytest.raises(InvalidTransition):
        DEEDS[deed](case)
    assert (case.status, case.waiting_since) == (status, NOW)


@pytest.mark.parametrize("status", list(CaseStatus))
def test_the_customers_word_opens_any_case_and_keeps_the_longest_wait(status: CaseStatus) -> None:
    case = a_case(status)
    case.customer_wrote(LATER, 7)
    assert (case.status, case.waiting_since, case.last_inbound_position) == (CaseStatus.OPEN, NOW, 7)
    assert (case.snoozed_until, case.resolved_at, case.resolution_reason) == (None, None, None)


def test_a_case_cannot_sleep_into_the_past() -> None:
    for moment in (NOW, NOW - timedelta(seconds=1)):
        with pytest.raises(InvalidTransition):
            a_case(CaseStatus.OPEN).snooze(moment, NOW)
