"""How far each number's texts were compared with the provider's own list, and whose turn it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.model.channel import Channel
from desk.model.texting import TextCursor


def take_a_look(session: Session, channel: Channel, now: datetime, every: timedelta) -> datetime | None:
    """Since when to look; None when somebody looked within `every`. Two at once: one looks.

    What came before the channel was added is not ours.
    """
    session.execute(
        insert(TextCursor)
        .values(channel_id=channel.id, seen_until=channel.created_at, looked_at=channel.created_at - every)
        .on_conflict_do_nothing(index_elements=["channel_id"])
    )
    return session.scalar(
        update(TextCursor)
        .where(TextCursor.channel_id == channel.id, TextCursor.looked_at <= now - every)
        .values(looked_at=now)
        .returning(TextCursor.seen_until)
        .execution_options(synchronize_session=False)
    )


def move_text_cursor(session: Session, channel_id: int, seen_until: datetime) -> None:
    """Everything until then was compared; it never goes back."""
    session.execute(
        update(TextCursor)
        .where(TextCursor.channel_id == channel_id, TextCursor.seen_until < seen_until)
        .values(seen_until=seen_until)
        .execution_options(synchronize_session=False)
    )
