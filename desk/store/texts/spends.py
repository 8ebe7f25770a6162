"""What texts cost a day, counted before they leave, so that no flaw of ours can cost without end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

_SPEND = text(
    """
    INSERT INTO text_spends (channel_id, day, scope, segments)
    SELECT :channel_id, :day, :scope, :segments WHERE :segments <= :most
    ON CONFLICT (channel_id, day, scope) DO UPDATE
      SET segments = text_spends.segments + excluded.segments
      WHERE text_spends.segments + excluded.segments <= :most
    RETURNING segments
    """
)


def spend(session: Session, channel_id: int, day: date, segments: int, most: Mapping[str, int]) -> str | None:
    """Count segments against every scope of `most`, or none of them; the first scope that is used up.

    Two at once never pass a limit together: each row is changed only while it holds.
    """
    with session.begin_nested() as saved:
        for scope, limit in most.items():
            asked = {
                "channel_id": channel_id,
                "day": day,
                "scope": scope,
                "segments": segments,
                "most": limit,
            }
            if session.execute(_SPEND, asked).first() is None:
                saved.rollback()
                return scope
    return None
