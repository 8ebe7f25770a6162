"""What time alone makes due in chats: asked every second, each question on a partial index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from desk.model.channel import Channel
from desk.model.chat import Chat, ChatState
from desk.model.inbound import ChannelKind


def gone_since(session: Session, moment: datetime, limit: int) -> Sequence[int]:
    """Chats in progress whose visitor's browser has given no sign since then."""
    return session.scalars(
        select(Chat.conversation_id)
        .where(
            Chat.state != ChatState.ENDED,
            Chat.state.in_((ChatState.WAITING, ChatState.LIVE)),
            Chat.visitor_seen_at < moment,
        )
        .order_by(Chat.visitor_seen_at)
        .limit(limit)
    ).all()


def silent_since(session: Session, moment: datetime, limit: int) -> Sequence[int]:
    """Chats not ended in which our word was last, and nothing came since then."""
    return session.scalars(
        select(Chat.conversation_id)
        .where(
            Chat.state != ChatState.ENDED,
            Chat.state.in_((ChatState.LIVE, ChatState.LEFT)),
            Chat.last_agent_at > Chat.last_visitor_at,
            Chat.last_agent_at < moment,
        )
        .order_by(Chat.last_agent_at)
        .limit(limit)
    ).all()


def wrapped_up_by(session: Session, moment: datetime, limit: int) -> Sequence[int]:
    """Ended chats whose time to wrap up is over."""
    return session.scalars(
        select(Chat.conversation_id)
        .where(Chat.wrap_up_until.is_not(None), Chat.wrap_up_until <= moment)
        .order_by(Chat.wrap_up_until)
        .limit(limit)
    ).all()


def unread_since(session: Session, moment: datetime, limit: int) -> Sequence[int]:
    """Chats whose visitor has left before that moment, with answers they have not read and an address."""
    return session.scalars(
        select(Chat.conversation_id)
        .where(
            Chat.email.is_not(None),
            Chat.answered_sequence > Chat.visitor_read,
            Chat.answered_sequence > Chat.mailed_sequence,
            Chat.visitor_seen_at < moment,
            Chat.state.in_((ChatState.LEFT, ChatState.ENDED)),
            exists().where(Channel.kind == ChannelKind.EMAIL, Channel.enabled.is_(True)),
        )
        .order_by(Chat.visitor_seen_at)
        .limit(limit)
    ).all()
