"""What is known of articles beside their words: what they were used for, and what is wrong with them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record
from desk.model.words import LONGEST_WORD

LONGEST_NOTE = 1000
LONGEST_SEARCH = 200


class UseKind(StrEnum):
    """How an article served a case: by its address or its text in an answer, or as made of the case."""

    LINK = "link"
    TEXT = "text"
    SOURCE = "source"


class ArticleWord(Record):
    """A word of the published articles, and how many of them hold it: what is rare, what is no typing error.

    The empty word is in each of them. Public and internal articles are counted apart, so that a guess
    shown to a customer is never made of words that only agents may read.
    """

    __tablename__ = "article_words"
    __table_args__ = (
        Index(
            "ix_article_words_letters",
            "word",
            postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
        ),
        Index("ix_article_words_beginning", "word", postgresql_ops={"word": "varchar_pattern_ops"}),
    )

    word: Mapped[str] = mapped_column(String(LONGEST_WORD), primary_key=True)
    public: Mapped[int] = mapped_column(default=0)
    internal: Mapped[int] = mapped_column(default=0)


class ArticleUse(Record):
    """An article served a case; once a case, in the way it served last."""

    __tablename__ = "article_uses"
    __table_args__ = (
        UniqueConstraint("article_id", "case_id"),
        Index("ix_article_uses_case", "case_id"),
    )

    id: Mapped[Key] = mapped_column(init=False)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[UseKind]
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)


class ArticleFlag(Record):
    """Somebody who works with an article says that it is wrong; open until somebody has settled it."""

    __tablename__ = "article_flags"
    __table_args__ = (
        Index("ix_article_flags_open", "article_id", postgresql_where=text("settled_at IS NULL")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE))
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), default=None)
    settled_at: Mapped[datetime | None] = mapped_column(default=None)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)


class ArticleContradiction(Record):
    """Two published articles say of one thing what cannot both be true, once a pair: the sentences, and the
    values in which they differ, empty where one denies what the other says.

    It is of these revisions. `dismissed_at` is set where a person says that it is none, until either article
    shows other words.
    """

    __tablename__ = "article_contradictions"
    __table_args__ = (
        UniqueConstraint("article_id", "other_id"),
        CheckConstraint("article_id < other_id", name="article_contradictions_once"),
    )

    id: Mapped[Key] = mapped_column(init=False)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    revision: Mapped[int]
    other_revision: Mapped[int]
    said: Mapped[str] = mapped_column(Text)
    other_said: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(String(100))
    other_value: Mapped[str] = mapped_column(String(100))
    likeness: Mapped[float]
    found_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None] = mapped_column(default=None)
    dismissed_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)


class SearchDoor(StrEnum):
    """Where somebody searched: on the page of answers, or by choosing a suggestion while typing."""

    PAGE = "page"
    TYPING = "typing"


class HelpSearch(Record):
    """What was searched for in the help centre, how much was found, and what was opened of it; never by whom.

    What could name a person is masked before it gets here. `token` ties the opening to the search.
    """

    __tablename__ = "help_searches"
    __table_args__ = (Index("ix_help_searches_at", "at"),)

    id: Mapped[Key] = mapped_column(init=False)
    token: Mapped[str] = mapped_column(String(20), unique=True)
    words: Mapped[str] = mapped_column(String(LONGEST_SEARCH))
    found: Mapped[int]
    at: Mapped[datetime]
    door: Mapped[SearchDoor] = mapped_column(default=SearchDoor.PAGE)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), default=None)


class Synonyms(Record):
    """Words and short phrases that search takes for one another, in lower case."""

    __tablename__ = "search_synonyms"

    id: Mapped[Key] = mapped_column(init=False)
    words: Mapped[list[str]] = mapped_column(ARRAY(String(80)))
