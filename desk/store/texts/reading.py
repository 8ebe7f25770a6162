"""Texting, read and kept: numbers and their conversations, stops, statuses, files to fetch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.model.channel import Channel
from desk.model.conversation import Conversation, Participation
from desk.model.inbound import ChannelKind
from desk.model.message import Attachment, DeliveryState, Message, MessageKind
from desk.model.texting import FetchState, MediaFetch, SentText, Suppression, TextStatus
from desk.model.transit import Outbox
from desk.store.holds import hold


def find_text_channel(session: Session, channel_id: int) -> Channel | None:
    """The channel, where it is one for texts and switched on."""
    return session.scalar(
        select(Channel).where(
            Channel.id == channel_id, Channel.kind == ChannelKind.SMS, Channel.enabled.is_(True)
        )
    )


def text_channels(session: Session) -> Sequence[Channel]:
    """The channels for texts that are switched on."""
    return session.scalars(
        select(Channel).where(Channel.kind == ChannelKind.SMS, Channel.enabled.is_(True)).order_by(Channel.id)
    ).all()


_HANDED_OVER = (
    DeliveryState.SENDING,
    DeliveryState.UNCERTAIN,
    DeliveryState.SENT,
    DeliveryState.DELIVERED,
    DeliveryState.READ,
)


def find_file_of_text(session: Session, token: str) -> Attachment | None:
    """The file, where it is one of a text of ours that was handed over, or is at this moment."""
    return session.scalar(
        select(Attachment)
        .join(Message, Message.id == Attachment.message_id)
        .join(Channel, Channel.id == Message.channel_id)
        .where(
            Attachment.token == token,
            Channel.kind == ChannelKind.SMS,
            Message.kind == MessageKind.OUTBOUND,
            Message.state.in_(_HANDED_OVER),
        )
    )


def lock_number(session: Session, channel_id: int, number: str) -> None:
    """Until the commit, nobody else lets a text of this number in: two at once are one conversation."""
    hold(session, f"{channel_id} {number}")


def lock_text(session: Session, message_sid: str) -> None:
    """Until the commit, nobody else decides how this text fares."""
    hold(session, message_sid)


def conversation_with(session: Session, channel_id: int, number: str) -> int | None:
    """The conversation of this channel and this number in which something was said last."""
    said_last = (
        select(func.max(Message.id)).where(Message.conversation_id == Conversation.id).scalar_subquery()
    )
    return session.scalar(
        select(Conversation.id)
        .join(Participation, Participation.conversation_id == Conversation.id)
        .where(Conversation.channel_id == channel_id, Participation.address == number)
        .order_by(said_last.desc().nulls_last(), Conversation.id.desc())
        .limit(1)
    )


def is_stopped(session: Session, sender: str, number: str) -> bool:
    """Whether the number wants no texts from this sender of ours."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Suppression.sender == sender, Suppression.number == number, Suppression.stopped
                )
            )
        )
    )


def keep_stop(
    session: Session, sender: str, number: str, *, stopped: bool, source: str, at: datetime
) -> None:
    """The last word counts."""
    said = {"stopped": stopped, "source": source[:120], "at": at}
    session.execute(
        insert(Suppression)
        .values(sender=sender, number=number, **said)
        .on_conflict_do_update(index_elements=["sender", "number"], set_=said)
    )


def keep_status(
    session: Session, message_sid: str, status: str, error_code: str | None, at: datetime
) -> None:
    """One row a status; an error code that was told once stays."""
    statement = insert(TextStatus).values(
        message_sid=message_sid, status=status[:20], error_code=error_code, at=at
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["message_sid", "status"],
            set_={"error_code": func.coalesce(TextStatus.error_code, statement.excluded.error_code)},
        )
    )


def statuses_of(session: Session, message_sid: str) -> Sequence[TextStatus]:
    return session.scalars(
        select(TextStatus)
        .where(TextStatus.message_sid == message_sid)
        .execution_options(populate_existing=True)
    ).all()


def find_sent_text(session: Session, message_sid: str) -> SentText | None:
    return session.scalar(select(SentText).where(SentText.message_sid == message_sid))


def latest_sent_text(session: Session, outbox_id: int) -> SentText | None:
    """The last time the provider took this message from us."""
    return session.scalar(
        select(SentText).where(SentText.outbox_id == outbox_id).order_by(SentText.id.desc()).limit(1)
    )


def find_by_mark(session: Session, channel_id: int, mark: str) -> Outbox | None:
    """The message that left under this mark of ours, its row held."""
    return session.scalar(
        select(Outbox)
        .where(Outbox.internet_id == mark, Outbox.channel_id == channel_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def claim_media(session: Session, now: datetime, limit: int, lease: timedelta) -> Sequence[MediaFetch]:
    """Files to fetch now, each try counted before it is made; others skip them."""
    due = (
        select(MediaFetch.id)
        .where(MediaFetch.state == FetchState.WAITING, MediaFetch.not_before <= now)
        .order_by(MediaFetch.not_before, MediaFetch.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(
        update(MediaFetch)
        .where(MediaFetch.id.in_(due))
        .values(attempts=MediaFetch.attempts + 1, not_before=now + lease)
        .returning(MediaFetch)
        .execution_options(synchronize_session=False)
    ).all()
