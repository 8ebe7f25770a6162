"""Cases as a screen shows them: the row, and what hangs on it, in one statement however many they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    any_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import aliased

from desk.model.agent import Agent
from desk.model.assignment import Assignment, Offer, OfferState
from desk.model.case import ACTIVE, Case, CaseLink, CaseRead, CaseStatus, CaseWatch, Draft, Priority
from desk.model.channel import Channel
from desk.model.chat import Chat, Visitor
from desk.model.conversation import Conversation
from desk.model.customer import Customer
from desk.model.entitlement import CaseCover, Entitlement
from desk.model.inbound import ChannelKind
from desk.model.permission import Actor
from desk.model.scheduled_reply import ScheduledReply
from desk.model.sla import OPEN_PHASES, SlaClock
from desk.store.cases.approaches import approaches
from desk.store.cases.lists import customer_name, has_draft, has_scheduled, is_unread, read_by
from desk.store.cases.reading import Reader, as_reader, reader_for, visible_to
from desk.store.line import Answer, Line, Statement
from desk.store.messages.scheduled import IS_PENDING, SCHEDULED
from desk.store.routing.queues import floor_of_case

Rows = Select[*tuple[Any, ...]]

_NUMBERS = ARRAY(BigInteger)
_OPEN_PHASES = literal([phase.value for phase in OPEN_PHASES], ARRAY(String))
REFUSALS_TOLD = timedelta(minutes=10)
"""How long ago an agent passed on a case, to be named among the reasons why it waits."""


@dataclass(frozen=True, slots=True)
class SeenCase:
    """A case's own row as it is shown: read, and never written."""

    id: int
    subject: str
    customer_id: int
    channel: ChannelKind
    status: CaseStatus
    priority: Priority
    queue_id: int | None
    assignee_id: int | None
    preview: str
    waiting_since: datetime | None
    last_at: datetime
    tags: list[str]
    snoozed_until: datetime | None
    version: int
    category_id: int | None
    level: int
    fields: dict[str, Any]
    opened_at: datetime
    resolved_at: datetime | None
    resolution_reason: str | None
    follows_id: int | None
    merged_into_id: int | None
    due_at: datetime | None
    due_soon_at: datetime | None
    due_clock: str | None
    billable: bool

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE


ROW = tuple(field.name for field in fields(SeenCase))


@dataclass(frozen=True, slots=True)
class Views:
    """What is shown of cases, asked with the next question."""

    answer: Answer

    def by_number(self) -> dict[int, Mapping[str, Any]]:
        """`case`, a `SeenCase`, and beside it what hangs on it."""
        return {row.id: {**row._asdict(), "case": _seen(row)} for row in self.answer.rows}


def views_of(line: Line, actor: Actor, case_ids: Iterable[int], *, known_only: bool = False) -> Views:
    """What is shown of each case; links lead only to cases that the actor may know of.

    The caller has reached the cases by `case_for`, or asks for `known_only`: those that the actor
    may know of.
    """
    numbers = list(case_ids)
    statement = _statement(reader_for(actor), one=len(numbers) == 1, known_only=known_only)
    asked = {"case_id": numbers[0]} if len(numbers) == 1 else {"case_ids": numbers}
    return Views(line.write(statement, {**asked, **as_reader(actor)}))


def _seen(row: Any) -> SeenCase:
    own = {name: getattr(row, name) for name in ROW}
    own |= {
        "channel": ChannelKind(row.channel),
        "status": CaseStatus(row.status),
        "priority": Priority(row.priority),
    }
    return SeenCase(**own)


@cache
def _statement(actor: Reader, *, one: bool, known_only: bool) -> Statement:
    # A plan for a list of any length is one for many: the database would rather plan each question anew.
    number = bindparam("case_id", type_=BigInteger) if one else any_(bindparam("case_ids", type_=_NUMBERS))
    return Statement.of(
        select(
            *(getattr(Case, name) for name in ROW),
            Case.last_position,
            customer_name().label("name"),
            Customer.tier,
            is_unread().label("unread"),
            has_draft(actor).label("draft"),
            has_scheduled().label("scheduled"),
            _listed(_watchers()).label("watchers"),
            _listed(_links(actor)).label("links"),
            _listed(_drafts(actor)).label("drafts"),
            _listed(_scheduled()).label("scheduled_replies"),
            _listed(_clocks()).label("clocks"),
            _listed(_penalties()).label("penalties"),
            _first(_cover()).label("cover"),
            _first(_assignment()).label("assignment"),
            _first(_offer()).label("offer"),
            _first(_chat()).label("chat"),
            # Why it waits is told of a case that is looked at, not of hundreds that were changed at once.
            floor_of_case(REFUSALS_TOLD) if one else null().label("floor"),
        )
        .join(Customer, Customer.id == Case.customer_id)
        .outerjoin(CaseRead, read_by(actor))
        .where(Case.id == number)
        .where(*([visible_to(actor)] if known_only else []))
    )


