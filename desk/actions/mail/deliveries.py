"""What becomes of what we send: one state at a time, each seen by the agent, none forgotten.

`queued` → `sending`, committed before the first byte leaves → `sent`, `failed` or `uncertain`.
Whoever carries a mail and falls silent leaves it uncertain: it is sent again under the same
Message-ID, and the message says for ever that it may have arrived twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.actions.cases.access import case_for
from desk.model.case import Case
from desk.model.channel import Channel, ChannelState
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.events import ChannelChanged, DeliveryChanged
from desk.model.message import DeliveryState, Message
from desk.model.permission import Permission
from desk.model.transit import TEXTS, Outbox, OutboxState
from desk.store.messages.reading import get_message
from desk.store.outbox import (
    LEASE,
    abandoned,
    acknowledgements_since,
    find_for_message,
    get_outgoing,
    next_due,
    withdraw_all,
)
from desk.store.unit_of_work import Work

AGAIN_AFTER = timedelta(minutes=1)
"""How long an uncertain mail rests before its second sending: a slow bounce or a person may settle it."""

SENDING = "Sending: "
"""How trouble with sending begins; trouble with a mailbox ends by itself when it is read."""

TWICE = "It may have arrived twice."
MAY_DOUBLE = (
    "An earlier try may have left already: sent again, it may arrive twice. Send it again only if that is "
    "better than not at all."
)


@dataclass(frozen=True, slots=True)
class Refused:
    """What a server said against one recipient."""

    sentence: str
    permanent: bool


def claim_next(work: Work, channel_id: int) -> Outbox | None:
    """The channel's next mail, marked as on its way; None when nothing is due."""
    outgoing = next_due(work.session, channel_id, work.now)
    if outgoing is None:
        return None
    outgoing.perhaps_twice = outgoing.perhaps_twice or outgoing.state is OutboxState.UNCERTAIN
    outgoing.state = OutboxState.SENDING
    outgoing.attempts += 1
    outgoing.lease_until = work.now + LEASE
    message = _message(work, outgoing)
    if message is not None:
        message.state = DeliveryState.SENDING
    return outgoing


def note_sent(
    work: Work,
    outbox_id: int,
    accepted: tuple[str, ...],
    refused: Mapping[str, Refused],
    again_at: datetime | None,
) -> None:
    """A server took it for some; those refused for now are tried again at `again_at`, if at all."""
    outgoing = _on_its_way(work, outbox_id)
    if outgoing is None:
        return
    states = dict(outgoing.recipients)
    for address in accepted:
        states[address] = {"state": "sent"}
    for address, refusal in refused.items():
        later = again_at is not None and not refusal.permanent
        states[address] = {"state": "later" if later else "refused", "sentence": refusal.sentence[:300]}
    outgoing.recipients = states
    outgoing.sent_at = outgoing.sent_at or work.now
    outgoing.lease_until = None
    turned_away = [address for address, each in states.items() if each["state"] == "refused"]
    sentence = _about(turned_away, states)
    if outgoing.perhaps_twice:
        sentence = f"{TWICE} {sentence}".strip()
    if again_at is not None:
        outgoing.state, outgoing.not_before = OutboxState.QUEUED, again_at
        _tell(work, outgoing, DeliveryState.QUEUED, f"Not all have it yet. {sentence}".strip())
        return
    nobody = not any(each["state"] == "sent" for each in states.values())
    outgoing.state = OutboxState.FAILED if nobody else OutboxState.SENT
    outgoing.trouble = sentence[:500] or None
    _tell(work, outgoing, DeliveryState.FAILED if nobody else DeliveryState.SENT, sentence)


def note_postponed(work: Work, outbox_id: int, again_at: datetime, sentence: str) -> None:
    """Nobody has it yet; another try follows."""
    outgoing = _on_its_way(work, outbox_id)
    if outgoing is not None:
        outgoing.state, outgoing.not_before = OutboxState.QUEUED, again_at
        outgoing.lease_until, outgoing.trouble = None, sentence[:500]
        _tell(work, outgoing, DeliveryState.QUEUED, f"Not sent yet, trying again. {sentence}")


