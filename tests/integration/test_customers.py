"""One face: what is shown of a customer, what a claim opens, and what agents write down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk.actions.customers.addresses import claim_address, give_up_address, verify_address
from desk.actions.customers.faces import customer_shown, face_in_case
from desk.actions.customers.profile import (
    Description,
    customer_for,
    describe_customer,
    dismiss_proposal,
    new_customer,
    note_consent,
)
from desk.model.customer import Address, AddressKind, Tier
from desk.model.errors import Conflict, Forbidden, Invalid, NotFound
from desk.model.inbound import Verdict
from desk.model.message import MessageKind
from desk.store.customers.face import ask_for_face
from desk.store.unit_of_work import Store, Work
from tests.people import (
    MORNING,
    STAGE,
    Cast,
    a_case,
    a_customer,
    a_message,
    a_purchase,
    an_address,
    an_agent,
    minutes,
)
from tests.statements import statements


def _beside(work: Work, case_id: int) -> dict[str, Any]:
    """The customer's face beside a case."""
    work.flush()
    return face_in_case(ask_for_face(work.line, work.actor, now=work.now, case_id=case_id))


def test_a_face_holds_all_we_know_in_one_statement(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=MORNING) as work:
        old = a_case(work, cast.cleo, "Old", queue=cast.support, at=minutes(-60))
        new = a_case(work, cast.cleo, "New", queue=cast.support, text="Hi")
        a_purchase(work, cast.cleo, "A-1", "25.00")
        a_purchase(work, cast.cleo, "A-2", "5.50")

    with store.reading(cast.actor(cast.ada), now=MORNING) as work, statements(store.engine) as asked:
        face = _beside(work, new.id)

    assert len(asked) == 1
    assert [case["id"] for case in face["cases"]] == [new.id, old.id]
    assert [purchase["amount"] for purchase in face["purchases"]] == ["5.50", "25.00"]
    assert face["last_12_months"] == {"amount": "30.50", "currency": "EUR"}
    assert face["addresses"][0]["value"] == "cleo@example.org" and face["addresses"][0]["verified"]
    assert face["purchases"][0]["bought_at"] == "2026-03-02T09:00:00.000000Z"
    assert face["closed"] is None


def test_a_face_shows_only_cases_that_the_reader_may_know_of(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, queue=cast.billing)

    with store.reading(cast.actor(cast.ben)) as work:
        assert [c["id"] for c in customer_shown(work, cast.cleo.id)["cases"]] == [case.id]
    with store.reading(cast.actor(cast.ada)) as work:
        face = customer_shown(work, cast.cleo.id)
        assert (face["cases"], face["cases_total"]) == ([], 0)


def test_a_claimed_address_opens_nobodys_history(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=MORNING) as work:
        a_case(work, cast.cleo, "My secret order", queue=cast.support, text="From my real address")
        a_purchase(work, cast.cleo, "SECRET-1")
        cast_attributes = describe_customer(
            work, cast.cleo.id, Description(frozenset({"attributes"}), attributes={"diet": "secret"})
        )
        assert cast_attributes.attributes
        claimed = an_address(work, cast.cleo, "c.patterson@mail.example", verified=False)
        case = a_case(work, cast.cleo, "What did I order?", queue=cast.support)
        a_message(work, case, "It is me, Cleo", address=claimed.value)

    with store.reading(cast.actor(cast.ada)) as work:
        face = _beside(work, case.id)
    assert [c["id"] for c in face["cases"]] == [case.id]
    assert [a["value"] for a in face["addresses"]] == [claimed.value]
    assert (face["purchases"], face["purchases_total"], face["lifetime_value"]) == ([], 0, None)
    assert "secret" not in str(face).lower()
    assert claimed.value in face["closed"]

    with store.unit_of_work(cast.actor(cast.ada)) as work:
        verify_address(work, claimed.id)
    with store.reading(cast.actor(cast.ada)) as work:
        face = _beside(work, case.id)
    assert face["purchases_total"] == 1 and len(face["cases"]) == 2 and face["closed"] is None


