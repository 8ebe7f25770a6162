"""Search: cases, messages and customers, each past who may know of them, in one statement a kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Text,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union,
)
from sqlalchemy.orm import Session

from desk.model.case import Case, CaseStatus
from desk.model.customer import Address, AddressKind, Customer
from desk.model.message import Message, MessageKind, author_called
from desk.model.permission import Actor
from desk.store.cases.lists import about, asks_of, customer_name, row_shown, rows_of
from desk.store.cases.reading import Reader, as_reader, reader_for, visible_to
from desk.store.cursors import cursor_of, number_cursor, number_of, place_of
from desk.store.customers.finding import known_to
from desk.store.line import Line, Statement
from desk.store.search_words import SIMPLE, holds, parts_typed, query_of

Rows = Select[*tuple[Any, ...]]
WINDOW = 20_000
"""How many of the newest rows are looked through before the index is asked, at most."""

WINDOW_SHARE = 250
SMALLEST_WINDOW = 5_000
"""Of messages one in so many: a word not met 20 times among them is in some thousand at most of them all."""

CANDIDATES = 300
SNIPPET_FROM = 20_000
"""How much of a message a snippet is cut from."""

_START, _STOP = "\ue000", "\ue001"
"""Marks of a hit inside a snippet: private characters, which are taken out of the text before."""

_BEFORE = bindparam("before", type_=BigInteger)
_NARROWING: dict[str, ColumnElement[bool]] = {
    "status": Case.status == bindparam("status", type_=Case.status.type),
    "queue_id": Case.queue_id == bindparam("queue_id", type_=BigInteger),
    "assignee_id": Case.assignee_id == bindparam("assignee_id", type_=BigInteger),
    "topic_id": asks_of(bindparam("topic_id", type_=BigInteger)),
    "since": Message.at >= bindparam("since", type_=DateTime(timezone=True)),
    "until": Message.at < bindparam("until", type_=DateTime(timezone=True)),
}
_HEADLINE: ColumnElement[Any] = literal_column(
    f"'StartSel={_START},StopSel={_STOP},MaxWords=28,MinWords=12,ShortWord=2,MaxFragments=1'"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for, and what narrows it."""

    words: str
    status: CaseStatus | None = None
    queue_id: int | None = None
    assignee_id: int | None = None
    topic_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def narrowed(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _NARROWING}


def cases_found(
    session: Session, actor: Actor, wanted: Wanted, *, cursor: str | None = None, limit: int = 20
) -> tuple[list[dict[str, Any]], str | None]:
    """Cases by subject or number, the latest first."""
    held = [visible_to(actor), *_narrowed(wanted)]
    held += [Case.last_at >= wanted.since] if wanted.since is not None else []
    held += [Case.last_at < wanted.until] if wanted.until is not None else []
    before = [_older(*place_of(cursor, "found"))] if cursor is not None else []
    if not wanted.words.strip():
        return _cases_of_the_topic(session, actor, [*held, *before], limit)
    newest = select(Case.last_at).where(*before).order_by(Case.last_at.desc(), Case.id.desc()).limit(WINDOW)
    found = select(Case.id).where(*held, *before)
    ids = _newest_first(
        session,
        found.where(about(wanted.words, by_index=False), Case.last_at >= _least(newest)).order_by(
            Case.last_at.desc(), Case.id.desc()
        ),
        found.where(about(wanted.words)).order_by((Case.last_at + timedelta(0)).desc(), Case.id.desc()),
        limit + 1,
    )
    rows = session.execute(rows_of(actor, select(Case.id).where(Case.id.in_(ids)))).all()
    last = rows[limit - 1] if len(rows) > limit else None
    following = cursor_of("found", last.last_at, last.id) if last is not None else None
    return [row_shown(row) for row in rows[:limit]], following


