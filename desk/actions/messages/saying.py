"""What is said in a case, by whatever channel: its row, its files, and where the case stands after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from desk.actions.cases.history import note_change
from desk.actions.clocks.deeds import note_reply
from desk.actions.messages.arrivals import new_token, plain_line
from desk.actions.routing.assignments import keep_or_free
from desk.model.agent import Agent
from desk.model.case import Case, CaseStatus
from desk.model.errors import Invalid
from desk.model.events import ReplyQueued
from desk.model.message import Attachment, AuthorKind, Message, MessageKind
from desk.store.messages.reading import files_by_token, get_message
from desk.store.policies import policy
from desk.store.unit_of_work import Work

MOST_FILES = 50


def said(work: Work, case: Case, kind: MessageKind, text: str, client_id: str) -> Message:
    """A new message at the end of the case, whose row the caller holds; still to be added.

    What no agent wrote carries no name: it comes from the desk, and people see the desk's name.
    """
    return Message(
        case_id=case.id,
        position=case.next_position(),
        kind=kind,
        author_kind=AuthorKind.AGENT if work.actor.agent_id else AuthorKind.SYSTEM,
        at=work.now,
        visible_to_customer=False,
        agent_id=work.actor.agent_id,
        author_name=work.actor.name[:200] if work.actor.agent_id else "",
        text=text,
        reply=text,
        client_id=client_id[:64] or None,
    )


def attach(work: Work, message: Message, tokens: Sequence[str]) -> None:
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


def answered(
    work: Work, case: Case, message: Message, outbox_id: int | None, *, visitor_id: int | None = None
) -> None:
    """The customer has our answer, or will: the ball is with them. Ends every reply."""
    case.preview = plain_line(message.text) or case.preview
    before = case.status, case.waiting_since
    case.we_replied(work.now)
    # Only a person's answer keeps a promise; and in a chat most of what is said changes nothing.
    if work.actor.agent_id is not None and before != (case.status, None):
        note_reply(work, case, message.id)
    case.version += 1
    work.session.flush()
    work.record(
        ReplyQueued(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            message_id=message.id,
            position=message.position,
            outbox_id=outbox_id,
            visitor_id=visitor_id,
            sequence=message.sequence,
        )
    )


def signature(work: Work) -> str:
    """The agent's own, else the desk's; as it is now, so that a second sending has the same one."""
    agent = work.session.get(Agent, work.actor.agent_id) if work.actor.agent_id is not None else None
    own = str(agent.preferences.get("signature") or "") if agent else ""
    return own or policy(work.session, "signature", "")


def place(case: Case) -> dict[str, Any]:
    """Where the case stood before a reply, for the way back."""
    place: dict[str, Any] = {"status": case.status.value, "preview": case.preview}
    for name in ("waiting_since", "first_replied_at", "snoozed_until", "last_at"):
        moment = getattr(case, name)
        place[name] = moment.isoformat() if moment else None
    return place | {"last_inbound_position": case.last_inbound_position}


def restore(work: Work, case: Case, before: dict[str, Any]) -> None:
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
