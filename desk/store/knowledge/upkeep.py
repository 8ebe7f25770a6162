"""What the help centre needs somebody for: questions to the database, each a list with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from desk.model.agent import Agent
from desk.model.article import Article, ArticleState, ArticleVote
from desk.model.knowledge import ArticleContradiction, ArticleFlag, ArticleUse, HelpSearch

Rows = Sequence[Any]
_PUBLISHED = Article.state == ArticleState.PUBLISHED
_SHOWN = (Article.id, Article.title, Article.audience, Article.language)


def flagged(session: Session, limit: int) -> Rows:
    """What colleagues say is wrong and nobody has settled, the oldest first."""
    return session.execute(
        select(
            *_SHOWN, ArticleFlag.id.label("flag_id"), ArticleFlag.note, ArticleFlag.at, Agent.name.label("by")
        )
        .join(ArticleFlag, ArticleFlag.article_id == Article.id)
        .outerjoin(Agent, Agent.id == ArticleFlag.agent_id)
        .where(ArticleFlag.settled_at.is_(None))
        .order_by(ArticleFlag.at, ArticleFlag.id)
        .limit(limit)
    ).all()


def waiting_for_review(session: Session, limit: int) -> Rows:
    """What authors have done and nobody has published yet, the longest wait first."""
    return session.execute(
        select(*_SHOWN, Article.review_asked_at.label("at"), Agent.name.label("by"))
        .outerjoin(Agent, Agent.id == Article.review_asked_by)
        .where(Article.review_asked_at.is_not(None), Article.state != ArticleState.ARCHIVED)
        .order_by(Article.review_asked_at)
        .limit(limit)
    ).all()


def stale(session: Session, today: date, unchanged_since: datetime, limit: int) -> Rows:
    """Published articles whose day to be looked at has come, or that have none and are as old as that."""
    forgotten = and_(Article.review_on.is_(None), Article.published_at < unchanged_since)
    return session.execute(
        select(*_SHOWN, Article.review_on, Article.published_at.label("at"), Agent.name.label("by"))
        .outerjoin(Agent, Agent.id == Article.owner_id)
        .where(_PUBLISHED, or_(Article.review_on <= today, forgotten))
        .order_by(Article.review_on.nulls_last(), Article.published_at)
        .limit(limit)
    ).all()


def unhelpful(session: Session, since: datetime, least: int, share: float, limit: int) -> Rows:
    """Published articles that `least` readers or more judged since then, at most `share` of them well.

    Only votes on what is shown now count: a mended article begins anew.
    """
    helped = func.count(case((ArticleVote.helpful, 1)))
    judged = func.count()
    return session.execute(
        select(*_SHOWN, helped.label("helpful"), judged.label("votes"))
        .join(ArticleVote, ArticleVote.article_id == Article.id)
        .where(_PUBLISHED, ArticleVote.at >= since, ArticleVote.revision == Article.shown_revision)
        .group_by(Article.id)
        .having(judged >= least, helped <= share * judged)
        .order_by((judged - helped).desc(), Article.id)
        .limit(limit)
    ).all()


def never_found(session: Session, since: datetime, limit: int) -> Rows:
    """Articles published before then that nobody has opened out of a search, voted on or used since then."""
    opened = exists().where(HelpSearch.article_id == Article.id, HelpSearch.at >= since)
    voted = exists().where(ArticleVote.article_id == Article.id, ArticleVote.at >= since)
    used = exists().where(ArticleUse.article_id == Article.id, ArticleUse.at >= since)
    return session.execute(
        select(*_SHOWN, Article.published_at.label("at"))
        .where(_PUBLISHED, Article.published_at < since, ~opened, ~voted, ~used)
        .order_by(Article.published_at)
        .limit(limit)
    ).all()


def contradicting(session: Session, limit: int) -> Rows:
    """Pairs of published articles of which nobody says that they agree, the surest first; each only while
    both show the words that were compared, to the same readers."""
    one, other, found = aliased(Article), aliased(Article), ArticleContradiction
    return session.execute(
        select(
            found.id, found.said, found.other_said, found.value, found.other_value,
            one.id.label("article_id"), one.title, one.language, one.audience,
            other.id.label("other_id"), other.title.label("other_title"),
        )
        .join(one, and_(one.id == found.article_id, one.shown_revision == found.revision))
        .join(other, and_(other.id == found.other_id, other.shown_revision == found.other_revision))
        .where(
            found.dismissed_at.is_(None),
            one.state == ArticleState.PUBLISHED,
            other.state == ArticleState.PUBLISHED,
            one.language == other.language,
            one.audience == other.audience,
        )
        .order_by(found.likeness.desc(), found.id)
        .limit(limit)
    ).all()  # fmt: skip


def searched_in_vain(session: Session, since: datetime, limit: int) -> Rows:
    """Words that never found anything, the most frequent first."""
    words = func.lower(HelpSearch.words)
    last = func.max(HelpSearch.at)
    return session.execute(
        select(words.label("words"), func.count().label("times"), last.label("at"))
        .where(HelpSearch.at >= since)
        .group_by(words)
        .having(func.max(HelpSearch.found) == 0)
        .order_by(func.count().desc(), last.desc())
        .limit(limit)
    ).all()


def searched_without_opening(session: Session, since: datetime, least: int, limit: int) -> Rows:
    """Words that found something of which nobody ever opened anything, searched for `least` times or more."""
    words = func.lower(HelpSearch.words)
    last = func.max(HelpSearch.at)
    return session.execute(
        select(
            words.label("words"),
            func.count().label("times"),
            func.max(HelpSearch.found).label("found"),
            last.label("at"),
        )
        .where(HelpSearch.at >= since)
        .group_by(words)
        .having(func.max(HelpSearch.found) > 0, func.count(HelpSearch.article_id) == 0, func.count() >= least)
        .order_by(func.count().desc(), last.desc())
        .limit(limit)
    ).all()


def searches_counted(session: Session, since: datetime) -> Any:
    """How many searches there were, how many found nothing, and how many found something and led nowhere."""
    nothing = HelpSearch.found == 0
    return session.execute(
        select(
            func.count().label("all"),
            func.count(case((nothing, 1))).label("in_vain"),
            func.count(case((and_(~nothing, HelpSearch.article_id.is_(None)), 1))).label("unopened"),
        ).where(HelpSearch.at >= since)
    ).one()
