"""Articles and collections, as agents keep them and as customers read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.model.agent import Agent
from desk.model.article import (
    Article,
    ArticleFile,
    ArticleRevision,
    ArticleState,
    ArticleVote,
    Audience,
    Collection,
    FormerSlug,
    VoteReason,
)
from desk.model.errors import NotFound
from desk.model.knowledge import HelpSearch

PUBLISHED = and_(Article.state == ArticleState.PUBLISHED, Article.audience == Audience.PUBLIC)
"""What customers may read."""

LATELY = 2000
"""How many of the last openings say what is read most."""


@dataclass(frozen=True, slots=True)
class Votes:
    """How many found an article helpful, and how many did not."""

    helpful: int = 0
    unhelpful: int = 0


def get_article(session: Session, article_id: int, *, lock: bool = False) -> Article:
    """Raises NotFound."""
    statement = select(Article).where(Article.id == article_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(statement)
    if found is None:
        raise NotFound(f"There is no article {article_id}.")
    return found


def find_published(session: Session, slug: str) -> Article | None:
    """An article that customers may read."""
    return session.scalar(select(Article).where(Article.slug == slug, PUBLISHED))


def find_led_to(session: Session, slug: str) -> Article | None:
    """The article for customers to which a former address leads, its own or of one that it replaced."""
    former = select(FormerSlug.article_id).where(FormerSlug.slug == slug)
    replaced = select(Article.replaced_by_id).where(or_(Article.slug == slug, Article.id.in_(former)))
    return session.scalar(
        select(Article)
        .where(or_(Article.id.in_(former), Article.id.in_(replaced)), PUBLISHED)
        .order_by(Article.id.desc())
        .limit(1)
    )


def variants_of(session: Session, groups: Sequence[int]) -> dict[int, list[Article]]:
    """The published variants of articles that customers may read, by the number of their original."""
    found = session.scalars(
        select(Article)
        .where(or_(Article.id.in_(groups), Article.original_id.in_(groups)), PUBLISHED)
        .order_by(Article.id)
    )
    variants: dict[int, list[Article]] = {}
    for article in found:
        variants.setdefault(article.group, []).append(article)
    return variants


def variants_kept(session: Session, group: int) -> Sequence[Article]:
    """The original with this number and its translations, published or not, archived ones left out."""
    return session.scalars(
        select(Article)
        .where(or_(Article.id == group, Article.original_id == group))
        .where(Article.state != ArticleState.ARCHIVED)
        .order_by(Article.language, Article.id)
    ).all()


def keep_former_slug(session: Session, slug: str, article_id: int) -> None:
    """An address that leads to the article from now on; its own former one that it has again does not."""
    session.execute(
        insert(FormerSlug)
        .values(slug=slug, article_id=article_id)
        .on_conflict_do_update(index_elements=["slug"], set_={"article_id": article_id})
    )


def drop_former_slug(session: Session, slug: str) -> None:
    session.execute(delete(FormerSlug).where(FormerSlug.slug == slug))


def slug_is_free(session: Session, slug: str, *, of: int) -> bool:
    """Whether no other article has the address, or had it."""
    has = select(Article.id).where(Article.slug == slug, Article.id != of)
    had = select(FormerSlug.slug).where(FormerSlug.slug == slug, FormerSlug.article_id != of)
    return session.scalar(has.limit(1)) is None and session.scalar(had.limit(1)) is None


def due_articles(session: Session, now: datetime, limit: int) -> tuple[Sequence[int], Sequence[int]]:
    """Numbers of the articles whose time to be published has come, and of those to be retired."""
    publish = select(Article.id).where(Article.publish_at <= now).order_by(Article.publish_at)
    retire = select(Article.id).where(Article.retire_at <= now).order_by(Article.retire_at)
    return session.scalars(publish.limit(limit)).all(), session.scalars(retire.limit(limit)).all()


def latest_published(session: Session, limit: int) -> Sequence[Article]:
    """What customers may read, what was published last first."""
    newest = select(Article).where(PUBLISHED).order_by(Article.published_at.desc(), Article.id.desc())
    return session.scalars(newest.limit(limit)).all()


def published_by_id(session: Session, article_ids: Sequence[int]) -> dict[int, Article]:
    """Those of the articles that are published, for everybody or for colleagues alone, by number."""
    found = select(Article).where(Article.id.in_(article_ids), Article.state == ArticleState.PUBLISHED)
    return {article.id: article for article in session.scalars(found)}


def published_in(session: Session, collection_id: int) -> Sequence[Article]:
    """What a collection shows, in its order."""
    return session.scalars(
        select(Article).where(Article.collection_id == collection_id, PUBLISHED).order_by(*_IN_ORDER)
    ).all()


def most_helpful(session: Session, limit: int) -> Sequence[Article]:
    """Published articles that helped most often; the order of the collections decides between equals."""
    helped = (
        select(func.count())
        .where(ArticleVote.article_id == Article.id, ArticleVote.helpful)
        .scalar_subquery()
    )
    return session.scalars(
        select(Article)
        .join(Collection, Collection.id == Article.collection_id)
        .where(PUBLISHED)
        .order_by(helped.desc(), Collection.position, *_IN_ORDER)
        .limit(limit)
    ).all()


def most_read(session: Session, limit: int) -> Sequence[Article]:
    """Published articles that were opened most often of late out of a search or a suggestion.

    Of late are the last LATELY openings, so that this costs the same on a busy desk.
    """
    lately = (
        select(HelpSearch.article_id)
        .where(HelpSearch.article_id.is_not(None))
        .order_by(HelpSearch.id.desc())
        .limit(LATELY)
        .subquery()
    )
    opened = select(lately.c.article_id, func.count().label("times")).group_by(lately.c.article_id).subquery()
    return session.scalars(
        select(Article)
        .join(opened, opened.c.article_id == Article.id)
        .where(PUBLISHED)
        .order_by(opened.c.times.desc(), Article.id)
        .limit(limit)
    ).all()


def articles_kept(session: Session, *, state: ArticleState | None = None) -> Sequence[Article]:
    """All articles as agents see them, collection by collection."""
    held = [Article.state == state] if state is not None else [Article.state != ArticleState.ARCHIVED]
    return session.scalars(
        select(Article)
        .join(Collection, Collection.id == Article.collection_id)
        .where(*held)
        .order_by(Collection.position, Collection.id, *_IN_ORDER)
    ).all()


def articles_of(session: Session, collection_id: int) -> Sequence[Article]:
    """Every article of a collection, archived ones as well, with their rows held."""
    return session.scalars(
        select(Article)
        .where(Article.collection_id == collection_id)
        .order_by(*_IN_ORDER)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def collections_kept(session: Session, *, lock: bool = False) -> Sequence[Collection]:
    """All collections in their order."""
    statement = select(Collection).order_by(Collection.position, Collection.id)
    return session.scalars(statement.with_for_update() if lock else statement).all()


def collections_shown(session: Session) -> Sequence[tuple[Collection, int]]:
    """Collections with something to read, and how much."""
    rows = session.execute(
        select(Collection, func.count(Article.id))
        .join(Article, Article.collection_id == Collection.id)
        .where(PUBLISHED)
        .group_by(Collection.id)
        .order_by(Collection.position, Collection.id)
    )
    return [(row[0], int(row[1])) for row in rows]


def collection_titles(session: Session, collection_ids: Iterable[int]) -> dict[int, str]:
    """By number the title of each."""
    rows = session.execute(select(Collection.id, Collection.title).where(Collection.id.in_(collection_ids)))
    return {row[0]: row[1] for row in rows}


def get_collection(session: Session, collection_id: int) -> Collection:
    """Raises NotFound."""
    found = session.get(Collection, collection_id)
    if found is None:
        raise NotFound(f"There is no collection {collection_id}.")
    return found


def find_collection(session: Session, slug: str) -> Collection | None:
    """The collection with this part of an address, whether it has something to read or not."""
    return session.scalar(select(Collection).where(Collection.slug == slug))


def free_slug(session: Session, noun: type[Article] | type[Collection], wanted: str) -> str:
    """`wanted`, or the first of `wanted-2`, `wanted-3` … that nothing has."""
    taken = set(session.scalars(select(noun.slug).where(noun.slug.like(f"{wanted}%"))))
    if noun is Article:
        taken |= set(session.scalars(select(FormerSlug.slug).where(FormerSlug.slug.like(f"{wanted}%"))))
    number = 2
    slug = wanted
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug


def last_position(session: Session, collection_id: int | None = None) -> int:
    """The highest position among the articles of a collection, or among the collections."""
    if collection_id is None:
        return session.scalar(select(func.max(Collection.position))) or 0
    within = Article.collection_id == collection_id
    return session.scalar(select(func.max(Article.position)).where(within)) or 0


def latest_revision(session: Session, article: Article) -> ArticleRevision | None:
    return find_revision(session, article.id, article.revision)


def find_revision(session: Session, article_id: int, number: int) -> ArticleRevision | None:
    return session.scalar(
        select(ArticleRevision).where(
            ArticleRevision.article_id == article_id, ArticleRevision.number == number
        )
    )


def revisions_of(session: Session, article_id: int) -> Sequence[tuple[ArticleRevision, str | None]]:
    """The revisions of an article, the newest first, each with its author's name."""
    rows = session.execute(
        select(ArticleRevision, Agent.name)
        .outerjoin(Agent, Agent.id == ArticleRevision.agent_id)
        .where(ArticleRevision.article_id == article_id)
        .order_by(ArticleRevision.number.desc())
    )
    return [(row[0], row[1]) for row in rows]


