"""Two faces become one and two again, and nothing is lost on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk.actions.customers.faces import customer_shown
from desk.actions.customers.merges import merge_customers, undo_customer_merge
from desk.actions.customers.profile import customer_for
from desk.model.case import Case, CaseChange
from desk.model.conversation import Conversation
from desk.model.customer import Address, AddressKind, Consent, Customer
from desk.model.errors import Conflict, Forbidden, Invalid, NotFound
from desk.model.purchase import Purchase
from desk.store.unit_of_work import Store, Work
from tests.people import (
    MORNING,
    STAGE,
    Cast,
    a_case,
    a_conversation,
    a_customer,
    a_message,
    a_purchase,
    an_address,
)


def belongings(work: Work) -> dict[str, Any]:
    """Who owns what, in every table that a merge touches."""
    owned: dict[str, Any] = {
        noun.__tablename__: sorted(work.session.execute(select(noun.id, noun.customer_id)))
        for noun in (Address, Case, Conversation, Purchase)
    }
    owned["consents"] = sorted(
        work.session.execute(
            select(Consent.customer_id, Consent.channel, Consent.granted, Consent.at, Consent.source)
        )
    )
    columns = select(
        Customer.id, Customer.name, Customer.language, Customer.attributes, Customer.merged_into_id
    )
    owned["customers"] = sorted(work.session.execute(columns), key=lambda row: row[0])
    return owned


def a_second_face(work: Work, cast: Cast) -> Customer:
    other = a_customer(work, "C. Patterson", "cp@example.net")
    other.language, other.attributes = "en", {"size": "M"}
    a_conversation(work, a_case(work, other, queue=cast.support), cast.mail)
    a_case(work, other, queue=cast.billing)
    a_purchase(work, other, "B-1")
    return other


def test_everything_moves_and_the_history_of_each_case_says_so(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        other = a_second_face(work, cast)
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        merge_customers(work, other.id, cast.cleo.id)

    with store.unit_of_work(cast.actor(cast.sam)) as work:
        face = customer_shown(work, cast.cleo.id)
        assert (face["cases_total"], face["purchases_total"], len(face["addresses"])) == (2, 1, 2)
        assert (face["language"], face["attributes"]) == ("en", {"size": "M"})
        assert face["merges"][0]["other_name"] == "C. Patterson"
        assert customer_for(work, AddressKind.EMAIL, "cp@example.net").id == cast.cleo.id
        lines = work.session.scalars(select(CaseChange.sentence)).all()
        assert lines == ["Sam Beckett put C. Patterson and Cleo Patterson together as one customer."] * 2


def test_an_agent_may_not_merge_customers(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        other = a_second_face(work, cast)
    with store.unit_of_work(cast.actor(cast.ada)) as work, pytest.raises(Forbidden):
        merge_customers(work, other.id, cast.cleo.id)


def test_a_merge_that_cannot_be_meant_is_refused(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        other, third = a_second_face(work, cast), a_customer(work, "Third")
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        with pytest.raises(Invalid):
            merge_customers(work, cast.cleo.id, cast.cleo.id)
        with pytest.raises(NotFound):
            merge_customers(work, cast.cleo.id, 999_999_999)
        merge_customers(work, other.id, cast.cleo.id)
        with pytest.raises(Conflict):
            merge_customers(work, other.id, third.id)
        with pytest.raises(Conflict):
            merge_customers(work, third.id, other.id)


consents = st.lists(
    st.tuples(
        st.sampled_from(["cleo", "other"]),
        st.sampled_from(["email", "sms"]),
        st.booleans(),
        st.integers(0, 3),
    ),
    unique_by=lambda said: said[:2],
)


@given(
    said=consents,
    names=st.tuples(st.sampled_from(["", "Cleo"]), st.sampled_from(["", "C. P."])),
    attributes=st.tuples(
        st.dictionaries(st.sampled_from("abc"), st.integers(0, 2)),
        st.dictionaries(st.sampled_from("abc"), st.integers(0, 2)),
    ),
    counts=st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undoing_a_merge_restores_every_belonging(
    store: Store, cast: Cast, said: list[Any], names: Any, attributes: Any, counts: Any
) -> None:
    with store.unit_of_work(STAGE, now=MORNING) as work:
        faces = {who: a_customer(work, name) for who, name in zip(("cleo", "other"), names, strict=True)}
        for (who, face), own, count in zip(faces.items(), attributes, counts, strict=True):
            face.attributes = own
            an_address(work, face, f"{who}-{face.id}@example.net")
            for turn in range(count):
                a_conversation(work, a_case(work, face, queue=cast.support), cast.mail)
                a_purchase(work, face, f"{face.id}-{turn}")
        for who, channel, granted, day in said:
            work.session.add(
                Consent(
                    customer_id=faces[who].id, channel=channel, granted=granted,
                    at=MORNING + timedelta(days=day), source=who,
                )
            )  # fmt: skip
    with store.reading(STAGE) as work:
        before = belongings(work)

    with store.unit_of_work(cast.actor(cast.sam)) as work:
        merge = merge_customers(work, faces["other"].id, faces["cleo"].id)
    with store.reading(STAGE) as work:
        owners = {
            owner for table in ("cases", "addresses", "purchases") for _, owner in belongings(work)[table]
        }
        assert faces["other"].id not in owners
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        undo_customer_merge(work, merge.id)

    with store.reading(STAGE) as work:
        assert belongings(work) == before


def test_a_case_that_came_since_by_a_moved_address_goes_back_with_it(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        other = a_second_face(work, cast)
    with store.unit_of_work(cast.actor(cast.sam), now=MORNING) as work:
        merge = merge_customers(work, other.id, cast.cleo.id)
    with store.unit_of_work(STAGE) as work:
        theirs = a_case(work, cast.cleo, queue=cast.support)
        a_message(work, theirs, "Hello again", address="cp@example.net")
        hers = a_case(work, cast.cleo, queue=cast.support, text="Hello")
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        undo_customer_merge(work, merge.id)

    with store.reading(STAGE) as work:
        assert work.session.get_one(Case, theirs.id).customer_id == other.id
        assert work.session.get_one(Case, hers.id).customer_id == cast.cleo.id


def test_merges_that_build_on_each_other_are_undone_last_first(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        other, third = a_second_face(work, cast), a_customer(work, "Third", "third@example.net")
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        first = merge_customers(work, other.id, third.id)
        second = merge_customers(work, third.id, cast.cleo.id)
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        with pytest.raises(Conflict):
            undo_customer_merge(work, first.id)
        undo_customer_merge(work, second.id)
        undo_customer_merge(work, first.id)
        with pytest.raises(Conflict):
            undo_customer_merge(work, first.id)
        assert customer_for(work, AddressKind.EMAIL, "cp@example.net").id == other.id
