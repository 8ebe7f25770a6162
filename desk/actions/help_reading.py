"""The help centre as its readers see it, and what they say of an article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desk.kb.markup import Markup, markup_of
from desk.model.article import LONGEST_COMMENT, Article, ArticleFile, Collection
from desk.model.errors import NotFound
from desk.model.permission import Permission
from desk.store.articles import (
    collections_shown,
    find_collection,
    find_file,
    find_published,
    get_collection,
    keep_vote,
    most_helpful,
    published_in,
)
from desk.store.sessions import hash_of
from desk.store.unit_of_work import Work

HELPED_MOST = 6
NOT_THERE = "There is no such page in the help centre."


@dataclass(frozen=True, slots=True)
class Home:
    """What the first page shows: collections with their number of articles, and what helped others."""

    collections: Sequence[tuple[Collection, int]]
    helped: Sequence[Article]


@dataclass(frozen=True, slots=True)
class Reading:
    """An article on its page, with the others of its collection."""

    article: Article
    collection: Collection
    content: Markup
    others: Sequence[Article]


def home_read(work: Work) -> Home:
    return Home(collections_shown(work.session), most_helpful(work.session, HELPED_MOST))


def collection_read(work: Work, slug: str) -> tuple[Collection, Sequence[Article]]:
    """A collection and what it shows. Raises NotFound, also where it shows nothing."""
    collection = find_collection(work.session, slug)
    articles = published_in(work.session, collection.id) if collection else []
    if collection is None or not articles:
        raise NotFound(NOT_THERE)
    return collection, articles


def article_read(work: Work, slug: str) -> Reading:
    """A published article as customers see it. Raises NotFound for any other."""
    article = _published(work, slug)
    return Reading(
        article,
        get_collection(work.session, article.collection_id),
        markup_of(article.shown_body or ""),
        [one for one in published_in(work.session, article.collection_id) if one.id != article.id],
    )


def vote(work: Work, slug: str, mark: str, *, helpful: bool, comment: str | None = None) -> Article:
    """A browser says whether the article helped; its last word counts. Raises NotFound."""
    article = _published(work, slug)
    said = None if comment is None else comment.strip()[:LONGEST_COMMENT]
    keep_vote(work.session, article, hash_of(mark), helpful=helpful, comment=said, at=work.now)
    return article


def article_file(work: Work, token: str) -> tuple[ArticleFile, bytes]:
    """A file of a published article; whoever reads drafts gets those of drafts too. Raises NotFound."""
    published_only = work.actor.is_system or not work.actor.may(Permission.READ_ARTICLES)
    found = find_file(work.session, token, published_only=published_only)
    if found is None:
        raise NotFound(NOT_THERE)
    return found, work.files.get(found.sha256)


def _published(work: Work, slug: str) -> Article:
    found = find_published(work.session, slug)
    if found is None:
        raise NotFound(NOT_THERE)
    return found
