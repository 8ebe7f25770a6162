"""Who may know of a case, and how a customer is met."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from desk.actions.cases.access import case_for
from desk.actions.customers.profile import customer_for
from desk.model.case import CaseWatch
from desk.model.customer import AddressKind
from desk.model.errors import Forbidden, NotFound
from desk.model.permission import Permission, system
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case, a_customer


def test_an_agent_reaches_a_case_in_a_queue_of_theirs_and_not_in_anothers(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, queue=cast.support)

    with store.reading(cast.actor(cast.ada)) as work:
        assert case_for(work, case.id, to=Permission.WORK_CASES).id == case.id
    with store.reading(cast.actor(cast.ben)) as work, pytest.raises(NotFound):
        case_for(work, case.id, to=Permission.READ_CASES)


def test_a_watcher_knows_the_case_and_an_auditor_may_only_read_it(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, queue=cast.support)
        work.session.add(CaseWatch(case_id=case.id, agent_id=cast.ben.id))

    with store.reading(cast.actor(cast.ben)) as work:
        assert case_for(work, case.id, to=Permission.READ_CASES).id == case.id
    with store.reading(cast.actor(cast.otto)) as work:
        assert case_for(work, case.id, to=Permission.READ_CASES).id == case.id
        with pytest.raises(Forbidden):
            case_for(work, case.id, to=Permission.WORK_CASES)


def test_a_known_address_finds_its_owner_in_any_spelling(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        assert customer_for(work, AddressKind.EMAIL, " Cleo@EXAMPLE.org", "Somebody").id == cast.cleo.id
        assert customer_for(work, AddressKind.EMAIL, "new@example.org", "Nu").id != cast.cleo.id


def test_an_address_of_a_merged_customer_leads_to_the_face_that_stayed(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        other = a_customer(work, "C. Patterson", "cp@example.org")
        other.merged_into_id = cast.cleo.id
        work.session.flush()

        assert customer_for(work, AddressKind.EMAIL, "cp@example.org").id == cast.cleo.id


def test_sixteen_first_mails_at_once_meet_one_customer(store: Store) -> None:
    def meet(_turn: int) -> int:
        with store.unit_of_work(system("mailroom")) as work:
            return customer_for(work, AddressKind.EMAIL, "rush@example.org", "Rush").id

    with ThreadPoolExecutor(8) as crowd:
        met = set(crowd.map(meet, range(16)))

    assert len(met) == 1
