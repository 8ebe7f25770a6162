"""Articles that are to be compared with the others, and where they contradict each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.model.article import Article, ArticleState
from desk.model.errors import NotFound
from desk.model.knowledge import ArticleContradiction


def articles_to_compare(session: Session, limit: int) -> Sequence[Article]:
    """Published articles that were changed since they were compared."""
    return session.scalars(
        select(Article)
        .where(Article.state == ArticleState.PUBLISHED, Article.compared_version != Article.version)
        .order_by(Article.id)
        .limit(limit)
    ).all()


def note_compared(session: Session, versions: Collection[tuple[int, int]]) -> None:
    """Articles were compared as of these versions, each with its number."""
    for number, version in versions:
        session.execute(update(Article).where(Article.id == number).values(compared_version=version))


def keep_contradictions_of(session: Session, article_id: int, found: Sequence[dict[str, Any]]) -> None:
    """What was found of an article, in place of what was known of it. What a person said of a pair stays
    while it is about the same words."""
    row, known = ArticleContradiction, {}
    for one in session.scalars(
        select(row).where(or_(row.article_id == article_id, row.other_id == article_id))
    ):
        known[one.article_id, one.other_id] = one
    told = ("revision", "other_revision", "said", "other_said")
    for values in found:
        before = known.pop((values["article_id"], values["other_id"]), None)
        if before is not None and all(getattr(before, name) == values[name] for name in told):
            continue
        if before is not None:
            session.delete(before)
            session.flush()
        session.execute(insert(row).values(**values).on_conflict_do_nothing())
    session.execute(delete(row).where(row.id.in_([gone.id for gone in known.values()])))


def get_contradiction(session: Session, contradiction_id: int) -> ArticleContradiction:
    """Raises NotFound."""
    found = session.get(ArticleContradiction, contradiction_id)
    if found is None:
        raise NotFound(f"There is no contradiction {contradiction_id} any more; an article has changed.")
    return found
