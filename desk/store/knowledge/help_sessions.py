"""Sessions of the help centre: who was drawn for what, what came of it, and counts to compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.model.article import Article
from desk.model.help_session import OUTCOME_WITHIN, HelpDoor, HelpSession
from desk.model.portal import PortalSession


def find_help_session(session: Session, key: str) -> HelpSession | None:
    return session.scalar(select(HelpSession).where(HelpSession.key == key))


def begin_help_session(
    session: Session,
    key: str,
    door: HelpDoor,
    articles: Sequence[int],
    *,
    withheld: bool,
    percent: int,
    portal_session_id: int | None,
    at: datetime,
) -> None:
    """Suggestions fit for the first time; a session that has begun stays as it is."""
    address = select(PortalSession.address_id).where(PortalSession.id == portal_session_id).scalar_subquery()
    session.execute(
        insert(HelpSession)
        .values(
            key=key, door=door, articles=list(articles), withheld=withheld, percent=percent, began_at=at,
            address_id=address if portal_session_id is not None else None,
        )
        .on_conflict_do_nothing(index_elements=["key"])
    )  # fmt: skip


def note_session_opened(session: Session, key: str, article_id: int, at: datetime) -> None:
    """The first article that the session opened, if it has not ended."""
    session.execute(
        update(HelpSession)
        .where(_lasts(key, at), HelpSession.opened_at.is_(None))
        .values(opened_at=at, article_id=article_id)
    )


def note_session_contact(session: Session, key: str, at: datetime) -> None:
    """The session has contacted us, if it has not ended; once."""
    session.execute(
        update(HelpSession).where(_lasts(key, at), HelpSession.contacted_at.is_(None)).values(contacted_at=at)
    )


def forget_old_help_sessions(session: Session, before: datetime) -> None:
    """What somebody read so long ago says nothing of today."""
    session.execute(delete(HelpSession).where(HelpSession.began_at < before))


def suggestion_counts(session: Session, since: datetime, until: datetime, zone: str) -> Sequence[Any]:
    """`{article, percent, week, withheld, sessions, contacts, opened, solved}` of sessions that began in
    between; article 0 stands for all. Weeks are those of the zone.
    """
    return session.execute(
        text(_COUNTS), {"since": since, "until": until, "zone": zone, "within": OUTCOME_WITHIN}
    ).all()


def sessions_begun(session: Session, since: datetime, until: datetime) -> int:
    """How many began in between."""
    counted = select(func.count()).where(HelpSession.began_at >= since, HelpSession.began_at < until)
    return session.scalar(counted) or 0


def titles_of(session: Session, article_ids: Sequence[int]) -> dict[int, str]:
    """The titles as readers see them."""
    rows = session.execute(
        select(Article.id, func.coalesce(Article.shown_title, Article.title)).where(
            Article.id.in_(article_ids)
        )
    )
    return {row[0]: row[1] for row in rows}


def _lasts(key: str, at: datetime) -> Any:
    return (HelpSession.key == key) & (HelpSession.began_at > at - OUTCOME_WITHIN)


CONTACTED = """(s.contacted_at IS NOT NULL OR EXISTS (
          SELECT FROM addresses a JOIN cases c ON c.customer_id = a.customer_id
          WHERE a.id = s.address_id AND c.last_inbound_position > 0
            AND c.opened_at > s.began_at AND c.opened_at <= s.began_at + interval '72 hours'))"""
"""Whether session `s` contacted us in time: in itself, or by a case of whoever was signed in."""

_COUNTS = f"""
    WITH seen AS (
      SELECT s.articles, s.percent, s.withheld, s.opened_at IS NOT NULL AS opened,
        date_trunc('week', s.began_at AT TIME ZONE :zone)::date AS week, {CONTACTED} AS contacted,
        EXISTS (SELECT FROM article_votes v WHERE v.voter = s.key AND v.helpful
          AND v.at >= s.began_at AND v.at <= s.began_at + CAST(:within AS interval)) AS solved
      FROM help_sessions s WHERE s.began_at >= :since AND s.began_at < :until
    )
    SELECT article, percent, week, withheld, count(*) AS sessions,
      count(*) FILTER (WHERE contacted) AS contacts, count(*) FILTER (WHERE opened) AS opened,
      count(*) FILTER (WHERE solved) AS solved
    FROM seen, unnest(array_append(articles, 0::bigint)) AS article
    GROUP BY article, percent, week, withheld
"""  # noqa: S608 - put together from constants
