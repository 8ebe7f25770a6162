"""Writing articles: drafts that keep themselves, what customers see of them, and the way back.

Agents write; managers decide what customers read.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from desk.actions.insights.proposal_effects import article_published
from desk.actions.setup.audit import audit
from desk.kb.markup import markup_of
from desk.model.article import (
    LONGEST_BODY,
    Article,
    ArticleFile,
    ArticleRevision,
    ArticleState,
    slug_of,
)
from desk.model.errors import Conflict, Invalid, NotFound, TooLarge
from desk.model.events import ArticleChanged
from desk.model.filetype import safe_name, type_of
from desk.model.permission import Permission
from desk.store.knowledge.article_words import words_counted
from desk.store.knowledge.articles import (
    find_revision,
    free_slug,
    get_article,
    get_collection,
    last_position,
    latest_revision,
)
from desk.store.unit_of_work import Work

ONE_SITTING = timedelta(minutes=30)
"""What one author writes within this time, without publishing in between, is one revision."""

LARGEST_FILE = 5 * 1024 * 1024
UNTITLED = "Untitled"


def new_article(
    work: Work, *, collection_id: int, title: str, body: str = "", language: str = "en"
) -> Article:
    """A draft at the end of its collection. Raises NotFound, Invalid."""
    work.require(Permission.EDIT_ARTICLES)
    collection = get_collection(work.session, collection_id)
    title, body = _title(title), _body(body)
    article = Article(
        collection_id=collection.id,
        slug=free_slug(work.session, Article, slug_of(title)),
        title=title,
        body=body,
        language=language,
        created_at=work.now,
        changed_at=work.now,
        position=last_position(work.session, collection.id) + 1,
    )
    work.session.add(article)
    work.session.flush()
    _write_down(work, article)
    _tell(work, article)
    return article


def save_article(work: Work, article_id: int, given: Mapping[str, Any], *, version: int) -> Article:
    """Keep what was typed: `title`, `body`, `collection_id`, `language`, whichever is given.

    Customers see none of its words before they are published. Raises Conflict with the article as
    it is when somebody changed it since `version`.
    """
    article = _held(work, article_id, version)
    # Place and language are seen at once, words are not.
    if article.is_published and _moves(article, given):
        work.require(Permission.PUBLISH_ARTICLES)
    if "collection_id" in given and given["collection_id"] != article.collection_id:
        article.collection_id = get_collection(work.session, given["collection_id"]).id
        article.position = last_position(work.session, article.collection_id) + 1
    article.language = given.get("language", article.language)
    title, body = _title(given.get("title", article.title)), _body(given.get("body", article.body))
    if (title, body) != (article.title, article.body):
        # Until somebody may have linked to it, its address follows its title.
        if article.published_at is None and slug_of(title) != slug_of(article.title):
            article.slug = free_slug(work.session, Article, slug_of(title))
        article.title, article.body = title, body
        _write_down(work, article)
    article.changed_at = work.now
    article.version += 1
    _tell(work, article)
    return article


def publish_article(work: Work, article_id: int, *, version: int) -> Article:
    """Customers read it as it is now. Raises Conflict when it was changed since `version`."""
    article = _held(work, article_id, version, to=Permission.PUBLISH_ARTICLES)
    if not article.body.strip():
        raise Invalid("The article is empty.", "body")
    written = latest_revision(work.session, article)
    assert written is not None, "every article has a revision from its beginning"
    with words_counted(work.session, article):
        article.publish(written, markup_of(written.body).text, work.now)
    audit(work, "article published", f"article:{article.id}", {"revision": article.revision})
    article_published(work, article)
    _tell(work, article)
    return article


def archive_article(work: Work, article_id: int, *, replaced_by: int | None = None) -> Article:
    """Customers see it no more, and are led to the article in its place where one is named.

    Raises Forbidden for a published one where the role may only write, Invalid for a wrong place.
    """
    article = get_article(work.session, article_id, lock=True)
    work.require(Permission.PUBLISH_ARTICLES if article.is_published else Permission.EDIT_ARTICLES)
    if replaced_by is not None:
        if replaced_by == article.id or not get_article(work.session, replaced_by).is_published:
            raise Invalid("Only another article that is published can stand in its place.", "replaced_by")
        article.replaced_by_id = replaced_by
    with words_counted(work.session, article):
        article.archive()
    audit(work, "article archived", f"article:{article.id}")
    _tell(work, article)
    return article


def unarchive_article(work: Work, article_id: int) -> Article:
    """It is a draft again."""
    work.require(Permission.EDIT_ARTICLES)
    article = get_article(work.session, article_id, lock=True)
    if article.state is ArticleState.ARCHIVED:
        article.state, article.replaced_by_id = ArticleState.DRAFT, None
        article.version += 1
        _tell(work, article)
    return article


def restore_revision(work: Work, article_id: int, number: int, *, version: int) -> Article:
    """The draft reads as it did then; that is a new revision, and nothing is lost."""
    article = _held(work, article_id, version)
    wanted = find_revision(work.session, article.id, number)
    if wanted is None:
        raise NotFound(f"The article has no revision {number}.")
    article.title, article.body = wanted.title, wanted.body
    _write_down(work, article, anew=True)
    article.changed_at = work.now
    article.version += 1
    _tell(work, article)
    return article


def attach_file(work: Work, article_id: int, name: str, content: bytes) -> ArticleFile:
    """A picture or a file for the article's text. Raises TooLarge above 5 MB, Invalid for nothing."""
    work.require(Permission.EDIT_ARTICLES)
    article = get_article(work.session, article_id)
    if len(content) > LARGEST_FILE:
        raise TooLarge(f"The file has {len(content) / 1_048_576:.1f} MB; an article takes up to 5 MB.")
    if not content:
        raise Invalid("The file is empty.", "file")
    name = safe_name(name)
    kept = ArticleFile(
        article_id=article.id,
        token=secrets.token_urlsafe(16),
        name=name,
        type=type_of(content, name),
        size=len(content),
        sha256=work.files.put(content),
        created_at=work.now,
        agent_id=work.actor.agent_id,
    )
    work.session.add(kept)
    work.session.flush()
    return kept


