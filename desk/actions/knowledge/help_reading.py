"""The help centre as its readers see it, and what they say of an article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desk.kb.locales import best_of_each, spoken_of
from desk.kb.markup import Markup, markup_of
from desk.model.article import LONGEST_COMMENT, Article, ArticleFile, Collection, VoteReason, direction_of
from desk.model.errors import NotFound
from desk.model.permission import Permission
from desk.store.knowledge.articles import (
    collections_shown,
    find_collection,
    find_file,
    find_led_to,
    find_published,
    get_collection,
    keep_vote,
    latest_published,
    most_helpful,
    most_read,
    published_in,
    variants_of,
)
from desk.store.people.sessions import hash_of
from desk.store.unit_of_work import Work

HELPED_MOST = 6
MOST_LOOKED_AT = 60
NOT_THERE = "There is no such page in the help centre."


@dataclass(frozen=True, slots=True)
class Home:
    """What the first page shows: collections with their number of articles, and what helped others."""

    collections: Sequence[tuple[Collection, int]]
    helped: Sequence[Article]


@dataclass(frozen=True, slots=True)
class Reading:
    """An article on its page, with the others of its collection, and itself in other languages."""

    article: Article
    collection: Collection
    content: Markup
    others: Sequence[Article]
    variants: Sequence[Article]


def home_read(work: Work, languages: Sequence[str] = ()) -> Home:
    """The first page, for somebody who prefers these languages."""
    helped = best_of_each(most_helpful(work.session, 2 * HELPED_MOST), languages)[:HELPED_MOST]
    return Home(collections_shown(work.session), helped)


def most_read_in(work: Work, languages: Sequence[str], limit: int) -> list[Article]:
    """What is read most, for somebody who prefers these languages: in theirs alone, where there is anything.

    Where nothing was opened yet, what helped most.
    """
    found = most_read(work.session, MOST_LOOKED_AT) or most_helpful(work.session, MOST_LOOKED_AT)
    translated = variants_of(work.session, [one.group for one in found])
    every = [variant for one in found for variant in (one, *translated.get(one.group, []))]
    candidates = best_of_each(every, languages)
    return (spoken_of(candidates, languages) or candidates)[:limit]


def collection_read(
    work: Work, slug: str, languages: Sequence[str] = ()
) -> tuple[Collection, Sequence[Article]]:
    """A collection and what it shows. Raises NotFound, also where it shows nothing."""
    collection = find_collection(work.session, slug)
    articles = best_of_each(published_in(work.session, collection.id), languages) if collection else []
    if collection is None or not articles:
        raise NotFound(NOT_THERE)
    return collection, articles


def answer_shown(slug: str, title: str, collection: str, language: str) -> dict[str, str]:
    """An article as something that may answer: `{title, url, collection, language, direction}`."""
    return {
        "title": title,
        "url": f"/help/articles/{slug}",
        "collection": collection,
        "language": language,
        "direction": direction_of(language),
    }


def moved_to(work: Work, slug: str) -> str | None:
    """The address to which a former one leads, or that of an article that was replaced."""
    found = find_led_to(work.session, slug)
    return found.slug if found is not None and found.slug != slug else None


def article_read(work: Work, slug: str, languages: Sequence[str] = ()) -> Reading:
    """A published article as customers see it. Raises NotFound for any other."""
    article = _published(work, slug)
    variants = variants_of(work.session, [article.group]).get(article.group, [])
    return Reading(
        article,
        get_collection(work.session, article.collection_id),
        markup_of(article.shown_body or ""),
        _others(work, article, languages),
        [one for one in variants if one.id != article.id],
    )


def pages_read(work: Work, limit: int) -> tuple[Sequence[Collection], Sequence[Article]]:
    """The collections that show something, and every article that customers may read, up to `limit`."""
    collections = [one for one, _ in collections_shown(work.session)]
    return collections, latest_published(work.session, limit)


def latest_read(work: Work, limit: int) -> Sequence[Article]:
    """What was published last, the newest first."""
    return latest_published(work.session, limit)


def vote(
    work: Work,
    slug: str,
    mark: str,
    *,
    helpful: bool,
    comment: str | None = None,
    reason: str | None = None,
) -> Article:
    """A browser says whether the article helped, and why not; its last word counts. Raises NotFound."""
    article = _published(work, slug)
    said = None if comment is None else comment.strip()[:LONGEST_COMMENT]
    why = VoteReason(reason) if reason is not None and not helpful else None
    keep_vote(work.session, article, hash_of(mark), helpful=helpful, comment=said, reason=why, at=work.now)
    return article


def article_file(work: Work, token: str) -> tuple[ArticleFile, bytes]:
    """A file of a published article; whoever reads drafts gets those of drafts too. Raises NotFound."""
    published_only = work.actor.is_system or not work.actor.may(Permission.READ_ARTICLES)
    found = find_file(work.session, token, published_only=published_only)
    if found is None:
        raise NotFound(NOT_THERE)
    return found, work.files.get(found.sha256)


def _others(work: Work, article: Article, languages: Sequence[str]) -> list[Article]:
    """The rest of its collection, in the language that it is read in where there is one."""
    preferred = [article.language, *languages]
    every = best_of_each(published_in(work.session, article.collection_id), preferred)
    return [one for one in every if one.group != article.group]


def _published(work: Work, slug: str) -> Article:
    found = find_published(work.session, slug)
    if found is None:
        raise NotFound(NOT_THERE)
    return found
