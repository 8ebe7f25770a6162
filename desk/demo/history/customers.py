"""Who asked in these weeks: the demo's people who write English, and more whom the present never hears of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.demo.people import COUNT, Person, add_customers, people, person
from desk.model.customer import Address, AddressKind
from desk.store.unit_of_work import Work

NEWCOMERS = 1_200
_WRITE_ENGLISH = ("en", "da", "sv")


@cache
def newcomers(count: int) -> Mapping[int, Person]:
    """Customers beside the demo's people, by number: as many contacts are of more than a few hundred."""
    found: dict[int, Person] = {}
    number = COUNT
    while len(found) < count:
        one = person(number)
        if one.language in _WRITE_ENGLISH:
            found[number] = one
        number += 1
    return found


def everybody(share: float = 1.0) -> list[Person]:
    """All who ask, the same at each start."""
    return [one for one in people() if one.language in _WRITE_ENGLISH] + list(
        newcomers(round(share * NEWCOMERS)).values()
    )


def add_newcomers(work: Work, share: float) -> None:
    """Write them down, with what they bought."""
    add_customers(work, list(newcomers(round(share * NEWCOMERS))))


def customer_ids(session: Session, asked: Sequence[Person]) -> dict[str, int]:
    """The customers' numbers by address; whoever was erased is missing."""
    rows = session.execute(
        select(Address.value, Address.customer_id).where(
            Address.kind == AddressKind.EMAIL, Address.value.in_([one.address for one in asked])
        )
    )
    return {row.value: row.customer_id for row in rows}
