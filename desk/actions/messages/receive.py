"""The one door: whatever reached us on whatever channel becomes a message in a case, exactly once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from desk.actions.cases.history import add_event, note_change
from desk.actions.cases.triage import triage
from desk.actions.clocks.deeds import begin_clocks, flag_pauses, keep_clocks
from desk.actions.customers.covers import judge_cover
from desk.actions.customers.profile import customer_for, newcomer_with
from desk.actions.mail.acknowledge import acknowledge
from desk.actions.messages.arrivals import Arrival, file_rows, inbound_row, plain_line
from desk.actions.messages.continuation import Continuation, continuation_of, ids_of
from desk.actions.messages.joining import join_threads
from desk.actions.routing.assignments import keep_or_free
from desk.channels.email.comparing import without_our_words
from desk.model.case import Case, CaseLink, CaseStatus, LinkKind
from desk.model.customer import AddressKind, Tier
from desk.model.errors import Invalid
from desk.model.events import CaseOpened, MessageReceived
from desk.model.inbound import Automatic, ChannelKind, InboundMessage, Verdict
from desk.model.message import AuthorKind
from desk.sla.rules import Deed, What
from desk.store.cases.rows import HeldRow, hold_row, keep_row
from desk.store.clocks.reading import Promise, promise_once
from desk.store.customers.finding import Newcomer
from desk.store.messages.conversations import (
    conversation_on,
    latest_follow_up,
    lock_past_merges,
    open_case,
    participants_of,
    remember,
    standing_of,
)
from desk.store.messages.reading import Said, keep_inbound, said_in
from desk.store.policies import policy
from desk.store.unit_of_work import Work

BRAKE = 10
BRAKE_SPAN = timedelta(minutes=10)
"""More messages of one sender in this span wake nobody any more (RFC 3834, 2: loops without marks).

A chat has its own limit at its line, and no machine that answers to machines.
"""

REOPEN_DAYS = 14
"""How long an answer reopens a resolved case, where no policy says otherwise."""

_ADDRESS_KINDS = {
    ChannelKind.EMAIL: AddressKind.EMAIL,
    ChannelKind.FORM: AddressKind.EMAIL,
    ChannelKind.SMS: AddressKind.PHONE,
    ChannelKind.CHAT: AddressKind.VISITOR,
    ChannelKind.API: AddressKind.EXTERNAL,
}


NOBODY_YET = 0
"""Whose case it is, until the statement that opens it has found or met the customer."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of it: `opened continued duplicate bounce auto_reply ignored quarantined`, and why."""

    outcome: str
    case_id: int | None
    message_id: int | None
    reason: str


def receive_message(
    work: Work,
    inbound: InboundMessage,
    *,
    channel_id: int,
    inbox_id: int | None = None,
    silent: bool = False,
) -> Received:
    """Let a message in: into the case it continues, or a new one. The same message twice is let in once.

    `silent` is for mail of long ago: nothing is sent, and it stands at the moment it was written.
    An automatic reply continues its case without waking anybody, and opens none; bulk mail does
    both, since whole companies write through list addresses, but is never acknowledged.
    Raises Conflict when another message of the same thread, or the first mail of the same stranger, is let in
    at the same moment.
    """
    key = identity_of(inbound)
    standing = standing_of(
        work.line,
        channel_id=channel_id,
        source_key=key,
        message_id=inbound.message_id,
        ids=ids_of(inbound),
        sender=inbound.sender.address,
        kind=_kind_of_sender(inbound),
        numbers=inbound.hints.case_numbers,
        proven=inbound.conversation_id,
        since=work.now - BRAKE_SPAN,
        opens=not inbound.quiet and inbound.automatic not in (Automatic.OURSELVES, Automatic.AUTO_REPLY),
        # Mail is read again by itself; on other ways somebody waits.
        meets=inbound.channel is ChannelKind.EMAIL,
    )
    if standing.duplicate:
        message_id, case_id = standing.duplicate
        return Received("duplicate", case_id, message_id, "The same message was received before.")
    if inbound.automatic is Automatic.OURSELVES:
        return Received("ignored", None, None, "We wrote it ourselves.")
    found = continuation_of(inbound, standing)
    if found is None and inbound.automatic is Automatic.AUTO_REPLY:
        return Received("auto_reply", None, None, "An automatic reply to nothing that we know of.")
    if found is None and inbound.quiet:
        return Received("ignored", None, None, "A word to the line alone, and no case to show it in.")
    arrival = Arrival(
        inbound=inbound,
        channel_id=channel_id,
        inbox_id=inbox_id,
        silent=silent,
        key=key,
        standing=standing,
        quiet=inbound.quiet
        or inbound.automatic is Automatic.AUTO_REPLY
        or (standing.recent >= BRAKE and not silent and inbound.channel is not ChannelKind.CHAT),
        at=_moment_of(inbound, work.now) if silent else work.now,
    )
    return _continued(work, arrival, found) if found else _opened(work, arrival)


