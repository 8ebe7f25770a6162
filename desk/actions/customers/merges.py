"""Two faces become one, because a person decided so; and two again, when the person was wrong."""

from __future__ import annotations

from typing import Any

from desk.actions.customers.covers import judge_cases_of
from desk.actions.setup.audit import audit
from desk.model.customer import Customer, CustomerMerge
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.events import CustomersMerged
from desk.model.permission import Permission
from desk.store.customers.merges import (
    both_faces,
    former_words,
    last_words,
    later_merge,
    move_all,
    move_back,
    move_later_work,
    write_on_cases,
)
from desk.store.unit_of_work import Work

FILLED = ("name", "organisation_id", "language", "time_zone")
"""What the face that stays takes over where it has nothing of its own."""


def merge_customers(work: Work, merged_id: int, into_id: int) -> CustomerMerge:
    """Everything of one customer becomes the other's: addresses, conversations, cases, purchases, consents.

    The row of the merged customer stays and leads on. Raises Invalid for one and the same
    customer, NotFound, and Conflict where one of them was merged already.
    """
    work.require(Permission.MERGE_CUSTOMERS)
    if merged_id == into_id:
        raise Invalid("A customer cannot be put together with themselves.", "into")
    merged, into = _two_faces(work, merged_id, into_id)
    moved: dict[str, Any] = dict(move_all(work.session, merged.id, into.id))
    moved["consents"] = last_words(work.session, merged.id, into.id)
    moved["filled"] = _fill(merged, into)
    merged.merged_into_id = into.id
    merge = CustomerMerge(
        merged_id=merged.id, into_id=into.id, moved=moved, at=work.now, agent_id=work.actor.agent_id
    )
    work.session.add(merge)
    work.session.flush()
    sentence = f"{work.actor.name} put {_called(merged)} and {_called(into)} together as one customer."
    _tell(work, merge, moved["cases"], "customer", sentence, before=merged.id, after=into.id)
    judge_cases_of(work, [merged.id, into.id])
    return merge


def undo_customer_merge(work: Work, merge_id: int) -> Customer:
    """Two customers again: all that moved goes back, and what came in since by a moved address with it.

    Raises NotFound, and Conflict where it was undone already or a later merge holds the rows.
    """
    work.require(Permission.MERGE_CUSTOMERS)
    merge = work.session.get(CustomerMerge, merge_id)
    if merge is None:
        raise NotFound(f"There is no merge {merge_id}.")
    faces = both_faces(work.session, merge.merged_id, merge.into_id)
    work.session.refresh(merge)
    if merge.undone_at is not None:
        raise Conflict("This merge has been undone already.")
    if later_merge(work.session, merge) is not None:
        raise Conflict("A later merge holds what this one moved. Undo that one first.")
    merged, into = faces[merge.merged_id], faces[merge.into_id]
    later = move_later_work(work.session, merge)
    cases = sorted({*move_back(work.session, merge.moved, into.id, merged.id), *later})
    former_words(work.session, into.id, merge.moved["consents"])
    _empty_again(into, merge.moved["filled"])
    merged.merged_into_id, merge.undone_at = None, work.now
    sentence = f"{work.actor.name} took {_called(merged)} and {_called(into)} apart again."
    _tell(work, merge, cases, "customer", sentence, before=into.id, after=merged.id)
    judge_cases_of(work, [merged.id, into.id])
    return merged


def _two_faces(work: Work, merged_id: int, into_id: int) -> tuple[Customer, Customer]:
    faces = both_faces(work.session, merged_id, into_id)
    for customer_id in (merged_id, into_id):
        if customer_id not in faces:
            raise NotFound(f"There is no customer {customer_id}.")
        if faces[customer_id].is_merged:
            raise Conflict(
                f"Customer {customer_id} was put together with customer "
                f"{faces[customer_id].merged_into_id} already.",
                {"merged_into_id": faces[customer_id].merged_into_id},
            )
    return faces[merged_id], faces[into_id]


def _fill(merged: Customer, into: Customer) -> dict[str, Any]:
    """What was empty takes the other's value; returns what was filled, for the way back."""
    filled = {
        name: getattr(merged, name) for name in FILLED if getattr(merged, name) and not getattr(into, name)
    }
    for name, value in filled.items():
        setattr(into, name, value)
    added = {key: value for key, value in merged.attributes.items() if key not in into.attributes}
    into.attributes = {**into.attributes, **added}
    return {"columns": filled, "attributes": added}


def _empty_again(into: Customer, filled: dict[str, Any]) -> None:
    """Undo `_fill`, but for what somebody changed since."""
    for name, value in filled["columns"].items():
        if getattr(into, name) == value:
            setattr(into, name, "" if name == "name" else None)
    into.attributes = {
        key: value
        for key, value in into.attributes.items()
        if key not in filled["attributes"] or filled["attributes"][key] != value
    }


def _tell(
    work: Work, merge: CustomerMerge, cases: list[int], what: str, sentence: str, *, before: int, after: int
) -> None:
    line = {
        "at": work.now,
        "actor": work.actor.key,
        "what": what,
        "sentence": sentence[:500],
        "before": before,
        "after": after,
    }
    work.session.flush()
    write_on_cases(work.session, cases, line)
    undone = merge.undone_at is not None
    audit(
        work,
        "customers taken apart" if undone else "customers merged",
        f"customer:{merge.into_id}",
        {"merged": merge.merged_id, "merge": merge.id, "cases": len(cases)},
    )
    work.record(
        CustomersMerged(
            customer_id=merge.into_id, merged_id=merge.merged_id, merge_id=merge.id, undone=undone
        )
    )


def _called(customer: Customer) -> str:
    return customer.name or f"customer {customer.id}"
