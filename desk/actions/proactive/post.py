"""A running message finds those whom it concerns; some are held out, the others get it at their hour.

What may not leave any more is withdrawn when its turn comes: who said no meanwhile is not written to.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desk.actions.proactive.campaigns import needs_of, segment_of
from desk.actions.proactive.leaving import stop_line
from desk.actions.proactive.ways import channel_for, reachable
from desk.channels.email.compose import new_message_id
from desk.channels.sms.segments import segments_of
from desk.channels.sms.webhooks import new_mark
from desk.insights.holdout import held_out
from desk.insights.telling import filled_in, language_for, leaves_at
from desk.model.channel import Channel
from desk.model.inbound import ChannelKind
from desk.model.proactive import ProactiveMessage, ProactiveRecipient, ProactiveState
from desk.model.transit import PROACTIVE, PROACTIVE_TEXT, Outbox, OutboxState
from desk.store.holds import hold
from desk.store.outbox import get_outgoing
from desk.store.policies import policy
from desk.store.proactive.campaigns import get_proactive, may_be_told, message_carried
from desk.store.proactive.segments import Telling, concerned
from desk.store.unit_of_work import Work

BATCH = 200


def tell_those_concerned(work: Work, message_id: int, *, page: str) -> int:
    """Up to BATCH of those whom a running message concerns; how many. `page` is where they say no more."""
    hold(work.session, PROACTIVE)
    message = get_proactive(work.session, message_id, lock=True)
    if message.state is not ProactiveState.RUNNING:
        return 0
    telling = Telling(message, segment_of(message), reachable(work, message.way), needs_of(message))
    found = concerned(work.session, telling, work.now, limit=BATCH)
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
    elif not _may_be_told(work, carried[0], carried[1].merged_into_id or carried[1].id, address):
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


def _tell(work: Work, message: ProactiveMessage, one: Any, *, name: str, zone: str, page: str) -> bool:
    """False where there is no mailbox, or no number, that it could leave by."""
    channel = channel_for(work, message.way, one.address)
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
        content = {**said, "language": written["language"], "name": name, "page": page}
        carrier = _carrier(work, message.way, channel, one.address, content, at=at)
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


def _carrier(
    work: Work, way: ChannelKind, channel: Channel, address: str, content: dict[str, str], *, at: datetime
) -> Outbox:
    """What carries it: a mail gets its way out when it leaves, a text says how to end it."""
    by_text = way is ChannelKind.SMS
    text = f"{content['text'].rstrip()}\n{stop_line(content['language'])}"
    return Outbox(
        channel_id=channel.id,
        kind=PROACTIVE_TEXT if by_text else PROACTIVE,
        internet_id=new_mark() if by_text else new_message_id(channel.address.rpartition("@")[2]),
        recipients={address: {"state": "queued"}},
        queued_at=at if by_text else work.now,
        not_before=at,
        content={"text": text, "segments": segments_of(text).segments} if by_text else content,
    )


def _may_be_told(work: Work, message: ProactiveMessage, customer_id: int, address: str) -> bool:
    by = reachable(work, message.way)
    return may_be_told(work.session, customer_id, address, kind=by.kind, consent=by.consent)