def votes_on(session: Session, article_ids: Sequence[int]) -> dict[int, Votes]:
    """How each of the articles was found; one without votes is left out."""
    rows = session.execute(
        select(
            ArticleVote.article_id,
            func.count(case((ArticleVote.helpful, 1))),
            func.count(case((~ArticleVote.helpful, 1))),
        )
        .where(ArticleVote.article_id.in_(article_ids))
        .group_by(ArticleVote.article_id)
    )
    return {row[0]: Votes(row[1], row[2]) for row in rows}


def comments_on(session: Session, article_id: int, limit: int) -> Sequence[ArticleVote]:
    """What readers said of an article, the newest first."""
    return session.scalars(
        select(ArticleVote)
        .where(ArticleVote.article_id == article_id)
        .where(or_(ArticleVote.comment != "", ArticleVote.reason.is_not(None)))
        .order_by(ArticleVote.at.desc())
        .limit(limit)
    ).all()


def keep_vote(
    session: Session,
    article: Article,
    voter: str,
    *,
    helpful: bool,
    comment: str | None,
    reason: VoteReason | None,
    at: datetime,
) -> None:
    """One vote a browser: a second one takes the place of the first. No comment leaves the old one."""
    said = {"helpful": helpful, "at": at, "revision": article.shown_revision or 0, "reason": reason}
    said |= {"comment": comment} if comment is not None else {}
    session.execute(
        insert(ArticleVote)
        .values(article_id=article.id, voter=voter, **{"comment": "", **said})
        .on_conflict_do_update(index_elements=["article_id", "voter"], set_=said)
    )


def find_file(session: Session, token: str, *, published_only: bool) -> ArticleFile | None:
    """A file of an article; with `published_only`, of one that customers may read."""
    held = [PUBLISHED] if published_only else []
    return session.scalar(
        select(ArticleFile)
        .join(Article, Article.id == ArticleFile.article_id)
        .where(ArticleFile.token == token, *held)
    )


_IN_ORDER = (Article.position, Article.id)