def note_failed(work: Work, outbox_id: int, sentence: str) -> None:
    """Nobody will get it."""
    outgoing = _on_its_way(work, outbox_id)
    if outgoing is not None:
        _fail(work, outgoing, sentence)


def note_given_up(work: Work, outbox_id: int, sentence: str) -> None:
    """It is not tried again, and may have left all the same."""
    outgoing = _on_its_way(work, outbox_id)
    if outgoing is not None:
        outgoing.perhaps_twice = True
        _fail(work, outgoing, f"It may have left. {sentence}")


def note_uncertain(work: Work, outbox_id: int, sentence: str) -> None:
    """It was handed over, and the answer never came."""
    outgoing = _on_its_way(work, outbox_id)
    if outgoing is not None:
        _doubt(work, outgoing, sentence)


def doubt_abandoned(work: Work, limit: int = 100) -> int:
    """Whoever carried these has fallen silent: nobody knows how far they got."""
    found = abandoned(work.session, work.now, limit)
    for outgoing in found:
        _doubt(work, outgoing, "The program stopped while it was being sent.")
    return len(found)


def note_account_trouble(work: Work, channel_id: int, sentence: str) -> None:
    """The channel cannot send until somebody mends its account."""
    channel = work.session.get_one(Channel, channel_id, with_for_update=True)
    trouble = f"{SENDING}{sentence}"[:500]
    if channel.state is ChannelState.TROUBLE and channel.trouble == trouble:
        return
    channel.state, channel.trouble = ChannelState.TROUBLE, trouble
    work.record(ChannelChanged(channel_id=channel.id, state=channel.state.value))


def note_account_works(work: Work, channel_id: int) -> None:
    """The channel sends: what was said of its account is over."""
    channel = work.session.get_one(Channel, channel_id)
    if channel.state is ChannelState.TROUBLE and (channel.trouble or "").startswith(SENDING):
        channel.state, channel.trouble = ChannelState.OK, None
        work.record(ChannelChanged(channel_id=channel.id, state=channel.state.value))


def withhold_acknowledgement(work: Work, outbox_id: int, *, per_hour: int) -> bool:
    """Whether this automatic mail must not leave: more than `per_hour` were wanted within an hour.

    Somebody is using us to write to others, so the channel stops acknowledging until an
    administrator switches it on again.
    """
    if acknowledgements_since(work.session, work.now - timedelta(hours=1)) <= per_hour:
        return False
    outgoing = get_outgoing(work.session, outbox_id)
    sentence = f"More than {per_hour} acknowledgements within an hour: they are switched off on this channel."
    withdraw_all(work.session, outgoing.channel_id, outgoing.kind, sentence)
    channel = work.session.get_one(Channel, outgoing.channel_id, with_for_update=True)
    if channel.acknowledge:
        channel.acknowledge, channel.trouble = False, sentence
        work.record(ChannelChanged(channel_id=channel.id, state=channel.state.value))
    return True


