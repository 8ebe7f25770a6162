"""Lists of cases: which rows a view holds, page by page, and all the counters of the navigation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    CursorResult,
    DateTime,
    Integer,
    Row,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import NullType

from desk.model.case import Case, CaseRead, CaseStatus, CaseWatch, Draft, Priority
from desk.model.customer import CHAT_VISITOR, Address, AddressKind, Customer
from desk.model.message import Message
from desk.model.permission import Actor, Permission
from desk.model.scheduled_reply import ScheduledReply
from desk.model.topic import Question
from desk.model.transit import Inbox, InboxState
from desk.store.cases.reading import Reader, as_reader, placed_for, reader_for, visible_to
from desk.store.cursors import cursor_of, place_of
from desk.store.messages.scheduled import IS_PENDING
from desk.store.search_words import holds, tsquery

VIEWS = ("mine", "unassigned", "mentions", "snoozed", "all", "queue", "saved")
TABS = ("open", "unread", "due", "mentions", "resolved")
SUBJECT_SHOWN = 120
PREVIEW_SHOWN = 100
LISTS_KEPT = 64
"""How many lists stay put together; a desk has about as many that are looked at all day."""

# Written out, so that the planner sees the partial indexes whatever the parameters are.
_AT_WORK: ColumnElement[bool] = literal_column("cases.status IN ('open', 'waiting', 'on_hold')", Boolean)
_DONE: ColumnElement[bool] = literal_column("cases.status IN ('resolved', 'closed')", Boolean)
_SNOOZED: ColumnElement[bool] = literal_column("cases.status = 'snoozed'", Boolean)
_PROMISED: ColumnElement[bool] = literal_column("cases.due_at IS NOT NULL", Boolean)
_BILLABLE: ColumnElement[bool] = literal_column("cases.billable", Boolean)
_ACTIVE: ColumnElement[bool] = literal_column(
    "cases.status IN ('open', 'waiting', 'on_hold', 'snoozed')", Boolean
)


_MOMENTS = {"last": "last_at", "due": "due_at", "waiting": "waiting_since"}
"""What each order of a list goes by."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list shows: a view, a tab of it, and whatever narrows it further."""

    view: str = "all"
    tab: str = "open"
    status: CaseStatus | None = None
    queue_id: int | None = None
    assignee_id: int | None = None
    tag: str | None = None
    priority: Priority | None = None
    category_id: int | None = None
    q: str | None = None
    topic_id: int | None = None
    billable: bool | None = None
    promised: bool = False

    @property
    def order(self) -> str:
        """The tab `due` reads what is due first, first; on a desk that has promised nothing (`promised` is
        not set) longest waiting first. Everything else is newest first.
        """
        if self.tab != "due" or self.status is not None:
            return "last"
        return "due" if self.promised else "waiting"


def page_of_cases(
    session: Session, actor: Actor, wanted: CaseFilter, *, cursor: str | None = None, limit: int = 100
) -> tuple[list[dict[str, Any]], str | None]:
    """The rows after `cursor`, at most `limit`, and the cursor of the next page; one statement.

    A row that changes between two pages moves to the top and may be seen twice or only there;
    no other row is missed or doubled.
    """
    asked = dict(as_reader(actor))
    if cursor is not None:
        asked["after_at"], asked["after_id"] = place_of(cursor, wanted.order)
    statement = _page(reader_for(actor), wanted, limit + 1, continued=cursor is not None)
    rows = rows_shown(session.connection().execute(statement, asked))
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = cursor_of(wanted.order, last[_MOMENTS[wanted.order]], last["id"])
    return rows[:limit], following


@lru_cache(LISTS_KEPT)
def _page(actor: Reader, wanted: CaseFilter, most: int, *, continued: bool) -> Select[Any]:
    page = _ordered(select(Case.id), wanted).where(*conditions(actor, wanted))
    if continued:
        page = page.where(_after(wanted.order))
    # The number stands in the statement: a plan for any number at all would be one for very many.
    return rows_of(actor, page.limit(literal_column(str(most), Integer)), wanted.order)


def every_case(session: Session, actor: Actor, wanted: CaseFilter) -> Iterator[dict[str, Any]]:
    """All rows of the list, in its order, without ever holding them all."""
    page = _ordered(select(Case.id), wanted).where(*conditions(actor, wanted))
    statement = rows_of(actor, page, wanted.order, whole=True).execution_options(yield_per=500)
    return (row_shown(row) for row in session.execute(statement))


