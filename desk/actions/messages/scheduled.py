"""Scheduled replies: written now, sent at a moment the agent chose, held back when the case moves on first.

Until it leaves it is no message: clocks run, figures do not count it, and the customer sees nothing of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from desk.actions.cases.access import case_for, check_sight
from desk.actions.cases.deeds import reopen_case
from desk.actions.cases.detail import scheduled_shown
from desk.actions.cases.history import add_event, note_change
from desk.actions.messages.files import file_shown
from desk.actions.messages.reply import Reply, Then, check_text, checked_way, send_reply
from desk.actions.messages.reply_by_mail import recipients
from desk.actions.routing.assignments import assign
from desk.actions.texts.templates import TemplateUse
from desk.model.case import Case, CaseStatus
from desk.model.errors import Conflict, Forbidden, Invalid, NotFound
from desk.model.events import ReplyHeldBack
from desk.model.inbound import ChannelKind
from desk.model.message import AuthorKind, Message
from desk.model.permission import Permission
from desk.model.scheduled_reply import ScheduledReply, ScheduledState
from desk.store.messages.files_kept import waiting_files
from desk.store.messages.scheduled import (
    by_client,
    count_scheduled,
    get_scheduled,
    newest_message,
    scheduled_by,
    scheduled_row,
    spoken_since,
)
from desk.store.sight import seen_among
from desk.store.unit_of_work import Work

MOST = 500
FURTHEST = timedelta(days=366)


def schedule_reply(work: Work, case_id: int, reply: Reply, at: datetime) -> dict[str, Any]:
    """Keep an answer until `at`, when it leaves as if the actor sent it then; the case is theirs from now on.

    Raises as `send_reply` does, for what is wrong with it already; Invalid for a chat, and for a time that is
    over or further away than a year; Conflict for very many.
    """
    agent_id = _who(work)
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    known = by_client(work.session, agent_id, reply.client_id)
    if known is not None:
        return _shown(work, known)
    way = checked_way(work, case, reply)
    if way.kind is ChannelKind.CHAT:
        raise Invalid("What is said in a chat is said at once. Choose mail to answer later.", "channel_id")
    if way.kind is ChannelKind.EMAIL:
        recipients(work, (*reply.to, *reply.cc))
    if count_scheduled(work.session, agent_id) >= MOST:
        raise Conflict(f"{MOST} replies of yours wait already. Send or cancel some, and try again.")
    made = ScheduledReply(
        case_id=case.id,
        agent_id=agent_id,
        channel_id=way.channel_id,
        client_id=reply.client_id[:64],
        at=_to_come(work, at),
        made_at=work.now,
        seen_id=newest_message(work.session, case.id),
        content=_content(work, reply, agent_id),
    )
    work.session.add(made)
    work.session.flush()
    if case.assignee_id is None:
        assign(work, case, agent_id)
    _note(work, case, f"{work.actor.name} scheduled a reply", after=made.at)
    return _shown(work, made)


def change_scheduled(
    work: Work, scheduled_id: int, *, at: datetime | None = None, text: str | None = None
) -> dict[str, Any]:
    """Another time, or other words. With a time it waits again, also one that was held back: who says so has
    read what was said since. Raises NotFound for one that is not the actor's, Conflict for one that is no
    longer there to change, and Invalid.
    """
    case, one = _own(work, scheduled_id)
    if text is not None:
        check_text(text)
        if one.content["template"]:
            raise Invalid("A template is sent as it is. Cancel it, and write another reply.", "text")
        one.content = one.content | {"text": text}
    if at is not None:
        before, one.at = one.at, _to_come(work, at)
        one.state, one.why, one.held_at = ScheduledState.WAITING, None, None
        one.seen_id = newest_message(work.session, case.id)
        _note(work, case, f"{work.actor.name} moved a scheduled reply", before=before, after=one.at)
    else:
        _note(work, case, f"{work.actor.name} reworded a scheduled reply")
    return _shown(work, one)


def cancel_scheduled(work: Work, scheduled_id: int) -> dict[str, Any]:
    """It is not sent; the answer is what was written, for the composer. Raises as `change_scheduled`."""
    case, one = _own(work, scheduled_id)
    one.state = ScheduledState.CANCELLED
    _note(work, case, f"{work.actor.name} cancelled a scheduled reply", before=one.at)
    return _shown(work, one)


def stop_scheduled(work: Work, scheduled_id: int) -> dict[str, Any]:
    """Anybody who works the case may hold a colleague's reply back; who wrote it is told and decides.

    Raises NotFound, and Conflict for one that does not wait.
    """
    found = get_scheduled(work.session, scheduled_id)
    case_for(work, found.case_id, to=Permission.WORK_CASES)
    hold_back(work, scheduled_id, f"{work.actor.name} held it back.")
    return _shown(work, found)


def send_scheduled_now(
    work: Work,
    scheduled_id: int,
    *,
    last_seen_position: int | None = None,
    hold_seconds: int = 0,
    files_served: bool = False,
) -> Message:
    """It leaves at once. Raises as `send_reply` and `change_scheduled`."""
    _, one = _own(work, scheduled_id)
    reply = _reply(one, files_served=files_served)
    said = replace(reply, last_seen_position=last_seen_position, hold_seconds=hold_seconds)
    return _sent(work, one, said)


def send_due(work: Work, scheduled_id: int, *, files_served: bool) -> bool:
    """Its time has come: it leaves as the actor's, who wrote it; whether it did. The clock's deed.

    Raises Conflict with why where somebody has spoken since, and as `send_reply` does.
    """
    one = get_scheduled(work.session, scheduled_id)
    case_for(work, one.case_id, to=Permission.WORK_CASES, lock=True)
    one = get_scheduled(work.session, scheduled_id, lock=True)
    if one.state is not ScheduledState.WAITING or one.at > work.now:
        return False
    why = _overtaken(work, one)
    if why:
        raise Conflict(why)
    _sent(work, one, _reply(one, files_served=files_served))
    return True


def hold_back(work: Work, scheduled_id: int, why: str | None = None) -> None:
    """It does not leave by itself: the case says so, is work again, and its agent is told.

    Without `why` it is what was said since. Raises Conflict for one that does not wait, or where nothing
    speaks against it.
    """
    found = get_scheduled(work.session, scheduled_id)
    case = work.session.get_one(Case, found.case_id, with_for_update=True, populate_existing=True)
    one = get_scheduled(work.session, scheduled_id, lock=True)
    why = why or _overtaken(work, one)
    if one.state is not ScheduledState.WAITING or not why:
        raise Conflict("This reply does not wait to be sent any more.", {"state": one.state})
    one.state, one.why, one.held_at = ScheduledState.HELD_BACK, why[:500], work.now
    add_event(work, case, f"A scheduled reply was held back: {why}")
    _note(work, case, "A scheduled reply was held back", before=one.at, why=why)
    if case.status in (CaseStatus.WAITING, CaseStatus.RESOLVED):
        reopen_case(work, case.id)
    elif case.status is CaseStatus.SNOOZED:
        case.wake()
    work.record(ReplyHeldBack(agent_id=one.agent_id, case_id=case.id, scheduled_id=one.id))


def scheduled_of_mine(work: Work) -> dict[str, Any]:
    """`{now, rows}`: the actor's, the first to leave first; of a case they see no more, only that it is
    one.
    """
    rows = scheduled_by(work.session, _who(work), MOST)
    seen = seen_among(work.session, work.actor, {row.case_id for row in rows})
    shown = []
    for row in rows:
        told = scheduled_shown(row._asdict()) | {"opens": row.case_id in seen}
        shown.append(told if told["opens"] else told | {"subject": None, "customer": None})
    return {"now": work.now, "rows": shown}


def _who(work: Work) -> int:
    work.require(Permission.WORK_CASES)
    if work.actor.agent_id is None:
        raise Forbidden("Replies are scheduled by people; sign in as one.")
    return work.actor.agent_id


def _own(work: Work, scheduled_id: int) -> tuple[Case, ScheduledReply]:
    """The case and the reply, both held, while it can still be decided about."""
    found = get_scheduled(work.session, scheduled_id)
    check_sight(work, found.case_id, to=Permission.WORK_CASES)
    if found.agent_id != work.actor.agent_id:
        raise NotFound("Only who wrote a scheduled reply can change it. You can hold it back.")
    case = case_for(work, found.case_id, to=Permission.WORK_CASES, lock=True)
    one = get_scheduled(work.session, scheduled_id, lock=True)
    if not one.is_pending:
        what = "has left already" if one.state is ScheduledState.SENT else "was cancelled"
        raise Conflict(f"This reply {what}.", {"state": one.state})
    return case, one


def _content(work: Work, reply: Reply, agent_id: int) -> dict[str, Any]:
    waiting = waiting_files(work.session, reply.file_tokens, agent_id)
    if any(token not in waiting for token in reply.file_tokens):
        raise Invalid("One of the files is not there any more. Attach it again.", "files")
    template = reply.template
    return {
        "text": reply.text,
        "to": list(reply.to),
        "cc": list(reply.cc),
        "files": [file_shown(waiting[token]) for token in reply.file_tokens],
        "template": {"sid": template.sid, "values": dict(template.values)} if template else None,
        "then": reply.then,
    }


def _reply(one: ScheduledReply, *, files_served: bool) -> Reply:
    content, template = one.content, one.content["template"]
    return Reply(
        text=content["text"],
        client_id=one.client_id,
        channel_id=one.channel_id,
        to=tuple(content["to"]),
        cc=tuple(content["cc"]),
        file_tokens=tuple(file["token"] for file in content["files"]),
        files_served=files_served,
        template=TemplateUse(template["sid"], template["values"]) if template else None,
        then=Then(content["then"]) if content["then"] else None,
    )


def _sent(work: Work, one: ScheduledReply, reply: Reply) -> Message:
    message = send_reply(work, one.case_id, reply)
    one.state, one.message_id, one.why, one.held_at = ScheduledState.SENT, message.id, None, None
    return message


def _overtaken(work: Work, one: ScheduledReply) -> str | None:
    """What speaks against sending it without another look."""
    case = work.session.get_one(Case, one.case_id)
    if case.status is CaseStatus.CLOSED:
        return "The case was closed."
    spoken = spoken_since(work.session, one)
    if spoken is None:
        return None
    who = spoken.author_name or spoken.author_address or "The customer"
    return (
        f"{who} answered meanwhile." if spoken.author_kind is AuthorKind.AGENT else f"{who} wrote meanwhile."
    )


def _to_come(work: Work, at: datetime) -> datetime:
    if at <= work.now:
        raise Invalid("That time is over. Choose one that is still to come.", "at")
    if at > work.now + FURTHEST:
        raise Invalid("A reply can wait for a year at most. Choose a nearer day.", "at")
    return at


def _note(
    work: Work,
    case: Case,
    sentence: str,
    *,
    before: datetime | None = None,
    after: datetime | None = None,
    why: str | None = None,
) -> None:
    work.session.flush()
    said = [at.isoformat() if at else None for at in (before, after)]
    note_change(work, case, "scheduled_reply", sentence, before=said[0], after=said[1], why=why)


def _shown(work: Work, one: ScheduledReply) -> dict[str, Any]:
    work.session.flush()
    return scheduled_shown(scheduled_row(work.session, one.id)._asdict())
