"""Answering: a reply that waits in the outbox, a note that never leaves, and taking a reply back in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from desk.actions.access import case_for
from desk.actions.arrivals import new_token, people_shown, plain_line
from desk.actions.assignments import assign, keep_or_free
from desk.actions.cases import resolve_case
from desk.actions.history import note_change
from desk.actions.messages import message_shown
from desk.channels.email.compose import new_message_id
from desk.model.agent import Agent
from desk.model.case import Case, CaseStatus
from desk.model.channel import Channel
from desk.model.customer import normal_email
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.events import NoteAdded, ReplyQueued, ReplyWithdrawn
from desk.model.inbound import Participant
from desk.model.message import Attachment, AuthorKind, DeliveryState, Message, MessageKind
from desk.model.permission import Permission
from desk.model.transit import Outbox, OutboxState
from desk.store.channels import email_channel_for, our_addresses
from desk.store.conversations import conversation_on, remember
from desk.store.messages import by_client, files_by_token, files_of, get_message, last_inbound, newer_than
from desk.store.outbox import find_for_message
from desk.store.policies import policy
from desk.store.unit_of_work import Work

LONGEST_TEXT = 200_000
MOST_RECIPIENTS = 50
MOST_FILES = 50
LONGEST_HOLD = 60
KIND = "reply"


class Then(StrEnum):
    """What becomes of the case with the reply."""

    RESOLVE = "resolve"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as the agent wrote it. Without `to` it goes to who wrote last.

    `client_id` is made by the agent's screen: the same one again is the same reply.
    `last_seen_position` is the newest message the agent had read.
    """

    text: str
    client_id: str
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    file_tokens: tuple[str, ...] = ()
    last_seen_position: int | None = None
    hold_seconds: int = 0
    then: Then | None = None


def send_reply(work: Work, case_id: int, reply: Reply) -> Message:
    """Put an answer on its way: the message and what carries it, in one transaction.

    Raises Conflict with the newer messages when somebody else has said something since the agent
    looked; Invalid for text, recipients or files that cannot be sent.
    """
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    known = _known(work, reply.client_id)
    if known is not None:
        return known
    _check_text(reply.text)
    _check_open(case)
    if reply.last_seen_position is not None:
        _refuse_when_others_spoke(work, case, reply.last_seen_position)
    answered = last_inbound(work.session, case.id)
    channel = email_channel_for(work.session, case.id, answered.channel_id if answered else None)
    to = _recipients(work, reply.to) or default_recipients(answered)
    if not to:
        raise Invalid("Nobody to send it to: add an address.", "to")
    subject = answered.subject if answered and answered.subject else case.subject
    message = _queued(work, case, channel, reply, to=to, cc=_recipients(work, reply.cc), subject=subject)
    if case.assignee_id is None and work.actor.agent_id is not None:
        assign(work, case, work.actor.agent_id)
    if reply.then is Then.RESOLVE and case.is_active:
        resolve_case(work, case.id, "Answered")
    elif reply.then is Then.WAIT and case.is_active:
        case.wait_for_customer()
    return message


def open_case_message(
    work: Work,
    case: Case,
    channel: Channel,
    *,
    subject: str,
    text: str,
    to: Sequence[str],
    cc: Sequence[str],
    client_id: str,
) -> Message:
    """The first message of a case that we begin; the caller has made and holds the case."""
    _check_text(text)
    recipients = _recipients(work, to)
    if not recipients:
        raise Invalid("Nobody to send it to: add an address.", "to")
    reply = Reply(text=text, client_id=client_id)
    return _queued(work, case, channel, reply, to=recipients, cc=_recipients(work, cc), subject=subject)


