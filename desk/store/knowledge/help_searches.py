"""What was searched for in the help centre, and the words that search takes for one another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from desk.model.errors import NotFound
from desk.model.knowledge import HelpSearch, Synonyms


def note_opened(session: Session, token: str, article_id: int) -> bool:
    """The first article opened out of a search counts; False where there is no such search, or it has one."""
    opened = (
        update(HelpSearch)
        .where(HelpSearch.token == token, HelpSearch.article_id.is_(None))
        .values(article_id=article_id)
    )
    return session.scalar(opened.returning(HelpSearch.id)) is not None


def forget_old_searches(session: Session, before: datetime) -> None:
    """What was searched for so long ago says nothing of today."""
    session.execute(delete(HelpSearch).where(HelpSearch.at < before))


def synonyms_kept(session: Session) -> Sequence[Synonyms]:
    """All groups, the oldest first."""
    return session.scalars(select(Synonyms).order_by(Synonyms.id)).all()


def synonym_words(session: Session) -> Sequence[Sequence[str]]:
    """The words of each group."""
    return session.scalars(select(Synonyms.words).order_by(Synonyms.id)).all()


def get_synonyms(session: Session, group_id: int) -> Synonyms:
    """Raises NotFound."""
    found = session.get(Synonyms, group_id, with_for_update=True)
    if found is None:
        raise NotFound(f"There are no synonyms {group_id}.")
    return found
