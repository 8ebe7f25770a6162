"""The order of the help centre: collections, and the places of articles in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from desk.actions.setup.audit import audit
from desk.model.article import Article, Collection, slug_of
from desk.model.errors import Conflict, Invalid
from desk.model.events import ArticleChanged
from desk.model.permission import Permission
from desk.store.knowledge.articles import (
    articles_of,
    collections_kept,
    free_slug,
    get_collection,
    last_position,
)
from desk.store.unit_of_work import Work


def new_collection(work: Work, *, title: str, description: str = "") -> Collection:
    """A collection after the others. Raises Invalid without a title."""
    work.require(Permission.PUBLISH_ARTICLES)
    title = _title(title)
    collection = Collection(
        slug=free_slug(work.session, Collection, slug_of(title)),
        title=title,
        description=description.strip()[:300],
        created_at=work.now,
        position=last_position(work.session) + 1,
    )
    work.session.add(collection)
    work.session.flush()
    audit(work, "collection added", f"collection:{collection.id}", {"title": title})
    work.record(ArticleChanged())
    return collection


def describe_collection(work: Work, collection_id: int, given: Mapping[str, Any]) -> Collection:
    """Another title or description, whichever is given; its address stays."""
    work.require(Permission.PUBLISH_ARTICLES)
    collection = get_collection(work.session, collection_id)
    if "title" in given:
        collection.title = _title(given["title"])
    if "description" in given:
        collection.description = given["description"].strip()[:300]
    work.record(ArticleChanged())
    return collection


def remove_collection(work: Work, collection_id: int) -> None:
    """Only an empty one can go. Raises Conflict."""
    work.require(Permission.PUBLISH_ARTICLES)
    collection = get_collection(work.session, collection_id)
    if count := len(articles_of(work.session, collection.id)):
        raise Conflict(
            f"“{collection.title}” holds {count} articles, archived ones counted. Move them first."
        )
    audit(work, "collection removed", f"collection:{collection.id}", {"title": collection.title})
    work.session.delete(collection)
    work.record(ArticleChanged())


def order_collections(work: Work, collection_ids: Sequence[int]) -> None:
    """These first, in this order; those not named keep theirs behind them."""
    work.require(Permission.PUBLISH_ARTICLES)
    _put_in_order(collections_kept(work.session, lock=True), collection_ids)
    work.record(ArticleChanged())


def order_articles(work: Work, collection_id: int, article_ids: Sequence[int]) -> None:
    """These first, in this order; those not named keep theirs behind them."""
    work.require(Permission.PUBLISH_ARTICLES)
    get_collection(work.session, collection_id)
    _put_in_order(articles_of(work.session, collection_id), article_ids)
    work.record(ArticleChanged())


def _put_in_order(rows: Sequence[Article | Collection], wanted: Sequence[int]) -> None:
    known = {row.id for row in rows}
    if strange := [number for number in wanted if number not in known]:
        raise Invalid(f"{strange[0]} does not belong here.", "ids")
    places = {number: place for place, number in enumerate(dict.fromkeys(wanted))}
    ordered = sorted(rows, key=lambda row: places.get(row.id, len(places)))
    for position, row in enumerate(ordered, start=1):
        row.position = position


def _title(title: str) -> str:
    title = " ".join(title.split())[:120]
    if not title:
        raise Invalid("Give the collection a title.", "title")
    return title