def _cases_of_the_topic(
    session: Session, actor: Actor, held: list[ColumnElement[bool]], limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Without a word to look for, what the filters leave."""
    page = select(Case.id).where(*held).order_by(Case.last_at.desc(), Case.id.desc()).limit(limit + 1)
    rows = session.execute(rows_of(actor, page)).all()
    following = cursor_of("found", rows[limit - 1].last_at, rows[limit - 1].id) if len(rows) > limit else None
    return [row_shown(row) for row in rows[:limit]], following


def messages_found(
    line: Line, actor: Actor, wanted: Wanted, *, cursor: str | None = None, limit: int = 20
) -> tuple[list[dict[str, Any]], str | None]:
    """Messages that hold the words, the latest first, each with the place where it holds them.

    At a bounded cost for frequent words and for rare ones. A frequent word is met soon among the
    newest rows, read backwards without the index. A word that is not is rare, and the index leads
    to few rows.
    """
    whole, begun = parts_typed(wanted.words)
    narrowed = {name: value for name, value in wanted.narrowed.items() if value is not None}
    asked = {"whole": whole, "begun": begun, **narrowed, **as_reader(actor)}
    if cursor is not None:
        asked["before"] = number_of(cursor)
    asks = _Asks(
        reader_for(actor), whole is None, begun is None, frozenset(narrowed), cursor is not None, limit + 1
    )
    rows = line.ask(_recent_messages(asks), asked)
    if len(rows) <= limit:
        rows = line.ask(_indexed_messages(asks), asked)
    following = number_cursor(rows[limit - 1].message_id) if len(rows) > limit else None
    return [_message_shown(row) for row in rows[:limit]], following


@dataclass(frozen=True, slots=True)
class _Asks:
    """What a search for messages asks for, without the values: each is put together once."""

    reader: Reader
    without_whole: bool
    without_begun: bool
    narrowed: frozenset[str]
    continued: bool
    most: int

    @property
    def query(self) -> ColumnElement[Any]:
        """As a question of its own, so that a plan for any words makes it once, and not for every row."""
        whole = None if self.without_whole else bindparam("whole", type_=Text)
        begun = None if self.without_begun else bindparam("begun", type_=Text)
        return select(query_of(whole, begun)).scalar_subquery()

    @property
    def limit(self) -> ColumnElement[int]:
        """Written out: a plan for any number at all would be one for very many."""
        return literal_column(str(self.most), Integer)

    @property
    def rows(self) -> Rows:
        held = [_NARROWING[name] for name in sorted(self.narrowed)]
        held += [Message.id < _BEFORE] if self.continued else []
        # The database knows that a snippet is dear, and makes it only of the rows that are left in the end.
        text = func.replace(func.replace(func.left(Message.reply, SNIPPET_FROM), _START, ""), _STOP, "")
        return (
            select(
                Message.id.label("message_id"),
                Message.case_id,
                Message.position,
                Message.at,
                Message.author_name,
                Message.author_address,
                Message.sequence,
                func.coalesce(Message.subject, Case.subject).label("subject"),
                func.ts_headline(SIMPLE, text, self.query, _HEADLINE).label("snippet"),
            )
            .join(Case, Case.id == Message.case_id)
            .where(Message.kind != MessageKind.EVENT, visible_to(self.reader), *held)
        )


@cache
def _recent_messages(asks: _Asks) -> Statement:
    """Those among the newest rows, which are read one by one."""
    newest = func.max(Message.id)
    window = func.greatest(SMALLEST_WINDOW, func.least(WINDOW, newest // WINDOW_SHARE))
    begins = select(newest - window).where(*([Message.id < _BEFORE] if asks.continued else []))
    recent = asks.rows.where(
        holds(Message.search, asks.query, by_index=False), Message.id >= begins.scalar_subquery()
    )
    return Statement.of(recent.order_by(Message.id.desc()).limit(asks.limit))


@cache
def _indexed_messages(asks: _Asks) -> Statement:
    """Those that the index knows. The order is written as a sum: the planner would else read the table
    backwards for as long as it takes to meet the word.
    """
    indexed = asks.rows.where(holds(Message.search, asks.query))
    return Statement.of(indexed.order_by((Message.id + 0).desc()).limit(asks.limit))


def _newest_first(session: Session, recent: Rows, indexed: Rows, most: int) -> Sequence[int]:
    """The numbers of the newest matches: met among the newest rows, or else found by the index."""
    met = session.scalars(recent.limit(most)).all()
    return met if len(met) == most else session.scalars(indexed.limit(most)).all()


def _least(newest: Select[Any]) -> ColumnElement[Any]:
    """Where the newest rows begin."""
    window = newest.subquery("newest")
    return select(func.min(window.c[0])).scalar_subquery()


def customers_found(
    session: Session, actor: Actor, words: str, *, cursor: str | None = None, limit: int = 20
) -> tuple[list[dict[str, Any]], str | None]:
    """Customers by a part of their name or of an address; the cursor counts, as the best come first.

    Of more than CANDIDATES matches the likest among some of them: nobody reads that far.
    """
    start = number_of(cursor) if cursor is not None else 0
    pattern, exact = _pattern(words), _escaped(words)
    candidates = union(
        select(Customer.id).where(Customer.name.ilike(exact, escape="\\")).limit(CANDIDATES),
        select(Customer.id).where(Customer.name.ilike(pattern, escape="\\")).limit(CANDIDATES),
        select(Address.customer_id).where(Address.value.ilike(pattern, escape="\\")).limit(CANDIDATES),
    ).subquery("candidates")
    likeness = func.similarity(Customer.name, words)
    statement = (
        select(Customer.id, customer_name().label("name"), Customer.tier, _address(pattern).label("address"))
        .join(candidates, candidates.c.id == Customer.id)
        .where(Customer.merged_into_id.is_(None), known_to(actor))
        .order_by(likeness.desc(), Customer.id)
        .offset(start)
        .limit(limit + 1)
    )
    rows = [dict(row._mapping) for row in session.execute(statement)]
    return rows[:limit], number_cursor(start + limit) if len(rows) > limit else None


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
    if wanted.topic_id is not None:
        held.append(asks_of(wanted.topic_id))
    return held


def _older(at: datetime, key: int) -> ColumnElement[bool]:
    return tuple_(Case.last_at, Case.id) < tuple_(literal(at), literal(key))


def _message_shown(row: Any) -> dict[str, Any]:
    message_id, case_id, position, at, name, address, sequence, subject, snippet = row
    return {
        "case_id": case_id,
        "message_id": message_id,
        "position": position,
        "at": at,
        "author": author_called(name, address, sequence=sequence),
        "subject": subject,
        "snippet": parts_of(snippet),
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
    return f"%{_escaped(words)}%" if len(words.strip()) > 2 else f"{_escaped(words)}%"


def _escaped(words: str) -> str:
    return words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _address(pattern: str) -> ColumnElement[Any]:
    """The address that matched, or the oldest one; none that only a browser goes by."""
    return (
        select(Address.value)
        .where(Address.customer_id == Customer.id, Address.kind != AddressKind.VISITOR)
        .order_by(Address.value.ilike(pattern, escape="\\").desc(), Address.id)
        .limit(1)
        .correlate(Customer)
        .scalar_subquery()
    )
