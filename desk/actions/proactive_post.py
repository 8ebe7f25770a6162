"""A running message finds those whom it concerns; some are held out, the others get a mail at their hour.

What may not leave any more is withdrawn when its turn comes: who said no meanwhile is not written to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from desk.actions.proactive import needs_of, segment_of
from desk.channels.email.compose import OutgoingAddress, OutgoingMail, new_message_id
from desk.insights.holdout import held_out
from desk.insights.telling import filled_in, language_for, leaves_at
from desk.model.channel import Channel
from desk.model.errors import NotFound
from desk.model.events import CustomerChanged
from desk.model.proactive import ProactiveMessage, ProactiveRecipient, ProactiveState
from desk.model.transit import Outbox, OutboxState
from desk.store.customers import keep_consent
from desk.store.holds import hold
from desk.store.outbox import get_outgoing
from desk.store.policies import policy
from desk.store.portal import channel_to
from desk.store.proactive import EMAIL, get_proactive, may_be_told, message_carried
from desk.store.segments import concerned
from desk.store.unit_of_work import Work

KIND = "proactive"
BATCH = 200

_FOOTER = {
    "en": "You get this because it concerns you as a customer of {name}. To get no more of these:",
    "de": "Sie erhalten dies, weil es Sie als Kunde von {name} betrifft. Wenn Sie das nicht mehr wünschen:",
    "ar": "تصلك هذه الرسالة لأنها تعنيك كأحد عملاء {name}. لإيقاف هذه الرسائل:",
}


def tell_those_concerned(work: Work, message_id: int, *, page: str) -> int:
    """Up to BATCH of those whom a running message concerns; how many. `page` is where they say no more."""
    hold(work.session, KIND)
    message = get_proactive(work.session, message_id, lock=True)
    if message.state is not ProactiveState.RUNNING:
        return 0
    needs = needs_of(message)
    found = concerned(work.session, message, segment_of(message), work.now, needs=needs, limit=BATCH)
    name, zone = policy(work.session, "desk_name", "Desk"), policy(work.session, "time_zone", "UTC")
    return sum(_tell(work, message, one, name=name or "Desk", zone=zone, page=page) for one in found)


def hold_proactive(work: Work, outbox_id: int) -> bool:
    """Whether this one must not leave now: withdrawn, as it was stopped or they said no, or put off to the
    end of the quiet hours, into which an earlier try may have run."""
    outgoing = get_outgoing(work.session, outbox_id)
    carried = message_carried(work.session, outbox_id)
    address = next(iter(outgoing.recipients))
    sentence = None
    if carried is None or carried[0].state is not ProactiveState.RUNNING:
        sentence = "The message was stopped before this one left."
    elif not may_be_told(work.session, carried[1].merged_into_id or carried[1].id, address):
        sentence = "They do not agree to it any more, or the address is not theirs."
    if sentence is not None or carried is None:
        outgoing.state, outgoing.trouble, outgoing.lease_until = OutboxState.WITHDRAWN, sentence, None
        return True
    message, customer = carried
    zone = policy(work.session, "time_zone", "UTC")
    at = leaves_at(work.now, customer.time_zone, zone, message.quiet_from, message.quiet_until)
    if at > work.now:
        outgoing.state, outgoing.not_before, outgoing.lease_until = OutboxState.QUEUED, at, None
        return True
    return False


def proactive_mail(work: Work, outgoing: Outbox, secret: str) -> tuple[OutgoingMail, str]:
    """The mail, and its envelope's sender; the way to say no is made now and stands nowhere but in it."""
    channel = work.session.get_one(Channel, outgoing.channel_id)
    content = outgoing.content
    leave = f"{content['page']}{outgoing.id}-{_signature(secret, outgoing.id)}"
    footer = _FOOTER.get(content["language"].partition("-")[0], _FOOTER["en"]).format(name=content["name"])
    mail = OutgoingMail(
        message_id=outgoing.internet_id,
        sender=OutgoingAddress(channel.address, str(channel.config.get("sender_name") or "")),
        to=tuple(OutgoingAddress(one) for one in outgoing.recipients),
        subject=content["subject"],
        text=f"{content['text'].rstrip()}\n\n-- \n{footer}\n{leave}",
        date=outgoing.queued_at,
        leave=leave,
    )
    return mail, channel.address


def leave_proactive(work: Work, token: str, secret: str) -> None:
    """Whoever got this mail wants no more of the kind. Raises NotFound for a token that we did not make."""
    customer_id = customer_of_leave(work, token, secret)
    source = "said so in a message"
    keep_consent(work.session, customer_id, EMAIL, granted=False, source=source, at=work.now)
    work.record(CustomerChanged(customer_id=customer_id))


def customer_of_leave(work: Work, token: str, secret: str) -> int:
    """Who was written to. Raises NotFound for a token that we did not make."""
    number, _, signature = token.partition("-")
    if number.isascii() and number.isdigit() and len(number) < 19:
        made = _signature(secret, int(number))
        carried = message_carried(work.session, int(number))
        if carried is not None and hmac.compare_digest(made.encode(), signature.encode()):
            return carried[1].merged_into_id or carried[1].id
    raise NotFound("This link leads nowhere.")


def _tell(work: Work, message: ProactiveMessage, one: Any, *, name: str, zone: str, page: str) -> bool:
    """False where there is no mailbox that it could leave by."""
    channel = channel_to(work.session, one.address)
    if channel is None:
        return False
    at = leaves_at(work.now, one.time_zone, zone, message.quiet_from, message.quiet_until)
    held = held_out(str(one.customer_id), message.held_percent, f"proactive {message.id}")
    carrier = None
    if not held:
        texts = {said["language"]: said for said in message.texts}
        written = texts[language_for(one.language, list(texts))]
        values = {
            "customer.name": one.name,
            "customer.first_name": one.name.split()[0] if one.name.split() else "",
            "order.number": one.number or "",
            "order.product": one.product or "",
            "desk.name": name,
        }
        said = {part: filled_in(written[part], values) for part in ("subject", "text")}
        carrier = Outbox(
            channel_id=channel.id,
            kind=KIND,
            internet_id=new_message_id(channel.address.rpartition("@")[2]),
            recipients={one.address: {"state": "queued"}},
            queued_at=work.now,
            not_before=at,
            content={**said, "language": written["language"], "name": name, "page": page},
        )
        work.session.add(carrier)
        work.session.flush()
    work.session.add(
        ProactiveRecipient(
            message_id=message.id,
            customer_id=one.customer_id,
            about=one.about[:80],
            held=held,
            percent=message.held_percent,
            due_at=at,
            outbox_id=carrier.id if carrier else None,
        )
    )
    work.session.flush()
    return True


def _signature(secret: str, outbox_id: int) -> str:
    made = hmac.new(secret.encode(), f"no more\0{outbox_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made[:18]).decode()