def _held(work: Work, article_id: int, version: int, *, to: Permission = Permission.EDIT_ARTICLES) -> Article:
    work.require(to)
    article = get_article(work.session, article_id, lock=True)
    if article.state is ArticleState.ARCHIVED:
        raise Conflict("The article is archived. Take it out of the archive first.", {"state": "archived"})
    if article.version != version:
        raise Conflict(
            "Somebody else changed this article while you wrote.",
            {"title": article.title, "body": article.body, "version": article.version},
        )
    return article


def _moves(article: Article, given: Mapping[str, Any]) -> bool:
    return any(
        name in given and given[name] != getattr(article, name) for name in ("collection_id", "language")
    )


def _write_down(work: Work, article: Article, *, anew: bool = False) -> None:
    """The words become the latest revision, or go on with it while its author sits at it."""
    latest = None if anew else latest_revision(work.session, article)
    if (
        latest is not None
        and latest.published_at is None
        and latest.number != article.publish_revision
        and latest.agent_id == work.actor.agent_id
        and work.now - latest.at < ONE_SITTING
    ):
        latest.title, latest.body = article.title, article.body
        return
    article.revision += 1
    work.session.add(
        ArticleRevision(
            article_id=article.id,
            number=article.revision,
            title=article.title,
            body=article.body,
            at=work.now,
            agent_id=work.actor.agent_id,
        )
    )
    work.session.flush()


def _title(title: str) -> str:
    return " ".join(title.split())[:200] or UNTITLED


def _body(body: str) -> str:
    if len(body) > LONGEST_BODY:
        raise Invalid(f"The text has {len(body):,} characters; {LONGEST_BODY:,} are possible.", "body")
    return body


def _tell(work: Work, article: Article) -> None:
    work.session.flush()
    work.record(ArticleChanged(article_id=article.id))
