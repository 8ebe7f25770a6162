"""A customer's one face: addresses, consent, purchases, cases and merges, in one statement."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from desk.model.case import Case, Category
from desk.model.customer import Address, Consent, Customer, CustomerMerge, MergeProposal, Organisation
from desk.model.entitlement import CaseCover, Entitlement, Standing
from desk.model.message import Message, MessageKind
from desk.model.permission import Actor
from desk.model.purchase import Purchase
from desk.model.worth import CustomerValue, ValueRun
from desk.store.cases.approaches import approaches
from desk.store.cases.lists import customer_name
from desk.store.cases.reading import Reader, as_reader, reader_for, visible_to
from desk.store.line import Answer, Line, Statement

PURCHASES_SHOWN = 10
CASES_SHOWN = 10
ENTITLEMENTS_SHOWN = 50
Rows = Select[*tuple[Any, ...]]
_YEAR = timedelta(days=365)
_CASE_ID = bindparam("case_id", type_=BigInteger)
_NO_NAMES: ColumnElement[Any] = literal_column("'{}'::varchar[]")
_ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


def ask_for_face(
    line: Line, actor: Actor, *, now: datetime, customer_id: int | None = None, case_id: int | None = None
) -> Answer:
    """Everything we know of the customer, as plain values, one row at most: by number, or whose case it is.

    Cases are those that the actor may know of. With `case_id`, `approaches` says by which
    addresses the customer came to that case, and each case listed says whether one of these
    wrote in it (`same_sender`).
    """
    asked = {"customer_id": customer_id, "case_id": case_id, "year_ago": now - _YEAR}
    statement = _statement(reader_for(actor), of_a_case=case_id is not None)
    return line.write(statement, {**asked, **as_reader(actor)})


@cache
def _statement(actor: Reader, *, of_a_case: bool) -> Statement:
    mine = Purchase.customer_id == Customer.id
    of_theirs = and_(Case.customer_id == Customer.id, visible_to(actor))
    in_currency = and_(mine, Purchase.currency == Customer.currency)
    whose = (
        select(Case.customer_id).where(Case.id == _CASE_ID).scalar_subquery()
        if of_a_case
        else bindparam("customer_id", type_=BigInteger)
    )
    statement = select(
        Customer.id,
        Customer.name,
        customer_name().label("called"),
        Customer.tier,
        Customer.language,
        Customer.time_zone,
        Customer.created_at,
        Customer.attributes,
        Customer.currency,
        Customer.merged_into_id,
        Customer.tier_by_hand,
        Organisation.id.label("organisation_id"),
        Organisation.name.label("organisation_name"),
        func.coalesce(Customer.lifetime_value, _sum(in_currency)).label("lifetime"),
        _sum(and_(in_currency, Purchase.bought_at > bindparam("year_ago"))).label("last_12_months"),
        _listed(_addresses()).label("addresses"),
        _listed(_consents()).label("consent"),
        _listed(_purchases(mine)).label("purchases"),
        _count(Purchase.id, mine).label("purchases_total"),
        _listed(_entitlements()).label("entitlements"),
        _listed(_worth()).label("worth"),
        _listed(_cases(of_theirs)).label("cases"),
        _count(Case.id, of_theirs).label("cases_total"),
        _listed(_proposals()).label("proposals"),
        _listed(_merges()).label("merges"),
        _listed(approaches(case_id=_CASE_ID, customer_id=Customer.id)).label("approaches"),
    ).outerjoin(Organisation, Organisation.id == Customer.organisation_id)
    return Statement.of(statement.where(Customer.id == whose))


def _listed(rows: Rows) -> ColumnElement[Any]:
    """The rows as one JSON array, in their order."""
    aggregated = func.coalesce(
        func.jsonb_agg(literal_column("listed")), func.jsonb_build_array(), type_=JSONB
    )
    return select(aggregated).select_from(rows.correlate(Customer).subquery("listed")).scalar_subquery()


def _stamp(moment: SQLColumnExpression[Any]) -> ColumnElement[str]:
    """ISO 8601 in UTC, as every answer writes its times."""
    return func.to_char(func.timezone("UTC", moment), _ISO)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return select(func.sum(Purchase.amount)).where(condition).correlate(Customer).scalar_subquery()


def _count(column: Any, condition: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count(column)).where(condition).correlate(Customer).scalar_subquery()


def _worth() -> Rows:
    """The figures of the last run, one row at most."""

    def written(amount: SQLColumnExpression[Any]) -> ColumnElement[str]:
        return func.to_char(amount, "FM999999999990.00")

    figures = CustomerValue
    return (
        select(
            written(figures.value).label("value"),
            written(figures.low).label("low"),
            written(figures.high).label("high"),
            ValueRun.currency,
            figures.recency,
            figures.frequency,
            written(figures.monetary).label("monetary"),
            figures.r,
            figures.f,
            figures.m,
            figures.alive,
            figures.purchases,
            figures.above,
            figures.prior,
            figures.spends_less,
            figures.fell_silent,
            written(figures.habit).label("habit"),
            written(figures.lately).label("lately"),
            figures.run_id,
            ValueRun.until,
            ValueRun.cuts,
            ValueRun.policy["horizon_weeks"].label("horizon_weeks"),
        )
        .join(ValueRun, ValueRun.id == figures.run_id)
        .where(figures.customer_id == Customer.id)
    )


def _addresses() -> Rows:
    return (
        select(
            Address.id,
            Address.kind,
            Address.value,
            Address.verified_at.is_not(None).label("verified"),
            Address.trouble,
        )
        .where(Address.customer_id == Customer.id)
        .order_by(Address.id)
    )


def _consents() -> Rows:
    return (
        select(Consent.channel, Consent.granted, _stamp(Consent.at).label("at"), Consent.source)
        .where(Consent.customer_id == Customer.id)
        .order_by(Consent.channel)
    )


def _purchases(mine: ColumnElement[bool]) -> Rows:
    return (
        select(
            Purchase.id,
            Purchase.order_number,
            Purchase.description,
            func.to_char(Purchase.amount, "FM999999999990.00").label("amount"),
            Purchase.currency,
            Purchase.status,
            _stamp(Purchase.bought_at).label("bought_at"),
        )
        .where(mine)
        .order_by(Purchase.bought_at.desc(), Purchase.id.desc())
        .limit(PURCHASES_SHOWN)
    )


def _entitlements() -> Rows:
    """Their own and their organisation's, the one that ends last first, with how many cases each covers."""
    holder = aliased(Customer)
    used = (
        select(func.count())
        .select_from(CaseCover)
        .where(CaseCover.entitlement_id == Entitlement.id, CaseCover.standing == Standing.COVERED)
        .correlate(Entitlement)
        .scalar_subquery()
    )
    categories = (
        select(func.coalesce(func.array_agg(aggregate_order_by(Category.name, Category.name)), _NO_NAMES))
        .where(Category.id == func.any(Entitlement.category_ids))
        .correlate(Entitlement)
        .scalar_subquery()
    )
    return (
        select(
            Entitlement.id,
            Entitlement.external_id,
            Entitlement.kind,
            Entitlement.product,
            Entitlement.starts_on,
            Entitlement.ends_on,
            Entitlement.allowance,
            Entitlement.whole_organisation,
            categories.label("categories"),
            used.label("used"),
        )
        .join(holder, holder.id == Entitlement.customer_id)
        .where(
            or_(
                Entitlement.customer_id == Customer.id,
                and_(
                    Entitlement.whole_organisation,
                    holder.organisation_id == Customer.organisation_id,
                ),
            )
        )
        .order_by(Entitlement.ends_on.desc(), Entitlement.id)
        .limit(ENTITLEMENTS_SHOWN)
    )


