"""What time does to a chat: its visitor has left, has fallen silent, or reads our answer by mail.

Each deed is for one chat, asks what is true now, and is safe to run twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from desk.actions.chat.moves import end_chat, tell, visitor_left, wrap_up
from desk.actions.messages.reply_by_chat import put_into_chat
from desk.actions.messages.reply_by_mail import queue_mail
from desk.model.case import Case
from desk.model.chat import HERE, MAIL_MINUTES, SILENT_MINUTES, Chat, ChatState, EndedBy
from desk.model.errors import Conflict
from desk.model.inbound import Participant
from desk.store.channels import mail_channels
from desk.store.chat.chats import answers_after, case_of, get_chat
from desk.store.policies import policy
from desk.store.unit_of_work import Work

SILENCE_WORD = (
    "We have not heard from you for a while, so this chat rests for now. Just write, and it goes on."
)
MAIL_SUBJECT = "Your chat with us"
MAIL_HEAD = "You had left the chat when we answered:"
MAIL_FOOT = "You can answer this mail, or go on in the chat."


def note_left(work: Work, conversation_id: int) -> None:
    """No sign of the browser for a minute. Raises Conflict when it has come back meanwhile."""
    case, chat = _held(work, conversation_id)
    if chat.state not in (ChatState.WAITING, ChatState.LIVE) or work.now - chat.visitor_seen_at <= HERE:
        raise Conflict("The visitor is here.")
    visitor_left(work, case, chat)


def end_silent(work: Work, conversation_id: int) -> None:
    """A word to the visitor, and the chat rests. Raises Conflict when somebody has spoken meanwhile."""
    case, chat = _held(work, conversation_id)
    if not _is_silent(chat, work.now - silent_for(work)):
        raise Conflict("Somebody has spoken.")
    before = case.status, case.waiting_since
    message = put_into_chat(work, case, chat, SILENCE_WORD, "")
    case.status, case.waiting_since = before
    end_chat(work, case, chat, EndedBy.SILENCE)
    tell(work, case, chat, "said", sequence=message.sequence)


def finish_wrap_up(work: Work, conversation_id: int) -> None:
    """The time to wrap up is over: the place is free. Raises Conflict when it was given more."""
    case, chat = _held(work, conversation_id)
    if chat.wrap_up_until is None or chat.wrap_up_until > work.now:
        raise Conflict("It is not over.")
    wrap_up(work, case, chat)


def mail_unread(work: Work, conversation_id: int) -> None:
    """What the visitor has not read goes to the address they left, once, in a conversation of the same case.

    Whether the address is theirs nobody knows: only our agents' words go there, never the
    visitor's own. Raises Conflict when there is nothing to mail any more, or no channel to mail by.
    """
    case, chat = _held(work, conversation_id)
    known = max(chat.visitor_read, chat.mailed_sequence)
    answers = answers_after(work.session, conversation_id, known)
    channel = next(iter(mail_channels(work.session)), None)
    is_here = work.now - chat.visitor_seen_at <= mail_after(work)
    if not answers or channel is None or chat.email is None or is_here:
        raise Conflict("There is nothing to mail.")
    before = case.status, case.waiting_since, case.preview
    queue_mail(
        work,
        case,
        channel,
        text="\n\n".join((MAIL_HEAD, *(f"{one.author_name}: {one.text}" for one in answers), MAIL_FOOT)),
        client_id="",
        to=[Participant(chat.email)],
        cc=(),
        subject=MAIL_SUBJECT,
    )
    # The mail says again what was said: the ball is where it was.
    case.status, case.waiting_since, case.preview = before
    chat.mailed_sequence = answers[-1].sequence or chat.mailed_sequence
    tell(work, case, chat, "mailed")


def silent_for(work: Work) -> timedelta:
    return timedelta(minutes=policy(work.session, "chat_silent_minutes", SILENT_MINUTES))


def mail_after(work: Work) -> timedelta:
    return timedelta(minutes=policy(work.session, "chat_mail_minutes", MAIL_MINUTES))


def _is_silent(chat: Chat, since: datetime) -> bool:
    return (
        chat.state in (ChatState.LIVE, ChatState.LEFT)
        and chat.last_agent_at is not None
        and chat.last_agent_at > chat.last_visitor_at
        and chat.last_agent_at < since
    )


def _held(work: Work, conversation_id: int) -> tuple[Case, Chat]:
    case = case_of(work.session, conversation_id)
    return case, get_chat(work.session, conversation_id)
