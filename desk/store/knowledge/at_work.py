"""What articles were used for, in which like cases they helped, what colleagues say is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.model.agent import Agent
from desk.model.article import DICTIONARIES, Article, ArticleState
from desk.model.case import Case, CaseStatus
from desk.model.errors import NotFound
from desk.model.knowledge import ArticleFlag, ArticleUse, UseKind
from desk.model.message import Message, MessageKind
from desk.model.permission import Actor
from desk.store.cases.reading import visible_to

DONE = (CaseStatus.RESOLVED, CaseStatus.CLOSED)
LATEST_USES = 400
"""Among so many uses, the latest, cases are compared with a new one."""


@dataclass(frozen=True, slots=True)
class Served:
    """An article served a case that is solved; `words` are those that the case shares with what was asked."""

    article_id: int
    case_id: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Uses:
    """In how many cases an article was used, and how many of these are solved."""

    cases: int = 0
    solved: int = 0


def served_in_like_cases(
    session: Session, actor: Actor, words: Sequence[str], *, but: int
) -> Sequence[Served]:
    """The latest uses of published articles in solved cases that the actor may know of, and what words of
    `words` each of the cases holds in its subject or its first message.
    """
    if not words:
        return []
    uses = (
        select(ArticleUse.article_id, ArticleUse.case_id)
        .join(Case, Case.id == ArticleUse.case_id)
        .join(Article, Article.id == ArticleUse.article_id)
        .where(
            Case.status.in_(DONE), Case.id != but, Article.state == ArticleState.PUBLISHED, visible_to(actor)
        )
        .order_by(ArticleUse.id.desc())
        .limit(LATEST_USES)
        .subquery("uses")
    )
    first = (
        select(Message.search)
        .where(Message.case_id == uses.c.case_id, Message.kind == MessageKind.INBOUND)
        .order_by(Message.position)
        .limit(1)
        .lateral("first")
    )
    held = func.tsvector_to_array(Case.search.op("||")(func.coalesce(first.c.search, text("''::tsvector"))))
    rows = session.execute(
        select(uses.c.article_id, uses.c.case_id, held.label("words"))
        .join(Case, Case.id == uses.c.case_id)
        .outerjoin(first, text("true"))
    )
    asked = set(words)
    return [Served(row.article_id, row.case_id, tuple(sorted(asked.intersection(row.words)))) for row in rows]


def without_fillers(session: Session, words: Sequence[str], languages: Sequence[str]) -> list[str]:
    """The words, in their order, that no dictionary of the languages knows as a filler such as “the”."""
    forms = sorted({DICTIONARIES[code] for code in languages if code in DICTIONARIES})
    if not words or not forms:
        return list(words)
    rows = session.scalars(_TELLING, {"words": list(words), "forms": forms})
    return list(rows)


def keep_use(
    session: Session, article_id: int, case_id: int, kind: UseKind, *, at: datetime, agent_id: int | None
) -> bool:
    """The article served the case in this way; False where it had served it before."""
    said = {"kind": kind, "at": at, "agent_id": agent_id}
    kept = insert(ArticleUse).values(article_id=article_id, case_id=case_id, **said)
    kept = kept.on_conflict_do_update(index_elements=["article_id", "case_id"], set_=said)
    # A row that the statement made has no former version (PostgreSQL, 5.5: xmax).
    return bool(session.scalar(kept.returning(text("xmax = 0"))))


def drop_use(session: Session, article_id: int, case_id: int) -> bool:
    """The article did not serve the case after all; False where nobody had said so."""
    gone = delete(ArticleUse).where(ArticleUse.article_id == article_id, ArticleUse.case_id == case_id)
    return session.scalar(gone.returning(ArticleUse.id)) is not None


def used_in(session: Session, case_id: int) -> Sequence[tuple[Article, UseKind]]:
    """The articles that served a case, the latest first."""
    rows = session.execute(
        select(Article, ArticleUse.kind)
        .join(ArticleUse, ArticleUse.article_id == Article.id)
        .where(ArticleUse.case_id == case_id)
        .order_by(ArticleUse.at.desc(), ArticleUse.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def uses_of(session: Session, article_ids: Sequence[int]) -> dict[int, Uses]:
    """In how many cases each of the articles was used; one never used is left out."""
    rows = session.execute(
        select(ArticleUse.article_id, func.count(), func.count().filter(Case.status.in_(DONE)))
        .join(Case, Case.id == ArticleUse.case_id)
        .where(ArticleUse.article_id.in_(article_ids))
        .group_by(ArticleUse.article_id)
    )
    return {row[0]: Uses(row[1], row[2]) for row in rows}


def latest_uses(session: Session, actor: Actor, article_id: int, limit: int) -> Sequence[Any]:
    """The cases that the article served last, of those that the actor may know of."""
    return session.execute(
        select(Case.id, Case.subject, Case.status, ArticleUse.kind, ArticleUse.at)
        .join(ArticleUse, ArticleUse.case_id == Case.id)
        .where(ArticleUse.article_id == article_id, visible_to(actor))
        .order_by(ArticleUse.at.desc(), ArticleUse.id.desc())
        .limit(limit)
    ).all()


def open_flags(session: Session, article_id: int | None = None) -> Sequence[tuple[ArticleFlag, str | None]]:
    """What is said to be wrong and not settled yet, the oldest first, each with who says so."""
    held = [ArticleFlag.article_id == article_id] if article_id is not None else []
    rows = session.execute(
        select(ArticleFlag, Agent.name)
        .outerjoin(Agent, Agent.id == ArticleFlag.agent_id)
        .where(ArticleFlag.settled_at.is_(None), *held)
        .order_by(ArticleFlag.at, ArticleFlag.id)
    )
    return [(row[0], row[1]) for row in rows]


def get_flag(session: Session, flag_id: int) -> ArticleFlag:
    """Raises NotFound."""
    found = session.get(ArticleFlag, flag_id, with_for_update=True)
    if found is None:
        raise NotFound(f"There is no flag {flag_id}.")
    return found


_TELLING = text(
    """
    SELECT word FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS asked(word, place)
    WHERE NOT EXISTS (
      SELECT FROM unnest(CAST(:forms AS text[])) AS form
      WHERE to_tsvector(CAST(form AS regconfig), word) = ''::tsvector)
    ORDER BY place
    """
)