def identity_of(inbound: InboundMessage) -> str:
    """What makes a message the same one again, on whatever way it comes.

    Mail: Message-ID with sender, date, subject and words, for an id alone can be reused by a
    forger, and one mail may lie in the mailbox under several numbers. What has neither id nor
    date is only as new as where it was found; other channels number their messages well.
    """
    if inbound.channel is not ChannelKind.EMAIL or not (inbound.message_id or inbound.sent_at):
        return inbound.source_key
    words = [
        inbound.message_id or "",
        inbound.sender.address,
        inbound.sent_at.isoformat() if inbound.sent_at else "",
        inbound.subject,
        " ".join((inbound.reply or inbound.text).split()),
        *sorted(file.sha256 for file in inbound.files),
    ]
    return "same:" + hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()


def _kind_of_sender(inbound: InboundMessage) -> AddressKind:
    return inbound.sender_kind or _ADDRESS_KINDS[inbound.channel]


def _moment_of(inbound: InboundMessage, now: datetime) -> datetime:
    return min(inbound.sent_at or now, now)


def _continued(work: Work, arrival: Arrival, found: Continuation) -> Received:
    held = None if found.same else hold_row(work, found.lead.case_id)
    said = _said(work, arrival, found.lead.conversation_id)
    if held is None or not held.goes_on:
        held = None
    case = held.case if held else lock_past_merges(work.session, found.lead.case_id)
    conversation_id, reason = found.lead.conversation_id, found.reason
    if case.status is CaseStatus.CLOSED and (later := latest_follow_up(work.session, case)):
        reason = f"{reason} Case {case.id} is closed; this case follows it."
        case, conversation_id = later, conversation_on(work.session, later, arrival.channel_id, at=work.now)
    if not arrival.quiet and _is_over(work, arrival, case):
        return _opened(work, arrival, follows=case)
    if found.same:
        case = join_threads(work, case, found)
        # What was moved stands in the database before the message takes its place after it.
        work.session.flush()
    arrival = _with_our_words_folded(arrival, said)
    _append(work, arrival, case, conversation_id, reason, held)
    remember(
        work.line,
        arrival.channel_id,
        conversation_id,
        message_ids=ids_of(arrival.inbound),
        participants=(),
        at=work.now,
    )
    outcome = "auto_reply" if arrival.inbound.automatic is Automatic.AUTO_REPLY else "continued"
    return Received(outcome, case.id, arrival.standing.message_id, reason)


def _said(work: Work, arrival: Arrival, conversation_id: int) -> Said | None:
    """What was said before, where a message may repeat it."""
    inbound = arrival.inbound
    if inbound.channel is not ChannelKind.EMAIL:
        return None
    return said_in(work.line, conversation_id, arrival.channel_id, ids_of(inbound))


def _with_our_words_folded(arrival: Arrival, said: Said | None) -> Arrival:
    """The reply less what it repeats of ours without a mark; the whole text stays beside it."""
    if said is None:
        return arrival
    inbound = arrival.inbound
    ours, theirs = said.sides()
    reply = without_our_words(inbound.reply, ours, theirs)
    return arrival if reply == inbound.reply else replace(arrival, inbound=replace(inbound, reply=reply))


