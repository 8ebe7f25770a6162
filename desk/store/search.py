"""Search: cases, messages and customers, each past who may know of them, in one statement a kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from desk.model.case import Case, CaseStatus
from desk.model.customer import Address, Customer
from desk.model.message import Message, MessageKind
from desk.model.permission import Actor
from desk.store.case_lists import about, customer_name, row_shown, rows_of
from desk.store.cases import visible_to
from desk.store.cursors import cursor_of, number_cursor, number_of, place_of
from desk.store.customers import known_to
from desk.store.search_words import tsquery

Rows = Select[*tuple[Any, ...]]
SNIPPET_FROM = 20_000
"""How much of a message a snippet is cut from."""

_START, _STOP = "\ue000", "\ue001"
"""Marks of a hit inside a snippet: private characters, which are taken out of the text before."""

_HEADLINE = f"StartSel={_START},StopSel={_STOP},MaxWords=28,MinWords=12,ShortWord=2,MaxFragments=1"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for, and what narrows it."""

    words: str
    status: CaseStatus | None = None
    queue_id: int | None = None
    assignee_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def cases_found(
    session: Session, actor: Actor, wanted: Wanted, *, cursor: str | None = None, limit: int = 20
) -> tuple[list[dict[str, Any]], str | None]:
    """Cases by subject or number, the latest first."""
    page = (
        select(Case.id)
        .where(about(wanted.words), visible_to(actor), *_narrowed(wanted))
        .order_by(Case.last_at.desc(), Case.id.desc())
        .limit(limit + 1)
    )
    if wanted.since is not None:
        page = page.where(Case.last_at >= wanted.since)
    if wanted.until is not None:
        page = page.where(Case.last_at < wanted.until)
    if cursor is not None:
        at, key = place_of(cursor, "found")
        page = page.where(or_(Case.last_at < at, and_(Case.last_at == at, Case.id < key)))
    found = session.execute(rows_of(actor, page)).all()
    following = (
        cursor_of("found", found[limit - 1].last_at, found[limit - 1].id) if len(found) > limit else None
    )
    return [row_shown(row) for row in found[:limit]], following


def messages_found(
    session: Session, actor: Actor, wanted: Wanted, *, cursor: str | None = None, limit: int = 20
) -> tuple[list[dict[str, Any]], str | None]:
    """Messages that hold the words, the latest first, each with the place where it holds them.

    The planner chooses: rare words come out of the index, frequent ones are met soon by reading
    backwards. Snippets are cut for the page alone.
    """
    query = tsquery(wanted.words)
    page = (
        select(Message.id)
        .join(Case, Case.id == Message.case_id)
        .where(
            Message.search.op("@@", is_comparison=True)(query),
            Message.kind != MessageKind.EVENT,
            visible_to(actor),
            *_narrowed(wanted),
        )
        .order_by(Message.id.desc())
        .limit(limit + 1)
    )
    if wanted.since is not None:
        page = page.where(Message.at >= wanted.since)
    if wanted.until is not None:
        page = page.where(Message.at < wanted.until)
    if cursor is not None:
        page = page.where(Message.id < number_of(cursor))
    rows = session.execute(_snippets(page, query)).all()
    following = number_cursor(rows[limit - 1].message_id) if len(rows) > limit else None
    return [_message_shown(row) for row in rows[:limit]], following


def customers_found(
    session: Session, actor: Actor, words: str, *, cursor: str | None = None, limit: int = 20
) -> tuple[list[dict[str, Any]], str | None]:
    """Customers by a part of their name or of an address; the cursor counts, as the best come first."""
    start = number_of(cursor) if cursor is not None else 0
    pattern = _pattern(words)
    by_address = select(Address.customer_id).where(Address.value.ilike(pattern, escape="\\")).limit(500)
    matches = or_(Customer.name.ilike(pattern, escape="\\"), Customer.id.in_(by_address))
    likeness = func.similarity(Customer.name, words)
    statement = (
        select(Customer.id, customer_name().label("name"), Customer.tier, _address(pattern).label("address"))
        .where(matches, Customer.merged_into_id.is_(None), known_to(actor))
        .order_by(likeness.desc(), Customer.id)
        .offset(start)
        .limit(limit + 1)
    )
    rows = [dict(row._mapping) for row in session.execute(statement)]
    following = number_cursor(start + limit) if len(rows) > limit and start < 1000 else None
    return rows[:limit], following


def latest_customers(
    session: Session, actor: Actor, *, cursor: str | None = None, limit: int = 50
) -> tuple[list[dict[str, Any]], str | None]:
    """Customers without a word to look for, the youngest first."""
    statement = (
        select(Customer.id, customer_name().label("name"), Customer.tier, _address("%").label("address"))
        .where(Customer.merged_into_id.is_(None), known_to(actor))
        .order_by(Customer.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        statement = statement.where(Customer.id < number_of(cursor))
    rows = [dict(row._mapping) for row in session.execute(statement)]
    following = number_cursor(rows[limit - 1]["id"]) if len(rows) > limit else None
    return rows[:limit], following


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    held: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        held.append(Case.status == wanted.status)
    if wanted.queue_id is not None:
        held.append(Case.queue_id == wanted.queue_id)
    if wanted.assignee_id is not None:
        held.append(Case.assignee_id == wanted.assignee_id)
    return held


def _snippets(page: Any, query: ColumnElement[Any]) -> Rows:
    chosen = page.subquery("page")
    text = func.translate(func.left(Message.reply, SNIPPET_FROM), _START + _STOP, "")
    return (
        select(
            Message.id.label("message_id"),
            Message.case_id,
            Message.position,
            Message.at,
            Message.author_name,
            Message.author_address,
            func.coalesce(Message.subject, Case.subject).label("subject"),
            func.ts_headline("simple", text, query, _HEADLINE).label("snippet"),
        )
        .select_from(chosen)
        .join(Message, Message.id == chosen.c.id)
        .join(Case, Case.id == Message.case_id)
        .order_by(Message.id.desc())
    )


def _message_shown(row: Any) -> dict[str, Any]:
    return {
        "case_id": row.case_id,
        "message_id": row.message_id,
        "position": row.position,
        "at": row.at,
        "author": row.author_name or row.author_address or "",
        "subject": row.subject,
        "snippet": parts_of(row.snippet),
    }


def parts_of(headline: str) -> list[dict[str, Any]]:
    """A marked text as `[{text, hit}]`; no markup is ever made of it."""
    parts: list[dict[str, Any]] = []
    for piece in headline.split(_START):
        hit, stop, rest = piece.partition(_STOP)
        if stop:
            parts.append({"text": hit, "hit": True})
        plain = rest if stop else piece
        if plain:
            parts.append({"text": plain, "hit": False})
    return parts


def _pattern(words: str) -> str:
    """Anywhere in the text; of fewer than three letters, at its start, where the index still helps."""
    literal_words = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literal_words}%" if len(words.strip()) > 2 else f"{literal_words}%"


def _address(pattern: str) -> ColumnElement[Any]:
    """The address that matched, or the oldest one."""
    return (
        select(Address.value)
        .where(Address.customer_id == Customer.id)
        .order_by(Address.value.ilike(pattern, escape="\\").desc(), Address.id)
        .limit(1)
        .correlate(Customer)
        .scalar_subquery()
    )