def add_note(
    work: Work,
    case_id: int,
    text: str,
    client_id: str,
    mentions: Iterable[int] = (),
    file_tokens: Sequence[str] = (),
) -> Message:
    """A private note: seen by colleagues only, for ever. The same `client_id` again is the same note."""
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    known = _known(work, client_id)
    if known is not None:
        return known
    _check_text(text)
    mentioned = sorted(set(mentions))
    note = _said(work, case, MessageKind.NOTE, text, client_id)
    note.mentions = mentioned
    work.session.add(note)
    work.session.flush()
    _attach(work, note, file_tokens)
    case.last_at = work.now
    case.version += 1
    work.record(
        NoteAdded(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            message_id=note.id,
            position=note.position,
            mentions=tuple(mentioned),
        )
    )
    return note


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A reply that came back before it left: for the composer."""

    text: str
    files: list[Attachment]


def withdraw_reply(work: Work, message_id: int) -> Withdrawn:
    """Undo the sending while the reply is held. Raises Conflict when it has left already."""
    message = get_message(work.session, message_id)
    case = case_for(work, message.case_id, to=Permission.WORK_CASES, lock=True)
    if message.agent_id != work.actor.agent_id:
        raise NotFound("Only who sent a reply can take it back.")
    letter = find_for_message(work.session, message_id)
    if (
        letter is None
        or letter.state is not OutboxState.QUEUED
        or letter.attempts
        or letter.not_before <= work.now
    ):
        raise Conflict("The reply has left already.", {"state": message.state})
    before = letter.content["before"] or {}
    letter.state, letter.message_id = OutboxState.WITHDRAWN, None
    files = list(files_of(work.session, [message.id]))
    for file in files:
        file.message_id, file.uploader_id = None, work.actor.agent_id
    work.session.flush()
    work.session.delete(message)
    _restore(work, case, before)
    work.record(
        ReplyWithdrawn(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            message_id=message.id,
            position=message.position,
        )
    )
    return Withdrawn(message.text, files)


def default_recipients(answered: Message | None) -> list[Participant]:
    """Whom an answer goes to: the sender, or the address they ask for when it is of the same domain.

    Another domain may be a thief's; the agent is shown it, and may choose it.
    """
    if answered is None or not answered.author_address:
        return []
    domain = answered.author_address.rpartition("@")[2].lower()
    asked = [
        Participant(one["address"], one["name"])
        for one in answered.reply_to
        if one["address"].rpartition("@")[2].lower() == domain
    ]
    return asked or [Participant(answered.author_address, answered.author_name)]


def _known(work: Work, client_id: str) -> Message | None:
    if work.actor.agent_id is None:
        return None
    return by_client(work.session, work.actor.agent_id, client_id)


def _check_text(text: str) -> None:
    if not text.strip():
        raise Invalid("There is nothing in it to send.", "text")
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"The text has {len(text):,} characters; {LONGEST_TEXT:,} are possible.", "text")


def _check_open(case: Case) -> None:
    if case.merged_into_id is not None:
        raise Invalid(f"Case {case.id} is part of case {case.merged_into_id}; answer there.")


def _refuse_when_others_spoke(work: Work, case: Case, last_seen: int) -> None:
    newer = newer_than(work.session, case.id, last_seen, but_of=work.actor.agent_id)
    if newer:
        raise Conflict(
            "Something was said in this case while you wrote.",
            {
                "messages": [message_shown(work, case, message.id) for message in newer],
                "position": case.last_position,
            },
        )


def _recipients(work: Work, addresses: Sequence[str]) -> list[Participant]:
    """Addresses as the agent gave them, each once. Raises Invalid, also for our own: that would be a loop."""
    if len(addresses) > MOST_RECIPIENTS:
        raise Invalid(f"A message can go to {MOST_RECIPIENTS} people at most.", "to")
    found = list(dict.fromkeys(normal_email(one) for one in addresses))
    ours = our_addresses(work.session) if found else frozenset()
    for one in found:
        if one in ours:
            raise Invalid(f"{one} is our own address; the message would come back to us.", "to")
    return [Participant(one) for one in found]


def _queued(
    work: Work,
    case: Case,
    channel: Channel,
    reply: Reply,
    *,
    to: Sequence[Participant],
    cc: Sequence[Participant],
    subject: str,
) -> Message:
    conversation_id = conversation_on(work.session, case, channel.id, at=work.now)
    held = min(max(reply.hold_seconds, 0), LONGEST_HOLD)
    leaves_at = work.now + timedelta(seconds=held)
    message = _said(work, case, MessageKind.OUTBOUND, reply.text, reply.client_id)
    message.visible_to_customer = True
    message.conversation_id, message.channel_id = conversation_id, channel.id
    message.subject = subject[:998]
    message.recipients_to, message.recipients_cc = people_shown(to), people_shown(cc)
    message.internet_id = new_message_id(channel.address.rpartition("@")[2])
    message.state = DeliveryState.HELD if held else DeliveryState.QUEUED
    work.session.add(message)
    work.session.flush()
    _attach(work, message, reply.file_tokens)
    letter = Outbox(
        channel_id=channel.id,
        kind=KIND,
        internet_id=message.internet_id,
        recipients={one.address.lower(): {"state": "queued"} for one in (*to, *cc)},
        queued_at=work.now,
        not_before=leaves_at,
        message_id=message.id,
        case_id=case.id,
        content={"signature": _signature(work), "before": _place(case) if held else None},
    )
    work.session.add(letter)
    remember(
        work.session,
        channel.id,
        conversation_id,
        message_ids=[message.internet_id],
        participants=[one.address.lower() for one in (*to, *cc)],
        at=work.now,
        ours=True,
    )
    case.preview = plain_line(reply.text) or case.preview
    case.we_replied(work.now)
    case.version += 1
    work.session.flush()
    work.record(
        ReplyQueued(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            message_id=message.id,
            position=message.position,
            outbox_id=letter.id,
        )
    )
    return message


def _signature(work: Work) -> str:
    """The agent's own, else the desk's; as it is now, so that a second sending has the same one."""
    agent = work.session.get(Agent, work.actor.agent_id) if work.actor.agent_id is not None else None
    own = str(agent.preferences.get("signature") or "") if agent else ""
    return own or policy(work.session, "signature", "")


def _said(work: Work, case: Case, kind: MessageKind, text: str, client_id: str) -> Message:
    return Message(
        case_id=case.id,
        position=case.next_position(),
        kind=kind,
        author_kind=AuthorKind.AGENT if work.actor.agent_id else AuthorKind.SYSTEM,
        at=work.now,
        visible_to_customer=False,
        agent_id=work.actor.agent_id,
        author_name=work.actor.name[:200],
        text=text,
        reply=text,
        client_id=client_id[:64] or None,
    )


def _attach(work: Work, message: Message, tokens: Sequence[str]) -> None:
    """Files by token: fresh uploads of the actor move over, files of this very case are sent again.

    A token that leads to neither is an error: a file must never be missing in silence.
    """
    if len(tokens) > MOST_FILES:
        raise Invalid(f"A message can carry {MOST_FILES} files at most.", "files")
    found = files_by_token(work.session, tokens)
    for token in dict.fromkeys(tokens):
        file = found.get(token)
        if file is not None and file.message_id is None and file.uploader_id == work.actor.agent_id:
            file.message_id = message.id
        elif file is not None and _is_of_case(work, file, message.case_id):
            work.session.add(_again(work, file, message))
        else:
            raise Invalid("One of the files is not there any more. Attach it again.", "files")


def _is_of_case(work: Work, file: Attachment, case_id: int) -> bool:
    return file.message_id is not None and get_message(work.session, file.message_id).case_id == case_id


def _again(work: Work, file: Attachment, message: Message) -> Attachment:
    return Attachment(
        token=new_token(),
        name=file.name,
        type=file.type,
        size=file.size,
        sha256=file.sha256,
        created_at=work.now,
        message_id=message.id,
        uploader_id=work.actor.agent_id,
    )


def _restore(work: Work, case: Case, before: dict[str, Any]) -> None:
    """The ball is where it was before the reply, unless the customer has played it since."""
    if not before or case.last_inbound_position != before["last_inbound_position"]:
        return
    was_resolved = case.status is CaseStatus.RESOLVED
    old_status, case.status = case.status, CaseStatus(before["status"])
    for name in ("waiting_since", "first_replied_at", "snoozed_until", "last_at"):
        setattr(case, name, datetime.fromisoformat(before[name]) if before[name] else None)
    case.preview = before["preview"]
    case.resolved_at = case.resolution_reason = None
    if was_resolved:
        keep_or_free(work, case)
    if old_status is not case.status:
        sentence = f"{work.actor.name} took a reply back before it left."
        note_change(work, case, "status", sentence, before=old_status.value, after=case.status.value)


def _place(case: Case) -> dict[str, Any]:
    """Where the case stood before a reply, for the way back."""
    place: dict[str, Any] = {"status": case.status.value, "preview": case.preview}
    for name in ("waiting_since", "first_replied_at", "snoozed_until", "last_at"):
        moment = getattr(case, name)
        place[name] = moment.isoformat() if moment else None
    return place | {"last_inbound_position": case.last_inbound_position}