def _is_over(work: Work, arrival: Arrival, case: Case) -> bool:
    """Whether the case has been over for so long that an answer begins a new one."""
    if case.status is CaseStatus.CLOSED:
        return True
    if case.status is not CaseStatus.RESOLVED or case.resolved_at is None:
        return False
    days = float(policy(work.session, "reopen_days", REOPEN_DAYS))
    return arrival.at - case.resolved_at > timedelta(days=days)


def _append(
    work: Work, arrival: Arrival, case: Case, conversation_id: int, reason: str, held: HeldRow | None
) -> None:
    owner, message_id = arrival.standing.owner, arrival.standing.message_id
    is_customer = owner is not None and owner.id == case.customer_id
    author_kind = AuthorKind.CUSTOMER if is_customer else AuthorKind.THIRD_PARTY
    # Nothing a stranger adds is shown to the customer as part of the conversation.
    is_known = is_customer or arrival.sender in participants_of(work.session, conversation_id)
    position = case.next_position()
    keep_inbound(
        work.line,
        inbound_row(arrival, position, reason=reason, author_kind=author_kind, visible=is_known),
        file_rows(work, arrival.inbound),
        message_id=message_id,
        case_id=case.id,
        conversation_id=conversation_id,
        at=work.now,
    )
    case.preview = _preview(arrival.inbound) or case.preview
    if arrival.quiet:
        case.last_at = max(case.last_at, arrival.at)
        if is_customer and not arrival.inbound.automatic and not arrival.silent:
            flag_pauses(work, case, message_id, f"{_who(arrival)} wrote, and the case went on resting.")
    else:
        _wake(work, arrival, case, message_id, position, held)
    case.version += 1
    _notice_the_brake(work, arrival, case)
    keep_row(work, case)
    _record_received(work, arrival, case, message_id, position)


def _wake(
    work: Work, arrival: Arrival, case: Case, message_id: int, position: int, held: HeldRow | None
) -> None:
    """The ball is with us again; a case that was done is work again."""
    before = case.status
    latest = max(case.last_at, arrival.at)
    case.customer_wrote(arrival.at, position)
    case.last_at = latest
    who = _who(arrival)
    if not arrival.silent:
        deed = Deed(What.WROTE, f"{who} wrote.", message_id=message_id)
        keep_clocks(work, case, deed, _promise(work, case, held))
    if before is CaseStatus.OPEN:
        return
    if before is CaseStatus.RESOLVED:
        keep_or_free(work, case)
        note_change(
            work, case, "status", f"The answer of {who} reopened the case.", before=before, after="open"
        )
    else:
        note_change(work, case, "status", f"{who} wrote; the case is open.", before=before, after="open")


def _promise(work: Work, case: Case, held: HeldRow | None) -> Promise | None:
    """What holds for a case whose row was asked alone."""
    if held is None:
        return None
    return promise_once(work.line, queue_id=case.queue_id, tier=held.tier, has_clocks=held.has_clocks)


def _who(arrival: Arrival) -> str:
    return arrival.inbound.sender.name or arrival.sender or "The customer"


