"""Articles as Markdown files with front matter: all of them out, and files in, each whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import select

from desk.actions.knowledge.article_life import change_article
from desk.actions.knowledge.articles import attach_file, new_article, publish_article, save_article
from desk.actions.knowledge.collections import new_collection
from desk.kb.frontmatter import read_file, written_file
from desk.kb.markup import OUR_FILE
from desk.model.agent import Agent
from desk.model.article import Article, ArticleState, Audience, Collection, slug_of
from desk.model.errors import Invalid
from desk.store.knowledge.articles import articles_kept, collections_kept, find_collection, find_file
from desk.store.unit_of_work import Work

K = TypeVar("K", bound=StrEnum)

FILES = "files"
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")
_PICTURE = re.compile(r"(\]\()((?:\.\./|\./)*files/[^)\s]+)(\))")


@dataclass(frozen=True, slots=True)
class Exported:
    """A file of the export: where it lies below the folder, and what is in it."""

    path: str
    content: bytes


def articles_as_files(work: Work) -> Iterator[Exported]:
    """Every article that is not archived, as it is written now, and the pictures and files in them."""
    collections = {one.id: one for one in collections_kept(work.session)}
    owners = {row.id: row.email for row in work.session.execute(select(Agent.id, Agent.email))}
    slugs = {row.id: row.slug for row in work.session.execute(select(Article.id, Article.slug))}
    for article in articles_kept(work.session):
        body = article.body
        for address in dict.fromkeys(OUR_FILE.findall(article.body)):
            found = find_file(work.session, address.rpartition("/")[2], published_only=False)
            if found is not None:
                path = f"{FILES}/{found.token}.{found.name}".replace(" ", "-")
                body = body.replace(address, f"../{path}")
                yield Exported(path, work.files.get(found.sha256))
        fields = {
            "title": article.title,
            "slug": article.slug,
            "collection": collections[article.collection_id].title,
            "language": article.language,
            "state": article.state.value,
            "audience": article.audience.value,
            "owner": owners.get(article.owner_id) if article.owner_id else None,
            "review": article.review_on.isoformat() if article.review_on else None,
            "translation_of": slugs.get(article.original_id) if article.original_id else None,
        }
        folder = collections[article.collection_id].slug
        yield Exported(f"{folder}/{article.slug}.md", written_file(fields, body).encode())


def import_article(work: Work, name: str, content: bytes, picture: Callable[[str], bytes | None]) -> str:
    """Take one file in: an article of its slug is changed, any other is new. What became of it, in a word:
    `new`, `changed` or `same`.

    `name` is the file's name without its ending; it stands in for a slug, and for a title. `picture`
    gives the bytes of a file that the text names. Raises Invalid for what cannot be taken in.
    """
    try:
        found = read_file(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Invalid("The file is not UTF-8.") from error
    fields = found.fields
    title = fields.get("title") or name.replace("-", " ").strip().capitalize()
    state, audience = _one_of(ArticleState, fields, "state"), _one_of(Audience, fields, "audience")
    language = fields.get("language", "en")
    if LANGUAGE.fullmatch(language) is None:
        raise Invalid(f"“{language}” is no language; write a code such as en or de.")
    life = _life(work, fields, audience)
    slug = fields.get("slug") or slug_of(name)
    article = work.session.scalar(select(Article).where(Article.slug == slug))
    outcome = "same"
    if article is None:
        collection = _collection(work, fields.get("collection") or "Imported")
        article = new_article(work, collection_id=collection.id, title=title, language=language)
        article = change_article(work, article.id, {"slug": slug}, version=article.version)
        outcome = "new"
    elif article.state is ArticleState.ARCHIVED:
        raise Invalid(f"The article {slug} is archived. Take it out of the archive first.")
    body = _with_pictures(work, article, found.body, picture)
    if body == article.body.strip():
        body = article.body
    wanted = {"title": title, "body": body, "language": language}
    if any(getattr(article, key) != value for key, value in wanted.items()):
        article = save_article(work, article.id, wanted, version=article.version)
        outcome = outcome if outcome == "new" else "changed"
    if any(getattr(article, key) != value for key, value in life.items()):
        article = change_article(work, article.id, life, version=article.version)
        outcome = outcome if outcome == "new" else "changed"
    if state is ArticleState.PUBLISHED and (not article.is_published or article.has_unpublished_changes):
        publish_article(work, article.id, version=article.version)
        outcome = outcome if outcome == "new" else "changed"
    return outcome


def _life(work: Work, fields: Mapping[str, str], audience: Audience | None) -> dict[str, object]:
    """What stands beside the words, as `change_article` takes it."""
    given: dict[str, object] = {}
    if audience is not None:
        given["audience"] = audience
    if owner := fields.get("owner"):
        agent = work.session.scalar(select(Agent).where(Agent.email == owner.lower()))
        if agent is None:
            raise Invalid(f"Nobody here has the address {owner}, which is named as owner.")
        given["owner_id"] = agent.id
    if review := fields.get("review"):
        try:
            given["review_on"] = date.fromisoformat(review)
        except ValueError as error:
            raise Invalid(f"“{review}” is no date; write it like 2027-01-31.") from error
    if original := fields.get("translation_of"):
        found = work.session.scalar(select(Article.id).where(Article.slug == original))
        if found is None:
            raise Invalid(f"There is no article {original} that this could translate. Import it first.")
        given["original_id"] = found
    return given


def _collection(work: Work, title: str) -> Collection:
    """The one with this title or slug, or a new one."""
    known = work.session.scalar(select(Collection).where(Collection.title == title).limit(1))
    return known or find_collection(work.session, title) or new_collection(work, title=title)


def _with_pictures(work: Work, article: Article, body: str, picture: Callable[[str], bytes | None]) -> str:
    """The text with the files that it names kept as ours; one that is not there is named in the error."""

    def ours(found: re.Match[str]) -> str:
        path = found[2]
        content = picture(path)
        if content is None:
            raise Invalid(f"The file {path}, which the text shows, is not there.")
        name = path.rpartition("/")[2]
        # No token holds a dot, so that what was exported is known again.
        token, _, rest = name.partition(".")
        held = find_file(work.session, token, published_only=False) if rest else None
        if held is not None and held.article_id == article.id:
            return f"{found[1]}/help/files/{held.token}{found[3]}"
        kept = attach_file(work, article.id, name, content)
        return f"{found[1]}/help/files/{kept.token}{found[3]}"

    return _PICTURE.sub(ours, body)


def _one_of(kind: type[K], fields: Mapping[str, str], name: str) -> K | None:
    value = fields.get(name)
    if value is None:
        return None
    try:
        return kind(value)
    except ValueError as error:
        known = ", ".join(member.value for member in kind)
        raise Invalid(f"“{value}” is no {name}; {known} are.") from error