def send_again(work: Work, message_id: int, *, accept_doubling: bool = False) -> Message:
    """The agent wants another try of what failed or is uncertain, to those who have not got it.

    The Message-ID stays, so that a mailbox that has it already may know it again. A text in doubt is
    looked up first, as ever. What was given up although it may have left goes only with
    `accept_doubling`: Invalid says what it risks. Raises Conflict for what is on its way or has arrived.
    """
    message = get_message(work.session, message_id)
    case = case_for(work, message.case_id, to=Permission.WORK_CASES, lock=True)
    outgoing = find_for_message(work.session, message.id)
    if outgoing is None:
        raise NotFound("There is nothing to send in this message.")
    failed = message.state in (DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.UNCERTAIN)
    waits = outgoing.state is OutboxState.QUEUED and outgoing.attempts > 0
    partly = any(each["state"] in ("refused", "bounced") for each in outgoing.recipients.values())
    if not (failed or waits or partly) or outgoing.state is OutboxState.SENDING:
        raise Conflict("This message has left, or is just leaving.", {"state": message.state})
    in_doubt = outgoing.state is OutboxState.UNCERTAIN
    # What waits or is in doubt is tried again in any case; what was given up, only for this agent's word.
    if outgoing.perhaps_twice and not (waits or in_doubt) and not accept_doubling:
        raise Invalid(MAY_DOUBLE, "accept_doubling")
    if outgoing.kind in TEXTS:
        outgoing.content = outgoing.content | {"spent": in_doubt}
    else:
        outgoing.perhaps_twice = outgoing.perhaps_twice or in_doubt
    outgoing.recipients = {
        address: each if each["state"] in ("sent", "delivered") else {"state": "queued"}
        for address, each in outgoing.recipients.items()
    }
    outgoing.not_before, outgoing.trouble, outgoing.attempts = work.now, None, 0
    if in_doubt and outgoing.kind in TEXTS:
        return message
    outgoing.state, outgoing.queued_at = OutboxState.QUEUED, work.now
    case.version += 1
    _tell(work, outgoing, DeliveryState.QUEUED, TWICE if outgoing.perhaps_twice else "")
    return message


def _on_its_way(work: Work, outbox_id: int) -> Outbox | None:
    """The row, while it is being sent: a result that comes when all is settled changes nothing."""
    outgoing = get_outgoing(work.session, outbox_id)
    return outgoing if outgoing.state in (OutboxState.SENDING, OutboxState.UNCERTAIN) else None


def _doubt(work: Work, outgoing: Outbox, sentence: str) -> None:
    outgoing.state, outgoing.lease_until = OutboxState.UNCERTAIN, None
    outgoing.trouble = sentence[:500]
    outgoing.not_before = work.now + AGAIN_AFTER
    if outgoing.kind in TEXTS:
        told = f"It may have left. {sentence} Twilio is asked before another try."
        return _tell(work, outgoing, DeliveryState.UNCERTAIN, told)
    outgoing.perhaps_twice = True
    return _tell(
        work,
        outgoing,
        DeliveryState.UNCERTAIN,
        f"It may have left. {sentence} It is sent again: {TWICE.lower()}",
    )


def _fail(work: Work, outgoing: Outbox, sentence: str) -> None:
    outgoing.state, outgoing.lease_until, outgoing.trouble = OutboxState.FAILED, None, sentence[:500]
    outgoing.recipients = {
        address: {"state": "refused", "sentence": sentence[:300]}
        if each["state"] in ("queued", "later")
        else each
        for address, each in outgoing.recipients.items()
    }
    some = any(each["state"] == "sent" for each in outgoing.recipients.values())
    outgoing.state = OutboxState.SENT if some else OutboxState.FAILED
    _tell(work, outgoing, DeliveryState.SENT if some else DeliveryState.FAILED, sentence)


def _about(turned_away: list[str], states: Mapping[str, Mapping[str, str]]) -> str:
    if not turned_away:
        return ""
    first = turned_away[0]
    more = f" and {len(turned_away) - 1} more" if len(turned_away) > 1 else ""
    return f"{first}{more} will not get it: {states[first].get('sentence', '')}"


def _message(work: Work, outgoing: Outbox) -> Message | None:
    return get_message(work.session, outgoing.message_id) if outgoing.message_id is not None else None


def _tell(work: Work, outgoing: Outbox, state: DeliveryState, sentence: str) -> None:
    message = _message(work, outgoing)
    if message is None:
        return
    show_state(work, message, state, sentence)


def show_state(work: Work, message: Message, state: DeliveryState, sentence: str) -> None:
    """Where a message stands now, for everybody who looks at its case."""
    message.state, message.state_sentence = state, sentence[:500] or None
    case = work.session.get_one(Case, message.case_id)
    work.record(
        DeliveryChanged(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            message_id=message.id,
            position=message.position,
            state=state.value,
        )
    )
