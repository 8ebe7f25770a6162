"""Articles as the workspace shows them: the list by collection, one to write in, its history."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from desk.kb.diff import difference
from desk.model.article import Article, ArticleFile, ArticleState, Collection
from desk.model.errors import NotFound
from desk.model.knowledge import ArticleFlag
from desk.model.permission import Permission
from desk.store.knowledge.articles import (
    Votes,
    articles_kept,
    collections_kept,
    comments_on,
    find_revision,
    get_article,
    revisions_of,
    variants_kept,
    votes_on,
)
from desk.store.knowledge.at_work import Uses, latest_uses, open_flags, uses_of
from desk.store.unit_of_work import Work

COMMENTS_SHOWN = 50
USES_SHOWN = 5


def articles_shown(work: Work, *, state: ArticleState | None = None, words: str = "") -> dict[str, Any]:
    """Collections in their order and articles in theirs; `words` must all stand in title or text."""
    work.require(Permission.READ_ARTICLES)
    wanted = words.casefold().split()
    found = [
        article
        for article in articles_kept(work.session, state=state)
        if all(word in f"{article.title}\n{article.body}".casefold() for word in wanted)
    ]
    votes = votes_on(work.session, [article.id for article in found])
    return {
        "collections": [collection_shown(one) for one in collections_kept(work.session)],
        "rows": [_row(article, votes.get(article.id, Votes())) for article in found],
    }


def article_shown(work: Work, article_id: int) -> dict[str, Any]:
    """One article with everything to write in it. Raises NotFound."""
    work.require(Permission.READ_ARTICLES)
    work.session.flush()
    article = get_article(work.session, article_id)
    votes = votes_on(work.session, [article.id]).get(article.id, Votes())
    uses = uses_of(work.session, [article.id]).get(article.id, Uses())
    return {
        **_row(article, votes),
        "body": article.body,
        "url": f"/help/articles/{article.slug}",
        "original_id": article.original_id,
        "variants": [
            {"id": one.id, "title": one.title, "language": one.language, "state": one.state.value}
            for one in variants_kept(work.session, article.group)
            if one.id != article.id
        ],
        "uses": {
            "cases": uses.cases,
            "solved": uses.solved,
            "latest": [
                {
                    "case_id": one.id,
                    "subject": one.subject,
                    "status": one.status,
                    "kind": one.kind,
                    "at": one.at,
                }
                for one in latest_uses(work.session, work.actor, article.id, USES_SHOWN)
            ],
        },
        "flags": [flag_shown(flag, name) for flag, name in open_flags(work.session, article.id)],
        "comments": [
            {"text": one.comment, "helpful": one.helpful, "reason": one.reason, "at": one.at}
            for one in comments_on(work.session, article.id, COMMENTS_SHOWN)
        ],
    }


def revisions_shown(work: Work, article_id: int) -> list[dict[str, Any]]:
    """Every revision with its words, the newest first. Raises NotFound."""
    work.require(Permission.READ_ARTICLES)
    article = get_article(work.session, article_id)
    return [
        {
            "number": revision.number,
            "title": revision.title,
            "body": revision.body,
            "at": revision.at,
            "author": author,
            "published_at": revision.published_at,
            "shown": revision.number == article.shown_revision,
        }
        for revision, author in revisions_of(work.session, article.id)
    ]


def revision_compared(work: Work, article_id: int, number: int) -> dict[str, Any]:
    """What changed from a revision to what is written now, in title and text. Raises NotFound."""
    work.require(Permission.READ_ARTICLES)
    article = get_article(work.session, article_id)
    before = find_revision(work.session, article.id, number)
    if before is None:
        raise NotFound(f"The article has no revision {number}.")
    return {
        "title": [asdict(piece) for piece in difference(before.title, article.title)],
        "body": [asdict(piece) for piece in difference(before.body, article.body)],
    }


def collection_shown(collection: Collection) -> dict[str, Any]:
    return {
        "id": collection.id,
        "slug": collection.slug,
        "title": collection.title,
        "description": collection.description,
        "position": collection.position,
    }


def flag_shown(flag: ArticleFlag, name: str | None) -> dict[str, Any]:
    """What a colleague says is wrong with an article; `name` is the colleague's."""
    return {"id": flag.id, "note": flag.note, "at": flag.at, "by": name, "case_id": flag.case_id}


def article_file_shown(file: ArticleFile) -> dict[str, Any]:
    """What an editor needs to put it into the text."""
    return {"name": file.name, "type": file.type, "size": file.size, "url": f"/help/files/{file.token}"}


def _row(article: Article, votes: Votes) -> dict[str, Any]:
    return {
        "id": article.id,
        "collection_id": article.collection_id,
        "slug": article.slug,
        "title": article.title,
        "language": article.language,
        "owner_id": article.owner_id,
        "review_on": article.review_on.isoformat() if article.review_on else None,
        "review_asked_at": article.review_asked_at,
        "publish_at": article.publish_at,
        "retire_at": article.retire_at,
        "state": article.state.value,
        "audience": article.audience.value,
        "position": article.position,
        "version": article.version,
        "revision": article.revision,
        "changed": article.is_published and article.has_unpublished_changes,
        "changed_at": article.changed_at,
        "published_at": article.published_at,
        "helpful": votes.helpful,
        "unhelpful": votes.unhelpful,
    }
