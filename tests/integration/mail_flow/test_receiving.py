"""A mail becomes a message in a case, exactly once, and says why it is there."""

from __future__ import annotations

from desk.model.case import CaseStatus
from desk.model.message import AuthorKind, MessageKind
from tests.integration.mail_flow.desk_at_work import DeskAtWork, a_mail


def test_a_mail_opens_a_case_in_the_queue_of_its_channel(desk: DeskAtWork) -> None:
    (kept,) = desk.receive(a_mail())
    case = desk.case(kept.case_id)
    (message,) = desk.messages(case.id)
    assert kept.outcome == "opened"
    assert (case.subject, case.status, case.queue_id) == (
        "Where is my order?",
        CaseStatus.OPEN,
        desk.cast.support.id,
    )
    assert case.customer_id == desk.cast.cleo.id
    assert message.author_kind is AuthorKind.CUSTOMER
    assert message.reply == "I have waited for a week."
