"""Articles and collections, kept by agents; customers read them under /help."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint
from pydantic import Field

from desk.actions.knowledge.article_life import (
    ask_for_review,
    change_article,
    confirm_article,
    withdraw_review,
)
from desk.actions.knowledge.article_views import (
    article_file_shown,
    article_shown,
    articles_shown,
    collection_shown,
    revision_compared,
    revisions_shown,
)
from desk.actions.knowledge.articles import (
    archive_article,
    attach_file,
    new_article,
    publish_article,
    restore_revision,
    save_article,
    unarchive_article,
)
from desk.actions.knowledge.collections import (
    describe_collection,
    new_collection,
    order_articles,
    order_collections,
    remove_collection,
)
from desk.http.asked import spelled
from desk.http.entrance import Asked, allow, body, one_file, query, reading, upload, work
from desk.http.schemas.moments import Moment
from desk.kb.markup import markup_of
from desk.model.article import LONGEST_BODY, ArticleState, Audience
from desk.model.permission import Permission
from desk.store.knowledge.articles import collections_kept

blueprint = Blueprint("articles", __name__)

NEVER_EMPTY = frozenset({"audience", "slug"})
LANGUAGE = spelled(r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$", "Give the code of a language, such as de or pt-BR.")


class ListAsked(Asked):
    state: ArticleState | None = None
    q: str = Field("", max_length=200)


class ArticleAsked(Asked):
    collection_id: int
    title: str = Field("", max_length=200)
    body: str = Field("", max_length=LONGEST_BODY)
    language: str = Field("en", pattern=LANGUAGE)


class ArticleChange(Asked):
    """`version` is that of the article the change was made to."""

    version: int
    collection_id: int | None = None
    title: str | None = Field(None, max_length=200)
    body: str | None = Field(None, max_length=LONGEST_BODY)
    language: str | None = Field(None, pattern=LANGUAGE)


class VersionAsked(Asked):
    version: int


class ArchiveAsked(Asked):
    """`replaced_by` is the published article to which readers are led from now on."""

    replaced_by: int | None = Field(None, ge=1)


class LifeAsked(Asked):
    """What stands beside the words; null takes a value away."""

    version: int
    audience: Audience | None = None
    slug: str | None = Field(None, min_length=1, max_length=100)
    owner_id: int | None = Field(None, ge=1)
    review_on: date | None = None
    publish_at: Moment | None = None
    retire_at: Moment | None = None
    original_id: int | None = Field(None, ge=1)


class ReviewedAsked(Asked):
    """When it should be looked at again."""

    again_on: date | None = None


class PreviewAsked(Asked):
    body: str = Field(max_length=LONGEST_BODY)


class CollectionAsked(Asked):
    title: str = Field(min_length=1, max_length=120)
    description: str = Field("", max_length=300)


class CollectionChange(Asked):
    title: str | None = Field(None, min_length=1, max_length=120)
    description: str | None = Field(None, max_length=300)


class OrderAsked(Asked):
    ids: list[int] = Field(max_length=1000)


@blueprint.get("/articles")
@allow(Permission.READ_ARTICLES)
@query(ListAsked)
def listed(query: ListAsked) -> dict[str, Any]:
    """Collections and articles in their order; archived articles only when asked for."""
    with reading() as w:
        return articles_shown(w, state=query.state, words=query.q)


@blueprint.post("/articles")
@allow(Permission.EDIT_ARTICLES)
@body(ArticleAsked)
def added(body: ArticleAsked) -> tuple[dict[str, Any], int]:
    """A new draft."""
    with work() as w:
        made = new_article(w, **body.model_dump())
        return article_shown(w, made.id), 201


@blueprint.get("/articles/<int:article_id>")
@allow(Permission.READ_ARTICLES)
def one(article_id: int) -> dict[str, Any]:
    """An article as it is written now, published or not."""
    with reading() as w:
        return article_shown(w, article_id)


@blueprint.patch("/articles/<int:article_id>")
@allow(Permission.EDIT_ARTICLES)
@body(ArticleChange)
def saved(article_id: int, body: ArticleChange) -> dict[str, Any]:
    """Keep what was written; 409 with what is new when somebody else wrote meanwhile."""
    given = body.model_dump(exclude_unset=True, exclude_none=True)
    with work() as w:
        save_article(w, article_id, given, version=given.pop("version"))
        return article_shown(w, article_id)


@blueprint.put("/articles/<int:article_id>/publication")
@allow(Permission.PUBLISH_ARTICLES)
@body(VersionAsked)
def published(article_id: int, body: VersionAsked) -> dict[str, Any]:
    """Let customers read it as it is written now."""
    with work() as w:
        publish_article(w, article_id, version=body.version)
        return article_shown(w, article_id)


@blueprint.put("/articles/<int:article_id>/archive")
@allow(Permission.EDIT_ARTICLES)
@body(ArchiveAsked)
def archived(article_id: int, body: ArchiveAsked) -> dict[str, Any]:
    """Take it away from customers and lists; a published one takes the right to publish."""
    with work() as w:
        archive_article(w, article_id, replaced_by=body.replaced_by)
        return article_shown(w, article_id)


@blueprint.patch("/articles/<int:article_id>/life")
@allow(Permission.EDIT_ARTICLES)
@body(LifeAsked)
def lived(article_id: int, body: LifeAsked) -> dict[str, Any]:
    """Change who sees and owns it, its address, its times, what it translates."""
    given = body.model_dump(exclude_unset=True)
    given = {name: value for name, value in given.items() if value is not None or name not in NEVER_EMPTY}
    with work() as w:
        change_article(w, article_id, given, version=given.pop("version"))
        return article_shown(w, article_id)


@blueprint.put("/articles/<int:article_id>/review")
@allow(Permission.EDIT_ARTICLES)
def review_asked(article_id: int) -> dict[str, Any]:
    """The author is done; somebody who publishes should look."""
    with work() as w:
        ask_for_review(w, article_id)
        return article_shown(w, article_id)


@blueprint.delete("/articles/<int:article_id>/review")
@allow(Permission.EDIT_ARTICLES)
def review_withdrawn(article_id: int) -> dict[str, Any]:
    """It is not ready after all."""
    with work() as w:
        withdraw_review(w, article_id)
        return article_shown(w, article_id)


@blueprint.put("/articles/<int:article_id>/confirmation")
@allow(Permission.EDIT_ARTICLES)
@body(ReviewedAsked)
def confirmed(article_id: int, body: ReviewedAsked) -> dict[str, Any]:
    """Somebody looked, and it is right; the day on which to look again."""
    with work() as w:
        confirm_article(w, article_id, again_on=body.again_on)
        return article_shown(w, article_id)


@blueprint.delete("/articles/<int:article_id>/archive")
@allow(Permission.EDIT_ARTICLES)
def unarchived(article_id: int) -> dict[str, Any]:
    """Make it a draft again."""
    with work() as w:
        unarchive_article(w, article_id)
        return article_shown(w, article_id)


@blueprint.get("/articles/<int:article_id>/revisions")
@allow(Permission.READ_ARTICLES)
def revisions(article_id: int) -> dict[str, Any]:
    """What was written at each sitting, the newest first."""
    with reading() as w:
        return {"rows": revisions_shown(w, article_id)}


@blueprint.get("/articles/<int:article_id>/revisions/<int:number>/difference")
@allow(Permission.READ_ARTICLES)
def compared(article_id: int, number: int) -> dict[str, Any]:
    """What changed from a revision to what is written now."""
    with reading() as w:
        return revision_compared(w, article_id, number)


@blueprint.put("/articles/<int:article_id>/revisions/<int:number>/restoration")
@allow(Permission.EDIT_ARTICLES)
@body(VersionAsked)
def restored(article_id: int, number: int, body: VersionAsked) -> dict[str, Any]:
    """Write it again as it was then."""
    with work() as w:
        restore_revision(w, article_id, number, version=body.version)
        return article_shown(w, article_id)


@blueprint.post("/articles/<int:article_id>/files")
@upload
@allow(Permission.EDIT_ARTICLES)
def file_added(article_id: int) -> tuple[dict[str, Any], int]:
    """Upload one picture or file as the form field `file`; its address goes into the text."""
    given = one_file()
    with work() as w:
        kept = attach_file(w, article_id, given.filename or "file", given.stream.read())
        return article_file_shown(kept), 201


@blueprint.post("/articles/preview")
@allow(Permission.READ_ARTICLES)
@body(PreviewAsked)
def preview(body: PreviewAsked) -> dict[str, Any]:
    """The text as customers would see it; nothing is kept."""
    return {"html": markup_of(body.body).html}


@blueprint.get("/collections")
@allow(Permission.READ_ARTICLES)
def collections() -> dict[str, Any]:
    """The collections in their order."""
    with reading() as w:
        return {"rows": [collection_shown(one) for one in collections_kept(w.session)]}


@blueprint.post("/collections")
@allow(Permission.PUBLISH_ARTICLES)
@body(CollectionAsked)
def collection_added(body: CollectionAsked) -> tuple[dict[str, Any], int]:
    """A new collection, after the others."""
    with work() as w:
        return collection_shown(new_collection(w, **body.model_dump())), 201


@blueprint.patch("/collections/<int:collection_id>")
@allow(Permission.PUBLISH_ARTICLES)
@body(CollectionChange)
def collection_changed(collection_id: int, body: CollectionChange) -> dict[str, Any]:
    """Another title or description."""
    given = body.model_dump(exclude_unset=True, exclude_none=True)
    with work() as w:
        return collection_shown(describe_collection(w, collection_id, given))


@blueprint.delete("/collections/<int:collection_id>")
@allow(Permission.PUBLISH_ARTICLES)
def collection_removed(collection_id: int) -> None:
    """Only an empty one."""
    with work() as w:
        remove_collection(w, collection_id)


@blueprint.put("/collections/order")
@allow(Permission.PUBLISH_ARTICLES)
@body(OrderAsked)
def collections_ordered(body: OrderAsked) -> None:
    """The order of the collections; those not named follow."""
    with work() as w:
        order_collections(w, body.ids)


@blueprint.put("/collections/<int:collection_id>/order")
@allow(Permission.PUBLISH_ARTICLES)
@body(OrderAsked)
def articles_ordered(collection_id: int, body: OrderAsked) -> None:
    """The order of a collection's articles; those not named follow."""
    with work() as w:
        order_articles(w, collection_id, body.ids)
