"""Which conversation a message continues, and by what right: a decision that shows its reason.

Strong hints lead a message to its conversation whoever sent it: a token that we signed, or the
Message-ID of a message in it, which only those know who had that message. A case number in a
subject is known to everybody, and counts only for who takes part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from desk.model.inbound import ChannelKind, InboundMessage, Verdict
from desk.store.messages.conversations import Lead, Standing

LONGEST_ID = 998
BY_ADDRESS = "It was sent to the reply address of this conversation."
BY_SIGN_IN = "The customer has signed in, and wrote it on the page of this case."


_PROOFS = {
    ChannelKind.EMAIL: BY_ADDRESS,
    ChannelKind.SMS: "It goes on with the conversation with this number.",
    ChannelKind.CHAT: "The visitor wrote on in the chat.",
    ChannelKind.FORM: BY_SIGN_IN,
}
"""Why a message belongs to the conversation that its channel names."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """The conversation to go on with, why, and the others that the message proves to be the same thread."""

    lead: Lead
    reason: str
    same: tuple[Lead, ...] = ()


def ids_of(inbound: InboundMessage) -> list[str]:
    """Every Message-ID that the message names, its own first, then the nearest."""
    own = [inbound.message_id] if inbound.message_id else []
    named = [*own, *inbound.hints.in_reply_to, *reversed(inbound.hints.references)]
    return list(dict.fromkeys(one for one in named if 0 < len(one) <= LONGEST_ID))


def continuation_of(inbound: InboundMessage, standing: Standing) -> Continuation | None:
    """What the message continues; None when it begins something new.

    A message whose sender is disowned by his own domain cannot use a case number.
    """
    found = next(_found(inbound, standing), None)
    if found is None:
        return None
    lead, reason = found
    others = {one.conversation_id: one for one in standing.leads.values()}
    others.pop(lead.conversation_id, None)
    return Continuation(lead, reason, tuple(sorted(others.values(), key=lambda one: one.conversation_id)))


def _found(inbound: InboundMessage, standing: Standing) -> Iterator[tuple[Lead, str]]:
    if standing.proven:
        yield standing.proven, _PROOFS.get(inbound.channel, "It belongs to this conversation.")
    answered = [*inbound.hints.in_reply_to, *reversed(inbound.hints.references)]
    known = list(_leads(answered, standing))
    for lead in known:
        if lead.ours:
            yield lead, "It answers a message that we sent."
    for lead in known:
        yield lead, "It answers a message of this conversation."
    if inbound.message_id in standing.leads:
        yield standing.leads[inbound.message_id], "A message of this conversation answers it."
    if standing.numbered and inbound.verdict is not Verdict.FAIL:
        yield standing.numbered, "Its subject carries the number of a case in which the sender takes part."


def _leads(ids: Iterable[str], standing: Standing) -> Iterator[Lead]:
    return (standing.leads[one] for one in ids if one in standing.leads)
