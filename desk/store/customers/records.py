"""The records of one customer that the customer may have."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from desk.model.case import Case
from desk.model.message import Message
from desk.model.permission import Actor
from desk.model.purchase import Purchase
from desk.store.cases.reading import visible_to
from desk.store.insights.scores import SCORES


def every_purchase(session: Session, customer_id: int) -> list[dict[str, Any]]:
    """What the customer bought, oldest first."""
    rows = session.execute(
        select(
            Purchase.order_number,
            Purchase.line,
            Purchase.description,
            Purchase.amount,
            Purchase.currency,
            Purchase.status,
            Purchase.bought_at,
        )
        .where(Purchase.customer_id == customer_id)
        .order_by(Purchase.bought_at, Purchase.id)
    )
    return [{**row._mapping, "amount": f"{row.amount:.2f}", "bought_at": _iso(row.bought_at)} for row in rows]


def cases_with_messages(session: Session, actor: Actor, customer_id: int) -> list[dict[str, Any]]:
    """The customer's cases with what was said between us and how they scored it, oldest first; never a
    private note."""
    rows = session.execute(
        select(
            Case.id,
            Case.subject,
            Case.opened_at,
            Message.at,
            Message.kind,
            Message.author_name,
            Message.subject.label("message_subject"),
            Message.text,
        )
        .outerjoin(Message, (Message.case_id == Case.id) & Message.visible_to_customer)
        .where(Case.customer_id == customer_id, visible_to(actor))
        .order_by(Case.id, Message.position)
    )
    cases: dict[int, dict[str, Any]] = {}
    for row in rows:
        case = cases.setdefault(
            row.id,
            {
                "number": row.id,
                "subject": row.subject,
                "opened_at": _iso(row.opened_at),
                "messages": [],
                "scores": [],
            },
        )
        if row.at is not None:
            case["messages"].append(
                {
                    "at": _iso(row.at),
                    "kind": row.kind.value,
                    "author": row.author_name,
                    "subject": row.message_subject,
                    "text": row.text,
                }
            )
    for one in session.execute(_SCORED, {"customer_id": customer_id}):
        if one.case_id in cases:
            said = {"score": one.score, "effort": one.effort, "comment": one.comment}
            cases[one.case_id]["scores"].append({"at": _iso(one.scored_at), **said})
    return list(cases.values())


_SCORED = text(
    f"""
    SELECT s.* FROM {SCORES} s JOIN cases c ON c.id = s.case_id
    WHERE c.customer_id = :customer_id ORDER BY s.scored_at
    """  # noqa: S608 - put together from constants
)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