def _listed(rows: Rows) -> ColumnElement[Any]:
    empty = func.jsonb_build_array(type_=JSONB)
    aggregated = func.coalesce(func.jsonb_agg(literal_column("listed")), empty, type_=JSONB)
    return select(aggregated).select_from(rows.correlate(Case).subquery("listed")).scalar_subquery()


def _first(rows: Rows) -> ColumnElement[Any]:
    one = func.to_jsonb(literal_column("one"), type_=JSONB)
    return select(one).select_from(rows.correlate(Case).limit(1).subquery("one")).scalar_subquery()


def _watchers() -> Rows:
    return select(CaseWatch.agent_id).where(CaseWatch.case_id == Case.id).order_by(CaseWatch.agent_id)


def _links(actor: Reader) -> Rows:
    """Links from both their ends."""
    other = aliased(Case)
    far = case((CaseLink.case_id == Case.id, CaseLink.other_id), else_=CaseLink.case_id)
    known = select(Case.id).where(visible_to(actor)).correlate(None)
    return (
        select(CaseLink.id, CaseLink.kind, other.id.label("case_id"), other.subject, other.status)
        .join(other, other.id == far)
        .where(or_(CaseLink.case_id == Case.id, CaseLink.other_id == Case.id), other.id.in_(known))
        .order_by(CaseLink.id)
    )


def _drafts(actor: Reader) -> Rows:
    return select(Draft.kind, Draft.content, Draft.saved_at).where(
        Draft.case_id == Case.id, Draft.agent_id == actor.agent_id
    )


def _scheduled() -> Rows:
    """The replies that wait for their time, or were held back, the first to leave first."""
    return (
        select(*SCHEDULED)
        .join(Agent, Agent.id == ScheduledReply.agent_id)
        .join(Channel, Channel.id == ScheduledReply.channel_id)
        .where(ScheduledReply.case_id == Case.id, IS_PENDING)
        .order_by(ScheduledReply.at, ScheduledReply.id)
    )


def _clocks() -> Rows:
    """What runs or rests."""
    return (
        select(
            SlaClock.id, SlaClock.kind, SlaClock.phase, SlaClock.due_at, SlaClock.missed_at, SlaClock.flagged
        )
        .where(
            SlaClock.case_id == Case.id, SlaClock.phase == any_(_OPEN_PHASES), SlaClock.target.is_not(None)
        )
        .order_by(SlaClock.id)
    )


def _penalties() -> Rows:
    """What the broken promises of the case cost by now, a currency each."""
    currency = SlaClock.penalty_terms["currency"].astext
    return (
        select(
            currency.label("currency"),
            func.to_char(func.sum(SlaClock.penalty), "FM999999999990.00").label("amount"),
        )
        .where(SlaClock.case_id == Case.id, SlaClock.penalty.is_not(None))
        .group_by(currency)
        .order_by(currency)
    )


def _cover() -> Rows:
    """What the entitlements and persons say of the work, and how the customer came to the case."""
    return (
        select(
            CaseCover.standing,
            CaseCover.sentence,
            CaseCover.product,
            CaseCover.product_by_hand,
            CaseCover.until,
            CaseCover.billed_by_hand,
            CaseCover.overruled,
            CaseCover.why,
            CaseCover.agreed_at,
            CaseCover.agreed_note,
            Entitlement.external_id.label("entitlement"),
            _listed(approaches(case_id=Case.id, customer_id=Case.customer_id)).label("approaches"),
        )
        .outerjoin(Entitlement, Entitlement.id == CaseCover.entitlement_id)
        .where(CaseCover.case_id == Case.id)
    )


def _assignment() -> Rows:
    return select(Assignment.assigned_at.label("at"), Assignment.reason).where(
        Assignment.case_id == Case.id, Assignment.ended_at.is_(None)
    )


def _offer() -> Rows:
    return (
        select(Offer.offered_at.label("at"), Offer.expires_at, Offer.reason, Agent.name.label("agent_name"))
        .join(Agent, Agent.id == Offer.agent_id)
        .where(Offer.case_id == Case.id, Offer.state == OfferState.LIVE)
    )


def _chat() -> Rows:
    """The live side of the case's latest conversation with a visitor."""
    return (
        select(
            Chat.state,
            Chat.visitor_seen_at,
            Chat.page,
            Chat.fields,
            Chat.visitor_read,
            Chat.agent_read,
            Chat.last_sequence,
            Chat.email,
            Chat.score,
            Chat.score_comment,
            Chat.ended_by,
            Chat.wrap_up_until,
            Visitor.external_id,
        )
        .join(Visitor, Visitor.id == Chat.visitor_id)
        .join(Conversation, Conversation.id == Chat.conversation_id)
        .where(Conversation.case_id == Case.id, Case.channel == ChannelKind.CHAT)
        .order_by(Chat.conversation_id.desc())
    )