def conditions(actor: Actor | Reader, wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """What a row of the list fulfils; the first is always that the actor may know of it."""
    held = [
        visible_to(actor),
        Case.merged_into_id.is_(None),
        _in_view(actor, wanted.view),
        _in_tab(actor, wanted),
    ]
    if wanted.queue_id is not None:
        held.append(Case.queue_id == wanted.queue_id)
    if wanted.assignee_id is not None:
        held.append(Case.assignee_id == wanted.assignee_id)
    if wanted.tag is not None:
        held.append(Case.tags.contains([wanted.tag]))
    if wanted.priority is not None:
        held.append(Case.priority == wanted.priority)
    if wanted.category_id is not None:
        held.append(Case.category_id == wanted.category_id)
    if wanted.billable is not None:
        held.append(_BILLABLE if wanted.billable else not_(_BILLABLE))
    if wanted.q:
        held.append(about(wanted.q))
    if wanted.topic_id is not None:
        held.append(asks_of(wanted.topic_id))
    return held


def asks_of(topic_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """A question of the case is of the topic."""
    return exists().where(Question.case_id == Case.id, Question.topic_id == topic_id).correlate(Case)


def about(words: str, *, by_index: bool = True) -> ColumnElement[bool]:
    """The words are in the case's subject, or are its number, with or without #."""
    in_subject = holds(Case.search, tsquery(words), by_index=by_index)
    number = words.strip().removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 19:
        return or_(Case.id == int(number), in_subject)
    return in_subject


def rows_of(
    actor: Actor | Reader, page: Select[Any], order: str = "last", *, whole: bool = False
) -> Select[Any]:
    """What a list row shows of the cases whose numbers `page` selects, in the same order.

    `whole` leaves subject and preview at their full length.
    """
    chosen = page.subquery("page")
    subject = Case.subject if whole else func.left(Case.subject, SUBJECT_SHOWN).label("subject")
    preview = Case.preview if whole else func.left(Case.preview, PREVIEW_SHOWN).label("preview")
    statement = (
        select(
            Case.id, subject, customer_name().label("name"), Case.customer_id, word(Customer.tier),
            word(Case.channel), word(Case.status), word(Case.priority), Case.queue_id, Case.assignee_id,
            preview, is_unread().label("unread"), has_draft(actor).label("draft"),
            has_scheduled().label("scheduled"), Case.waiting_since,
            Case.last_at, as_driven(Case.tags), Case.snoozed_until, Case.version, Case.due_at,
            Case.due_soon_at, word(Case.due_clock), Case.billable,
        )
        .select_from(chosen)
        .join(Case, Case.id == chosen.c.id)
        .join(Customer, Customer.id == Case.customer_id)
        .outerjoin(CaseRead, read_by(actor))
    )  # fmt: skip
    return _in_order(statement, order)


def rows_shown(found: CursorResult[Any]) -> list[dict[str, Any]]:
    """The rows of `rows_of`, where the columns alone were asked for."""
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found.all()]


def row_shown(row: Row[Any]) -> dict[str, Any]:
    """A row of `rows_of` as the contract's CaseRow."""
    return dict(row._mapping)


def word(column: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """The column as the text that it is in the table: a screen needs no enumeration made of it."""
    return type_coerce(column, String).label(column.key)


def as_driven(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The column as the driver hands it over: it has made a list of an array, and nobody does so again."""
    return type_coerce(column, NullType).label(column.key)


def customer_name(whose: type[Customer] = Customer) -> ColumnElement[str]:
    """The customer's name, or their oldest address while we do not know it; a browser's number is none."""
    is_visitor = Address.kind == AddressKind.VISITOR
    address = (
        select(case((is_visitor, CHAT_VISITOR), else_=Address.value))
        .where(Address.customer_id == whose.id)
        .order_by(is_visitor, Address.id)
        .limit(1)
        .correlate(whose)
        .scalar_subquery()
    )
    return func.coalesce(func.nullif(whose.name, ""), address, "")


def is_unread() -> ColumnElement[bool]:
    """The customer wrote after the place that the reader has reached; needs `read_by` joined."""
    return Case.last_inbound_position > func.coalesce(CaseRead.position, 0)


def read_by(actor: Actor | Reader) -> ColumnElement[bool]:
    """Joins how far the actor has read a case."""
    return and_(CaseRead.case_id == Case.id, CaseRead.agent_id == actor.agent_id)


def has_draft(actor: Actor | Reader) -> ColumnElement[bool]:
    """The actor was writing in the case."""
    return exists().where(Draft.case_id == Case.id, Draft.agent_id == actor.agent_id).correlate(Case)


def has_scheduled() -> ColumnElement[str | None]:
    """Whether a reply waits for its time in the case: `held_back` before `waiting`, None for none."""
    pending = ScheduledReply.case_id == Case.id, IS_PENDING
    return select(func.min(word(ScheduledReply.state))).where(*pending).correlate(Case).scalar_subquery()


def counters(session: Session, actor: Actor) -> dict[str, Any]:
    """How many open cases each part of the navigation holds, in one statement.

    Each number is the length of the list it stands beside.
    """
    statement = _counting(reader_for(actor), quarantine=actor.may(Permission.READ_QUARANTINE))
    return _summed(rows_shown(session.connection().execute(statement, as_reader(actor))))


@cache
def _counting(actor: Reader, *, quarantine: bool) -> Select[Any]:
    per_queue = _counted_by_queue(actor)
    mentions = (
        select(func.count())
        .select_from(Case)
        .where(_AT_WORK, visible_to(actor), _mentions(actor))
        .scalar_subquery()
    )
    quarantined = _quarantined() if quarantine else literal(0)
    return select(per_queue, mentions.label("mentions"), quarantined.label("quarantine")).select_from(
        select(literal(1)).subquery().outerjoin(per_queue, literal(value=True))
    )


def _counted_by_queue(actor: Reader) -> CTE:
    """Counted by place and status first, in one pass over the index: who may see it is asked of some hundred
    groups then, and not of every row. What the actor only watches is added.
    """
    place = (Case.queue_id, Case.assignee_id, Case.status)
    everywhere = select(*place, func.count().label("n")).where(_ACTIVE).group_by(*place)
    groups = everywhere.cte("groups").prefix_with("MATERIALIZED")
    watched = everywhere.join(CaseWatch, CaseWatch.case_id == Case.id).where(
        CaseWatch.agent_id == actor.agent_id,
        placed_for(actor, Case.queue_id, Case.assignee_id).is_not(true()),
    )
    seen = union_all(
        select(groups).where(placed_for(actor, groups.c.queue_id, groups.c.assignee_id)), watched
    ).subquery("seen")
    at_work = seen.c.status != CaseStatus.SNOOZED

    def counted(condition: ColumnElement[bool], name: str) -> ColumnElement[Any]:
        return cast(func.sum(seen.c.n).filter(condition), BigInteger).label(name)

    return (
        select(
            seen.c.queue_id,
            counted(at_work, "at_work"),
            counted(and_(at_work, seen.c.assignee_id == actor.agent_id), "mine"),
            counted(and_(at_work, seen.c.assignee_id.is_(None)), "unassigned"),
            counted(seen.c.status == CaseStatus.SNOOZED, "snoozed"),
        )
        .group_by(seen.c.queue_id)
        .cte("per_queue")
    )


def _quarantined() -> ColumnElement[int]:
    return (
        select(func.count()).select_from(Inbox).where(Inbox.state == InboxState.QUARANTINED).scalar_subquery()
    )


def _summed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    def total(name: str) -> int:
        return sum(row[name] or 0 for row in rows)

    return {
        "mine": total("mine"),
        "unassigned": total("unassigned"),
        "mentions": rows[0]["mentions"],
        "snoozed": total("snoozed"),
        "all_open": total("at_work"),
        "queues": {str(row["queue_id"]): row["at_work"] for row in rows if row["queue_id"] is not None},
        "quarantine": rows[0]["quarantine"],
    }


def _in_view(actor: Actor | Reader, view: str) -> ColumnElement[bool]:
    if view == "mine":
        return Case.assignee_id == actor.agent_id
    if view == "unassigned":
        return Case.assignee_id.is_(None)
    if view == "mentions":
        return _mentions(actor)
    if view == "snoozed":
        return _SNOOZED
    return literal_column("true", Boolean)


def _in_tab(actor: Actor | Reader, wanted: CaseFilter) -> ColumnElement[bool]:
    if wanted.status is not None:
        return Case.status == wanted.status
    if wanted.view == "snoozed":
        return literal_column("true", Boolean)
    if wanted.tab == "resolved":
        return _DONE
    if wanted.tab == "due":
        return _PROMISED if wanted.promised else and_(Case.waiting_since.is_not(None), _AT_WORK)
    if wanted.tab == "unread":
        return and_(_AT_WORK, Case.last_inbound_position > _reached(actor))
    if wanted.tab == "mentions":
        return and_(_AT_WORK, _mentions(actor))
    return _AT_WORK


def _reached(actor: Actor | Reader) -> ColumnElement[int]:
    reached = select(CaseRead.position).where(read_by(actor)).correlate(Case).scalar_subquery()
    return func.coalesce(reached, 0)


def _mentions(actor: Actor | Reader) -> ColumnElement[bool]:
    """As an array, so that the few cases are looked up, instead of all being compared."""
    named = func.jsonb_build_array(cast(actor.agent_id, BigInteger))
    naming = select(Message.case_id).where(Message.mentions.contains(named))
    return Case.id == func.any(func.array(naming.scalar_subquery()))


_SOONEST_FIRST = {"due": Case.due_at, "waiting": Case.waiting_since}


def _ordered(statement: Select[Any], wanted: CaseFilter) -> Select[Any]:
    return _in_order(statement, wanted.order)


def _in_order(statement: Select[Any], order: str) -> Select[Any]:
    if order in _SOONEST_FIRST:
        return statement.order_by(_SOONEST_FIRST[order], Case.id)
    return statement.order_by(Case.last_at.desc(), Case.id.desc())


def _after(order: str) -> ColumnElement[bool]:
    place = tuple_(
        bindparam("after_at", type_=DateTime(timezone=True)), bindparam("after_id", type_=BigInteger)
    )
    if order in _SOONEST_FIRST:
        return tuple_(_SOONEST_FIRST[order], Case.id) > place
    return tuple_(Case.last_at, Case.id) < place
