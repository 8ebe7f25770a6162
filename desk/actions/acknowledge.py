"""“We have your message”: the one mail that leaves without a person, and everything that holds it back.

An attacker who writes in somebody's name would make us write to that person. So it says nothing
that the sender chose, goes once a day to an address, and stops for all when too many want one
(RFC 3834, 2 and 4).
"""

from __future__ import annotations

from datetime import timedelta

from desk.channels.email.compose import new_message_id
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.customer import normal_email
from desk.model.errors import Invalid
from desk.model.inbound import ChannelKind, InboundMessage, Verdict
from desk.model.transit import Acknowledgement, Outbox
from desk.store.conversations import remember
from desk.store.outbox import lock_address, was_acknowledged
from desk.store.policies import policy
from desk.store.unit_of_work import Work

KIND = "acknowledgement"
ONCE_IN = timedelta(hours=24)

TEXT = (
    "Thank you for your message. It has reached us, and a person will read it.\n\n"
    "You can answer this mail to add something."
)
SUBJECT = "We have received your message"


def acknowledge(
    work: Work, case: Case, inbound: InboundMessage, *, channel_id: int, conversation_id: int
) -> Outbox | None:
    """Put an acknowledgement into the outbox; None where it must not be written."""
    address = _address(inbound)
    if address is None:
        return None
    lock_address(work.session, address)
    if was_acknowledged(work.session, address, work.now - ONCE_IN):
        return None
    channel = work.session.get_one(Channel, channel_id)
    internet_id = new_message_id(channel.address.rpartition("@")[2])
    letter = Outbox(
        channel_id=channel_id,
        kind=KIND,
        internet_id=internet_id,
        recipients={address: {"state": "queued"}},
        queued_at=work.now,
        not_before=work.now,
        case_id=case.id,
        content={
            "subject": SUBJECT,
            "text": policy(work.session, "acknowledgement_text", "") or TEXT,
            "in_reply_to": inbound.message_id,
            "conversation_id": conversation_id,
        },
    )
    work.session.add_all([Acknowledgement(address=address, at=work.now, case_id=case.id), letter])
    remember(
        work.session,
        channel_id,
        conversation_id,
        message_ids=[internet_id],
        participants=(),
        at=work.now,
        ours=True,
    )
    return letter


def _address(inbound: InboundMessage) -> str | None:
    """Whom it would go to: the sender himself, never where a mail asks answers to be sent."""
    if inbound.channel is not ChannelKind.EMAIL or inbound.automatic or inbound.verdict is Verdict.FAIL:
        return None
    try:
        return normal_email(inbound.sender.address)
    except Invalid:
        return None
