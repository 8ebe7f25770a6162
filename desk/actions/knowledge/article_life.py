"""The life of an article beside its words: who sees and owns it, when it is looked at, published, retired."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from desk.actions.insights.proposal_effects import article_published, desk_today
from desk.actions.knowledge.articles import archive_article
from desk.actions.setup.audit import audit
from desk.kb.markup import markup_of
from desk.model.agent import Agent
from desk.model.article import Article, ArticleState, Audience
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.events import ArticleChanged
from desk.model.permission import Permission
from desk.store.knowledge.article_words import words_counted
from desk.store.knowledge.articles import (
    drop_former_slug,
    find_revision,
    get_article,
    keep_former_slug,
    slug_is_free,
    variants_kept,
)
from desk.store.unit_of_work import Work

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SEEN_BY_CUSTOMERS = frozenset({"audience", "slug", "publish_at", "retire_at", "original_id"})


def change_article(work: Work, article_id: int, given: Mapping[str, Any], *, version: int) -> Article:
    """Change what stands beside the words, whichever is given: `audience`, `slug`, `owner_id`, `review_on`,
    `publish_at`, `retire_at`, `original_id`.

    Who may only write sets owner and day of review; the others are for whoever publishes. Raises
    Conflict with the article as it is when somebody changed it since `version`.
    """
    seen = not SEEN_BY_CUSTOMERS.isdisjoint(given)
    work.require(Permission.PUBLISH_ARTICLES if seen else Permission.EDIT_ARTICLES)
    article = get_article(work.session, article_id, lock=True)
    if article.version != version:
        raise Conflict(
            "Somebody else changed this article meanwhile.",
            {"title": article.title, "body": article.body, "version": article.version},
        )
    if article.state is ArticleState.ARCHIVED:
        raise Conflict("The article is archived. Take it out of the archive first.", {"state": "archived"})
    for name, value in given.items():
        _CHANGES[name](work, article, value)
    _check_order(article, given)
    article.changed_at = work.now
    article.version += 1
    if seen:
        audit(work, "article changed", f"article:{article.id}", {name: str(given[name]) for name in given})
    work.session.flush()
    work.record(ArticleChanged(article_id=article.id))
    return article


def ask_for_review(work: Work, article_id: int) -> Article:
    """The author is done: whoever publishes finds it in the list of upkeep."""
    work.require(Permission.EDIT_ARTICLES)
    article = get_article(work.session, article_id, lock=True)
    if article.is_published and not article.has_unpublished_changes:
        raise Invalid("Customers read it as it is already; there is nothing to review.")
    article.review_asked_at, article.review_asked_by = work.now, work.actor.agent_id
    work.record(ArticleChanged(article_id=article.id))
    return article


def withdraw_review(work: Work, article_id: int) -> Article:
    """It is not ready after all."""
    work.require(Permission.EDIT_ARTICLES)
    article = get_article(work.session, article_id, lock=True)
    article.review_asked_at = article.review_asked_by = None
    work.record(ArticleChanged(article_id=article.id))
    return article


def confirm_article(work: Work, article_id: int, *, again_on: Any) -> Article:
    """Somebody looked, and it is right; it is looked at again on that day, or never."""
    work.require(Permission.EDIT_ARTICLES)
    article = get_article(work.session, article_id, lock=True)
    _review_on(work, article, again_on)
    article.version += 1
    audit(work, "article confirmed", f"article:{article.id}", {"again_on": str(again_on)})
    work.record(ArticleChanged(article_id=article.id))
    return article


def publish_scheduled(work: Work, article_id: int) -> Article:
    """Its time has come: customers read the revision that was seen when the time was set.

    Raises Conflict when somebody changed the time meanwhile.
    """
    article = get_article(work.session, article_id, lock=True)
    if article.publish_at is None or article.publish_at > work.now or article.publish_revision is None:
        raise Conflict(f"Article {article.id} is not due.")
    wanted = find_revision(work.session, article.id, article.publish_revision)
    assert wanted is not None, "revisions are never deleted"
    with words_counted(work.session, article):
        article.publish(wanted, markup_of(wanted.body).text, work.now)
    audit(work, "article published", f"article:{article.id}", {"revision": wanted.number})
    article_published(work, article)
    work.session.flush()
    work.record(ArticleChanged(article_id=article.id))
    return article


def retire_scheduled(work: Work, article_id: int) -> Article:
    """Its time is over. Raises Conflict when somebody changed the time meanwhile."""
    article = get_article(work.session, article_id, lock=True)
    if article.retire_at is None or article.retire_at > work.now or article.state is ArticleState.ARCHIVED:
        raise Conflict(f"Article {article.id} is not due.")
    return archive_article(work, article.id)


def _audience(work: Work, article: Article, value: str) -> None:
    with words_counted(work.session, article):
        article.audience = Audience(value)


def _slug(work: Work, article: Article, value: str) -> None:
    slug = value.strip().lower()
    if not SLUG.fullmatch(slug) or len(slug) > 100:
        raise Invalid("An address is made of small letters, digits and single dashes, up to 100.", "slug")
    if slug == article.slug:
        return
    if not slug_is_free(work.session, slug, of=article.id):
        raise Invalid(f"Another article has the address “{slug}”, or had it.", "slug")
    drop_former_slug(work.session, slug)
    if article.published_at is not None:
        keep_former_slug(work.session, article.slug, article.id)
    article.slug = slug


def _owner_id(work: Work, article: Article, value: int | None) -> None:
    if value is not None and work.session.get(Agent, value) is None:
        raise NotFound(f"There is no agent {value}.")
    article.owner_id = value


def _review_on(work: Work, article: Article, value: Any) -> None:
    today = desk_today(work)
    if value is not None and value < today:
        raise Invalid(
            f"That day is over: at the desk it is {today} already. Choose one that is still to come.",
            "review_on",
        )
    article.review_on = value


def _publish_at(work: Work, article: Article, value: Any) -> None:
    if value is not None:
        if value <= work.now:
            raise Invalid(
                "That moment is over. Publish it now, or choose one that is still to come.", "publish_at"
            )
        if not article.body.strip():
            raise Invalid("The article is empty.", "publish_at")
    article.publish_at = value
    article.publish_revision = None if value is None else article.revision


def _retire_at(work: Work, article: Article, value: Any) -> None:
    if value is not None and value <= work.now:
        raise Invalid(
            "That moment is over. Archive it now, or choose one that is still to come.", "retire_at"
        )
    article.retire_at = value


def _check_order(article: Article, given: Mapping[str, Any]) -> None:
    """Nothing is retired before customers have read it."""
    comes, goes = article.publish_at, article.retire_at
    if given.keys().isdisjoint({"publish_at", "retire_at"}):
        return
    if comes is not None and goes is not None and goes <= comes:
        field = "retire_at" if "retire_at" in given else "publish_at"
        raise Invalid("It would be archived before it is published. Change one of the two moments.", field)


def _original_id(work: Work, article: Article, value: int | None) -> None:
    if value is None:
        article.original_id = None
        return
    original = get_article(work.session, value)
    if original.id == article.id or original.original_id is not None:
        raise Invalid("Choose an article that is no translation itself.", "original_id")
    if any(one.original_id == article.id for one in variants_kept(work.session, article.id)):
        raise Invalid("This article has translations itself.", "original_id")
    others = [one for one in variants_kept(work.session, original.id) if one.id != article.id]
    if any(one.language == article.language for one in others):
        raise Invalid("There is an article in this language already.", "original_id")
    article.original_id = original.id


_CHANGES: dict[str, Callable[[Work, Article, Any], None]] = {
    "audience": _audience,
    "slug": _slug,
    "owner_id": _owner_id,
    "review_on": _review_on,
    "publish_at": _publish_at,
    "retire_at": _retire_at,
    "original_id": _original_id,
}
