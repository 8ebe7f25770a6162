"""An article answers a question before it is asked; collections order the articles of the help centre."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Computed, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.errors import InvalidTransition
from desk.model.record import Key, Record

LONGEST_BODY = 100_000
LONGEST_COMMENT = 1000

DICTIONARIES = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "nb": "norwegian",
    "nl": "dutch",
    "pt": "portuguese",
    "sv": "swedish",
}
"""Language to the dictionary that knows its word forms; another language is searched by its plain words."""

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

_DICTIONARY = (
    "CASE language "
    + " ".join(f"WHEN '{code}' THEN '{name}'::regconfig" for code, name in DICTIONARIES.items())
    + " ELSE 'simple'::regconfig END"
)


def direction_of(language: str) -> str:
    """`rtl` or `ltr`, as HTML's `dir` wants it."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def slug_of(title: str) -> str:
    """The title as a part of an address: lower-case letters, digits and dashes, at most 80."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].rstrip("-") or "article"


class ArticleState(StrEnum):
    """Whether customers see it: not yet, now, or no more."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Audience(StrEnum):
    """Who may read it once it is published: everybody, or those who work here."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Collection(Record):
    __tablename__ = "collections"

    id: Mapped[Key] = mapped_column(init=False)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    description: Mapped[str] = mapped_column(String(300), default="")
    position: Mapped[int] = mapped_column(default=0)


class Article(Record):
    """`title` and `body` are as agents see them; `shown_title` and `shown_body` as customers do.

    `shown_text` is the body without its Markdown, for search. `revision` counts what was written,
    `shown_revision` is the one published. `version` counts every change, for the check that
    nobody overwrites what they have not seen. Once published, the slug stays when the title changes,
    and one that was changed by hand leads on (`FormerSlug`). A translation names its `original_id`.
    At `publish_at` the revision is published that a manager saw when setting it. `compared_version` was the
    last to be compared with other articles.
    """

    __tablename__ = "articles"
    __table_args__ = (
        Index("ix_articles_search", "search", postgresql_using="gin"),
        Index("ix_articles_title_search", "title_search", postgresql_using="gin"),
        Index("ix_articles_published", "language", postgresql_where=text("state = 'published'")),
        Index("ix_articles_publish_at", "publish_at", postgresql_where=text("publish_at IS NOT NULL")),
        Index("ix_articles_retire_at", "retire_at", postgresql_where=text("retire_at IS NOT NULL")),
        Index(
            "ix_articles_to_compare",
            "id",
            postgresql_where=text("state = 'published' AND compared_version <> version"),
        ),
    )

    id: Mapped[Key] = mapped_column(init=False)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id"), index=True)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    body: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(12), default="en")
    state: Mapped[ArticleState] = mapped_column(default=ArticleState.DRAFT)
    audience: Mapped[Audience] = mapped_column(default=Audience.PUBLIC)
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=0)
    shown_revision: Mapped[int | None] = mapped_column(default=None)
    shown_title: Mapped[str | None] = mapped_column(String(200), default=None)
    shown_body: Mapped[str | None] = mapped_column(Text, default=None)
    shown_text: Mapped[str | None] = mapped_column(Text, default=None)
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    review_on: Mapped[date | None] = mapped_column(default=None)
    review_asked_at: Mapped[datetime | None] = mapped_column(default=None)
    review_asked_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    publish_at: Mapped[datetime | None] = mapped_column(default=None)
    publish_revision: Mapped[int | None] = mapped_column(default=None)
    retire_at: Mapped[datetime | None] = mapped_column(default=None)
    original_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), default=None, index=True)
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), default=None)
    compared_version: Mapped[int] = mapped_column(default=0)
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            f"setweight(to_tsvector({_DICTIONARY}, coalesce(shown_title, '')), 'A') || "
            f"setweight(to_tsvector({_DICTIONARY}, left(coalesce(shown_text, ''), 200000)), 'B')",
            persisted=True,
        ),
        init=False,
        deferred=True,
        repr=False,
    )
    title_search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(f"to_tsvector({_DICTIONARY}, coalesce(shown_title, ''))", persisted=True),
        init=False,
        deferred=True,
        repr=False,
    )

    @property
    def is_published(self) -> bool:
        return self.state is ArticleState.PUBLISHED

    @property
    def has_unpublished_changes(self) -> bool:
        """Whether agents see other words than customers."""
        return (self.title, self.body) != (self.shown_title, self.shown_body)

    @property
    def group(self) -> int:
        """The number that an original shares with its translations."""
        return self.original_id or self.id

    def publish(self, revision: ArticleRevision, words: str, at: datetime) -> None:
        """Customers see the revision from now on; `words` is its body without the Markdown."""
        self.shown_title, self.shown_body, self.shown_text = revision.title, revision.body, words
        self.shown_revision, revision.published_at = revision.number, at
        self.published_at, self.state = at, ArticleState.PUBLISHED
        self.review_asked_at = self.review_asked_by = self.publish_at = self.publish_revision = None
        self.version += 1

    def archive(self) -> None:
        """Customers see it no more; what they saw is kept in its revisions."""
        if self.state is ArticleState.ARCHIVED:
            raise InvalidTransition(f"The article “{self.title}” is archived already.")
        self.state = ArticleState.ARCHIVED
        self.review_asked_at = self.review_asked_by = self.publish_at = self.publish_revision = None
        self.retire_at = None
        self.shown_title = self.shown_body = self.shown_text = self.shown_revision = None
        self.version += 1


class ArticleRevision(Record):
    """What somebody wrote at one sitting. What was published is never changed again."""

    __tablename__ = "article_revisions"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: Mapped[Key] = mapped_column(init=False)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    published_at: Mapped[datetime | None] = mapped_column(default=None)


class FormerSlug(Record):
    """An address that an article had; it leads to the one it has."""

    __tablename__ = "article_slugs"

    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))


class ArticleFile(Record):
    """A picture or a file that an article shows; customers reach it by `token` while it is published."""

    __tablename__ = "article_files"

    id: Mapped[Key] = mapped_column(init=False)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)


class VoteReason(StrEnum):
    """Why an article did not help."""

    MISSING = "missing"
    UNCLEAR = "unclear"
    WRONG = "wrong"
    OTHER_QUESTION = "other_question"


class ArticleVote(Record):
    """Whether an article helped. `voter` is the hash of a browser's random mark, and of nothing else."""

    __tablename__ = "article_votes"
    __table_args__ = (UniqueConstraint("article_id", "voter"),)

    id: Mapped[Key] = mapped_column(init=False)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    voter: Mapped[str] = mapped_column(String(64))
    helpful: Mapped[bool]
    at: Mapped[datetime]
    revision: Mapped[int]
    comment: Mapped[str] = mapped_column(String(LONGEST_COMMENT), default="")
    reason: Mapped[VoteReason | None] = mapped_column(default=None)