def test_a_forged_mail_from_a_verified_address_opens_no_history(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        a_purchase(work, cast.cleo, "SECRET-1")
        case = a_case(work, cast.cleo, queue=cast.support)
        a_message(work, case, "It is me", verdict=Verdict.FAIL)

    with store.reading(cast.actor(cast.ada)) as work:
        assert _beside(work, case.id)["purchases"] == []
    with store.unit_of_work(STAGE) as work:
        a_message(work, work.session.merge(case, load=True), "And this is signed", verdict=Verdict.PASS)
    with store.reading(cast.actor(cast.ada)) as work:
        assert len(_beside(work, case.id)["purchases"]) == 1


def test_a_case_that_we_opened_shows_the_whole_face(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        a_purchase(work, cast.cleo, "A-1")
        case = a_case(work, cast.cleo, queue=cast.support)
        a_message(work, case, "Your tea is late", kind=MessageKind.OUTBOUND, agent=cast.ada)

    with store.reading(cast.actor(cast.ada)) as work:
        assert _beside(work, case.id)["purchases_total"] == 1


def test_claiming_anothers_proven_address_proposes_a_merge_and_moves_nothing(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE) as work:
        stranger = a_customer(work, "Stranger", "stranger@example.net")
        unproven = a_customer(work, "Third", "third@example.net", verified=False)

    with store.unit_of_work(cast.actor(cast.ada)) as work:
        claim_address(work, stranger.id, AddressKind.EMAIL, "CLEO@example.org")
        with pytest.raises(Conflict):
            claim_address(work, stranger.id, AddressKind.EMAIL, "third@example.net")
        with pytest.raises(Conflict):
            claim_address(work, stranger.id, AddressKind.EMAIL, "stranger@example.net")

    with store.unit_of_work(cast.actor(cast.sam)) as work:
        assert customer_for(work, AddressKind.EMAIL, "cleo@example.org").id == cast.cleo.id
        assert customer_for(work, AddressKind.EMAIL, "third@example.net").id == unproven.id
        (proposal,) = customer_shown(work, stranger.id)["proposals"]
        assert proposal["other"] == {"id": cast.cleo.id, "name": "Cleo Patterson"}
        dismiss_proposal(work, proposal["id"])
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        claim_address(work, stranger.id, AddressKind.EMAIL, "cleo@example.org")
        assert customer_shown(work, stranger.id)["proposals"] == []


def test_an_agent_may_not_dismiss_a_proposal(store: Store, cast: Cast) -> None:
    with store.unit_of_work(cast.actor(cast.ada)) as work, pytest.raises(Forbidden):
        dismiss_proposal(work, 1)


def test_a_proven_sender_verifies_an_only_address_and_not_one_beside_others(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        a_customer(work, "Alone", "alone@example.net", verified=False)
        beside = an_address(work, cast.cleo, "beside@example.net", verified=False)

    with store.unit_of_work(STAGE) as work:
        customer_for(work, AddressKind.EMAIL, "alone@example.net", proven=True)
        customer_for(work, AddressKind.EMAIL, "beside@example.net", proven=True)
    with store.reading(STAGE) as work:
        verified = set(work.session.scalars(select(Address.value).where(Address.verified_at.is_not(None))))
        assert "alone@example.net" in verified
        assert beside.value not in verified


def test_an_agent_writes_a_customer_down_and_describes_them(store: Store, cast: Cast) -> None:
    actor = cast.actor(cast.ada)
    with store.unit_of_work(actor, now=MORNING) as work:
        said = Description(frozenset({"name", "organisation"}), name="Zoe", organisation="Zoo Ltd")
        zoe = new_customer(work, said, [(AddressKind.PHONE, "+44 20 7946 0958")])
        describe_customer(work, zoe.id, Description(frozenset({"tier"}), tier=Tier.GOLD))
        note_consent(work, zoe.id, "email", granted=True)
        note_consent(work, zoe.id, "email", granted=False)
        face = customer_shown(work, zoe.id)

    assert face["addresses"][0]["value"] == "+442079460958" and not face["addresses"][0]["verified"]
    assert (face["name"], face["tier"], face["organisation"]["name"]) == ("Zoe", "gold", "Zoo Ltd")
    assert [(c["channel"], c["granted"]) for c in face["consent"]] == [("email", False)]
    with store.unit_of_work(actor) as work, pytest.raises(Conflict):
        new_customer(work, Description(frozenset()), [(AddressKind.EMAIL, "cleo@example.org")])


@pytest.mark.parametrize("kind, wrong", [("email", "no at"), ("phone", "020 7946 0958"), ("external", " ")])
def test_what_cannot_be_an_address_is_refused(store: Store, cast: Cast, kind: str, wrong: str) -> None:
    with store.unit_of_work(cast.actor(cast.ada)) as work, pytest.raises(Invalid):
        claim_address(work, cast.cleo.id, AddressKind(kind), wrong)


def test_an_auditor_changes_no_customer(store: Store, cast: Cast) -> None:
    with store.unit_of_work(cast.actor(cast.otto)) as work:
        assert customer_shown(work, cast.cleo.id)["name"] == "Cleo Patterson"
        address_id = customer_shown(work, cast.cleo.id)["addresses"][0]["id"]
        deed: Callable[[], object]
        for deed in (
            lambda: describe_customer(work, cast.cleo.id, Description(frozenset({"name"}), name="X")),
            lambda: note_consent(work, cast.cleo.id, "email", granted=True),
            lambda: verify_address(work, address_id),
            lambda: give_up_address(work, address_id),
            lambda: new_customer(work, Description(frozenset())),
        ):
            with pytest.raises(Forbidden):
                deed()


def test_an_agent_held_to_their_own_cases_knows_only_the_people_in_them(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        eve = an_agent(work, "Eve Held", assigned_only=True)
        other = a_customer(work, "Other", "other@example.net")
        a_case(work, cast.cleo, assignee=eve)

    with store.unit_of_work(cast.actor(eve)) as work:
        assert describe_customer(work, cast.cleo.id, Description(frozenset({"language"}), language="en"))
        with pytest.raises(NotFound):
            describe_customer(work, other.id, Description(frozenset({"language"}), language="en"))


def test_purchases_older_than_a_year_leave_the_last_twelve_months(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=MORNING) as work:
        a_purchase(work, cast.cleo, "A-1", "10.00")

    with store.reading(cast.actor(cast.ada), now=MORNING + timedelta(days=366)) as work:
        face = customer_shown(work, cast.cleo.id)
    assert face["last_12_months"] is None
    assert face["lifetime_value"] == {"amount": "10.00", "currency": "EUR"}
