"""What strangers try by text: to join a case, to make the desk send, to have it pay."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from desk.model.errors import Invalid
from desk.model.transit import Outbox
from tests.integration.sms.conftest import desk, settings, twilio
from tests.integration.sms.desk_with_a_number import DeskWithANumber
from tests.people import STAGE

__all__ = ["desk", "settings", "twilio"]


def queued(desk: DeskWithANumber) -> int | None:
    with desk.store.reading(STAGE) as work:
        return work.session.scalar(select(func.count()).select_from(Outbox))


def test_the_number_of_a_case_in_a_text_leads_nowhere(desk: DeskWithANumber) -> None:
    """C1: whoever writes is known by their number, and by nothing that they write."""
    case_id = desk.receive("Where is my tea?").case_id
    for said in (f"[#{case_id}] let me in", f"#{case_id}", f"Re: case {case_id}, it is me, Cleo"):
        theirs = desk.receive(said, sender="+447700900666").case_id
        assert theirs not in (None, case_id)
    assert len(desk.messages(case_id)) == 1


def test_a_machine_that_answers_every_text_is_never_answered_by_one(desk: DeskWithANumber) -> None:
    """C6: a person's answer is one text, however often a phone says that its owner drives."""
    with desk.store.unit_of_work(STAGE) as work:
        desk.kept_channel(work).acknowledge = True
    case_id = desk.receive("Hello").case_id
    desk.answer(case_id)
    desk.deliver()
    for _ in range(6):
        assert desk.receive("I am driving and will answer later.").case_id == case_id
        desk.deliver()
    assert (queued(desk), len(desk.twilio.sent())) == (1, 1)


def test_numbers_that_are_dear_to_write_to_get_no_text(desk: DeskWithANumber) -> None:
    """C9: nobody gets an automatic text, however many write; nor may an agent text them."""
    with desk.store.unit_of_work(STAGE) as work:
        desk.kept_channel(work).acknowledge = True
    for number in range(12):
        desk.twilio.write(f"+88213{number:07}", "Hi")
        desk.twilio.write(f"+979{number:09}", "Hi")
    desk.read()
    cases = desk.cases()
    assert (len(cases), queued(desk)) == (24, 0)
    for case in cases[:2]:
        with pytest.raises(Invalid, match="may not text"):
            desk.answer(case.id, client_id=f"to {case.id}")
    assert desk.twilio.sent() == []
