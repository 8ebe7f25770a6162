"""What mail servers say of what we sent: it came back, it waits, it has arrived."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from desk.actions.cases.history import add_event, note_change
from desk.actions.mail.deliveries import show_state
from desk.actions.messages.receive import Received
from desk.model.case import Case, CaseStatus
from desk.model.customer import Address, AddressKind
from desk.model.inbound import Bounce
from desk.model.message import DeliveryState, Message
from desk.model.transit import Outbox
from desk.store.messages.conversations import lock_past_merges
from desk.store.messages.reading import get_message
from desk.store.outbox import find_sent, last_sent_in
from desk.store.unit_of_work import Work


def receive_report(
    work: Work,
    bounce: Bounce | None,
    *,
    channel_id: int,
    named: Sequence[str] = (),
    conversation_id: int | None = None,
    delivered: bool = False,
) -> Received:
    """Attach a report to the message it is about; a report never opens a case, nor answers anything.

    `named` are further Message-IDs in it, `conversation_id` what its own recipient address proves.
    """
    outcome = "ignored" if delivered else "bounce"
    ids = [bounce.message_id, *named] if bounce and bounce.message_id else list(named)
    outgoing = find_sent(work.session, channel_id, ids) if ids else None
    if outgoing is None and conversation_id is not None:
        outgoing = last_sent_in(work.session, conversation_id)
    if outgoing is None or outgoing.case_id is None:
        return Received(outcome, None, None, "A report about mail, and none that we sent.")
    case = lock_past_merges(work.session, outgoing.case_id)
    if outgoing.message_id is None:
        if bounce and bounce.permanent:
            _mark_address(work, _recipient(outgoing, bounce), bounce)
        return Received(outcome, case.id, None, "A report about an acknowledgement of ours.")
    message = get_message(work.session, outgoing.message_id)
    if delivered:
        _arrived(work, outgoing, message, bounce)
        return Received(outcome, case.id, message.id, "A server reports that our message arrived.")
    if bounce is None or not bounce.permanent:
        words = bounce.diagnostic if bounce else ""
        show_state(
            work, message, message.state or DeliveryState.SENT, f"Delayed on its way. {words[:300]}".strip()
        )
        return Received(outcome, case.id, message.id, "A server reports that our message is delayed.")
    _came_back(work, case, outgoing, message, bounce)
    return Received(outcome, case.id, message.id, "A server reports that our message could not be delivered.")


def _recipient(outgoing: Outbox, bounce: Bounce) -> str | None:
    """Whom the report is about; where it does not say and there is only one, that one."""
    named = (bounce.recipient or "").lower()
    if named in outgoing.recipients:
        return named
    return next(iter(outgoing.recipients)) if len(outgoing.recipients) == 1 else None


def _arrived(work: Work, outgoing: Outbox, message: Message, bounce: Bounce | None) -> None:
    address = _recipient(outgoing, bounce) if bounce else None
    if address:
        outgoing.recipients = outgoing.recipients | {address: {"state": "delivered"}}
    if all(each["state"] == "delivered" for each in outgoing.recipients.values()):
        show_state(work, message, DeliveryState.DELIVERED, "")


def _came_back(work: Work, case: Case, outgoing: Outbox, message: Message, bounce: Bounce) -> None:
    address = _recipient(outgoing, bounce)
    sentence = _sentence(address or bounce.recipient, bounce)
    already = message.state is DeliveryState.BOUNCED and message.state_sentence == sentence[:500]
    if address:
        outgoing.recipients = outgoing.recipients | {
            address: {"state": "bounced", "sentence": sentence[:300]}
        }
    _mark_address(work, address, bounce)
    if already:
        return
    show_state(work, message, DeliveryState.BOUNCED, sentence)
    add_event(work, case, sentence)
    if case.status is CaseStatus.WAITING:
        # The customer waits for an answer that never came.
        case.status, case.waiting_since = CaseStatus.OPEN, case.waiting_since or work.now
        case.last_at = work.now
        note_change(
            work, case, "status", "Our answer came back; the case is open.", before="waiting", after="open"
        )
    else:
        case.version += 1


def _sentence(address: str | None, bounce: Bounce) -> str:
    to = f" to {address}" if address else ""
    status = f" ({bounce.status})" if bounce.status else ""
    words = " ".join(bounce.diagnostic.split())[:250]
    return f"The message{to} came back{status}. {words}".strip()


def _mark_address(work: Work, address: str | None, bounce: Bounce) -> None:
    """An address that is wrong for good (RFC 3463: 5.1) is marked; a full mailbox is not."""
    if address is None or not (bounce.status or "5.1").startswith("5.1"):
        return
    work.session.execute(
        update(Address)
        .where(Address.kind == AddressKind.EMAIL, Address.value == address)
        .values(trouble=f"Mail to it came back on {work.now:%Y-%m-%d}.")
        .execution_options(synchronize_session=False)
    )