def _cases(of_theirs: ColumnElement[bool]) -> Rows:
    senders = select(Message.author_address).where(
        Message.case_id == _CASE_ID, Message.kind == MessageKind.INBOUND
    )
    wrote = aliased(Message)
    same_sender = exists().where(
        wrote.case_id == Case.id,
        wrote.kind == MessageKind.INBOUND,
        wrote.author_address.in_(senders),
    )
    return (
        select(
            Case.id,
            Case.subject,
            Case.status,
            _stamp(Case.opened_at).label("opened_at"),
            or_(Case.id == _CASE_ID, same_sender).label("same_sender"),
        )
        .where(of_theirs)
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(CASES_SHOWN)
    )


def _proposals() -> Rows:
    other = aliased(Customer)
    other_id = case(
        (MergeProposal.customer_id == Customer.id, MergeProposal.other_id), else_=MergeProposal.customer_id
    )
    return (
        select(
            MergeProposal.id,
            func.jsonb_build_object("id", other.id, "name", customer_name(other)).label("other"),
            MergeProposal.proof.label("sentence"),
        )
        .join(other, other.id == other_id)
        .where(
            or_(MergeProposal.customer_id == Customer.id, MergeProposal.other_id == Customer.id),
            MergeProposal.dismissed_at.is_(None),
            other.merged_into_id.is_(None),
        )
        .order_by(MergeProposal.id)
    )


def _merges() -> Rows:
    merged = aliased(Customer)
    return (
        select(
            CustomerMerge.id, customer_name(merged).label("other_name"), _stamp(CustomerMerge.at).label("at")
        )
        .join(merged, merged.id == CustomerMerge.merged_id)
        .where(CustomerMerge.into_id == Customer.id, CustomerMerge.undone_at.is_(None))
        .order_by(CustomerMerge.id.desc())
    )