def _opened(work: Work, arrival: Arrival, follows: Case | None = None) -> Received:
    inbound = arrival.inbound
    whose = _whose(work, arrival)
    case = Case(
        customer_id=whose if isinstance(whose, int) else NOBODY_YET,
        subject=inbound.subject[:998],
        channel=inbound.channel,
        opened_at=arrival.at,
        last_at=arrival.at,
        waiting_since=arrival.at,
        follows_id=follows.id if follows else None,
        preview=_preview(inbound),
        last_position=1,
        last_inbound_position=1,
    )
    owner = arrival.standing.owner
    tier = owner.tier if owner else Tier.BRONZE
    placed = triage(
        work,
        case,
        inbound,
        channel_id=arrival.channel_id,
        tier=tier,
        language=owner.language if owner else "",
    )
    wakes = not arrival.silent and not arrival.quiet
    deed = Deed(What.OPENED, f"{_who(arrival)} wrote to us.")
    book = begin_clocks(work, case, deed, tier=tier) if wakes else None
    reason = f"It continues case {follows.id}, which is over." if follows else "It begins a new conversation."
    message_id = arrival.standing.message_id
    conversation_id = open_case(
        work.line,
        numbers=arrival.standing.drawn,
        channel_id=arrival.channel_id,
        case=case,
        customer=whose,
        message_ids=[one for one in ids_of(inbound) if one not in arrival.standing.leads],
        participants=[arrival.sender] if arrival.sender else [],
        history=_first_line(work, inbound, follows),
        message_id=message_id,
        message=inbound_row(
            arrival, case.last_position, reason=reason, author_kind=AuthorKind.CUSTOMER, visible=True
        ),
        files=file_rows(work, inbound),
    )
    if book is not None:
        book.keep()
    if follows:
        work.session.add(CaseLink(case_id=case.id, other_id=follows.id, kind=LinkKind.FOLLOWS, at=work.now))
    if placed:
        work.session.add(case)
        note_change(work, case, "triage", placed, after=case.queue_id)
    if owner is not None and owner.entitled:
        judge_cover(work, case)
    _notice_the_brake(work, arrival, case)
    work.record(
        CaseOpened(
            case_id=case.id,
            queue_id=case.queue_id,
            customer_id=case.customer_id,
            channel=inbound.channel.value,
            silent=arrival.silent,
        )
    )
    _record_received(work, arrival, case, message_id, 1)
    if arrival.standing.acknowledges and wakes:
        acknowledge(
            work,
            case,
            inbound,
            channel_id=arrival.channel_id,
            our_address=arrival.standing.our_address,
            conversation_id=conversation_id,
        )
    return Received("opened", case.id, message_id, reason)


def _whose(work: Work, arrival: Arrival) -> int | Newcomer:
    """The customer whose address it is; a stranger without one is somebody new each time."""
    inbound, owner = arrival.inbound, arrival.standing.owner
    is_proven = inbound.verdict is Verdict.PASS
    if owner is not None and owner.has_name and not is_proven:
        return owner.id
    kind, sender = _kind_of_sender(inbound), inbound.sender
    try:
        if owner is None:
            return newcomer_with(work, kind, sender.address, sender.name, proven=is_proven)
        return customer_for(work, kind, sender.address, sender.name, proven=is_proven).id
    except Invalid:
        return Newcomer(sender.name or "Unknown sender")


def _first_line(work: Work, inbound: InboundMessage, follows: Case | None) -> dict[str, Any]:
    """How the history of the case begins."""
    who = inbound.sender.name or inbound.sender.address or "Somebody"
    return {
        "now": work.now,
        "actor": work.actor.key,
        "sentence": f"{who} wrote to us; the case was opened."[:500],
        "why": f"Case {follows.id} is over." if follows else None,
    }


def _notice_the_brake(work: Work, arrival: Arrival, case: Case) -> None:
    """Said once, with the message that goes over the limit."""
    is_chat = arrival.inbound.channel is ChannelKind.CHAT
    if arrival.standing.recent == BRAKE and not arrival.silent and not is_chat:
        work.session.add(case)
        add_event(
            work,
            case,
            f"{arrival.sender} has written more than {BRAKE} times in {BRAKE_SPAN.seconds // 60} minutes. "
            "What comes now is kept, and wakes nobody, until it calms down.",
        )


def _preview(inbound: InboundMessage) -> str:
    return plain_line(inbound.reply or inbound.text)


def _record_received(work: Work, arrival: Arrival, case: Case, message_id: int, position: int) -> None:
    work.record(
        MessageReceived(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            message_id=message_id,
            position=position,
            channel_id=arrival.channel_id,
            automatic=arrival.quiet,
            silent=arrival.silent,
        )
    )
