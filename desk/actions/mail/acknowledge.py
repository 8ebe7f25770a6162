"""“We have your message”: the one mail that leaves without a person, and everything that holds it back.

An attacker who writes in somebody's name would make us write to that person. So it says nothing
that the sender chose, goes once a day to an address, and stops for all when too many want one
(RFC 3834, 2 and 4).
"""

from __future__ import annotations

from datetime import timedelta

from desk.channels.email.compose import new_message_id
from desk.model.case import Case
from desk.model.customer import normal_email
from desk.model.errors import Invalid
from desk.model.inbound import ChannelKind, InboundMessage, Verdict
from desk.store.outbox import keep_acknowledgement
from desk.store.unit_of_work import Work

KIND = "acknowledgement"
ONCE_IN = timedelta(hours=24)

TEXT = (
    "Thank you for your message. It has reached us, and a person will read it.\n\n"
    "You can answer this mail to add something."
)
SUBJECT = "We have received your message"


def acknowledge(
    work: Work,
    case: Case,
    inbound: InboundMessage,
    *,
    channel_id: int,
    our_address: str,
    conversation_id: int,
) -> None:
    """Put an acknowledgement into the outbox, where one may be written."""
    address = _address(inbound)
    if address is None:
        return
    # A statement sees what was committed before it began: it must begin after the lock is ours.
    work.line.hold(address)
    keep_acknowledgement(
        work.line,
        kind=KIND,
        channel_id=channel_id,
        case_id=case.id,
        conversation_id=conversation_id,
        internet_id=new_message_id(our_address.rpartition("@")[2]),
        address=address,
        content={"subject": SUBJECT, "in_reply_to": inbound.message_id},
        standard_text=TEXT,
        since=work.now - ONCE_IN,
        at=work.now,
    )


def _address(inbound: InboundMessage) -> str | None:
    """Whom it would go to: the sender himself, never where a mail asks answers to be sent."""
    if inbound.channel is not ChannelKind.EMAIL or inbound.automatic or inbound.verdict is Verdict.FAIL:
        return None
    try:
        return normal_email(inbound.sender.address)
    except Invalid:
        return None
