"""Several people at one case in the same moment: one is first, the others are told, nobody waits for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import func, select

from desk.actions.cases.bulk import BulkChange, change_many
from desk.actions.cases.deeds import give_case, resolve_case
from desk.actions.cases.merges import merge_cases, undo_case_merge
from desk.actions.customers.merges import merge_customers
from desk.model.case import Case, CaseChange, CaseStatus
from desk.model.errors import DeskError
from desk.model.message import Message
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case, a_conversation, a_customer, a_message


def at_once(*deeds: Any) -> list[str]:
    """Do all at the same time; `done`, or the sentence of the refusal, for each."""

    def tried(deed: Any) -> str:
        try:
            deed()
        except DeskError as refused:
            return refused.sentence
        return "done"

    with ThreadPoolExecutor(len(deeds)) as crowd:
        return list(crowd.map(tried, deeds))


def test_two_merges_against_each_other_end_with_one_case(store: Store, cast: Cast) -> None:
    for _ in range(5):
        with store.unit_of_work(STAGE) as work:
            pair = [a_case(work, cast.cleo, queue=cast.support, text=f"Case {n}") for n in (1, 2)]
            for case in pair:
                a_conversation(work, case, cast.mail)
        one, other = pair[0].id, pair[1].id

        def merge(merged: int, into: int) -> None:
            with store.unit_of_work(cast.actor(cast.ada)) as work:
                merge_cases(work, merged, into=into)

        outcomes = at_once(lambda: merge(one, other), lambda: merge(other, one))  # noqa: B023 - done before the next turn

        assert outcomes.count("done") == 1, outcomes
        with store.reading(STAGE) as work:
            said = select(func.count()).where(Message.case_id.in_([one, other]), Message.kind == "inbound")
            assert work.session.scalar(said) == 2


def test_a_merge_undone_twice_at_once_is_undone_once(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        one, other = (a_case(work, cast.cleo, queue=cast.support, text="Tea") for _ in range(2))
        merge = merge_cases(work, other.id, into=one.id)

    def undo() -> None:
        with store.unit_of_work(cast.actor(cast.ada)) as work:
            undo_case_merge(work, merge.id)

    assert at_once(undo, undo, undo).count("done") == 1


def test_a_case_is_resolved_once_whoever_is_faster(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, queue=cast.support, assignee=cast.ada)

    def resolve() -> None:
        with store.unit_of_work(cast.actor(cast.sam)) as work:
            resolve_case(work, case.id, "Done")

    assert at_once(*[resolve] * 4).count("done") == 1
    with store.reading(STAGE) as work:
        assert work.session.scalar(select(func.count()).select_from(CaseChange)) == 1


def test_bulk_and_single_changes_never_lock_each_other_out(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        ids = [a_case(work, cast.cleo, queue=cast.support).id for _ in range(30)]

    def bulk(order: list[int]) -> None:
        with store.unit_of_work(cast.actor(cast.sam)) as work:
            change_many(work, order, BulkChange(frozenset({"assignee_id"}), assignee_id=cast.ada.id))

    def one_by_one() -> None:
        for case_id in reversed(ids):
            with store.unit_of_work(cast.actor(cast.ada)) as work:
                give_case(work, case_id, cast.ben.id)

    assert at_once(lambda: bulk(ids), lambda: bulk(ids[::-1]), one_by_one) == ["done"] * 3
    with store.reading(STAGE) as work:
        held = set(work.session.scalars(select(Case.assignee_id).where(Case.id.in_(ids))))
        assert held <= {cast.ada.id, cast.ben.id}


def test_five_hundred_cases_are_resolved_in_one_go(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        ids = [a_case(work, cast.cleo, queue=cast.support, assignee=cast.ada).id for _ in range(500)]
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        change = BulkChange(frozenset({"status"}), status=CaseStatus.RESOLVED)
        answer = change_many(work, ids, change)
    assert len(answer["changed"]) == 500 and answer["refused"] == []


def test_customers_merged_from_both_sides_end_as_one(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        other = a_customer(work, "C. P.", "cp@example.net")
        case = a_case(work, other, queue=cast.support)
        a_message(work, case, "Hello")

    def merge(merged: int, into: int) -> None:
        with store.unit_of_work(cast.actor(cast.sam)) as work:
            merge_customers(work, merged, into)

    outcomes = at_once(lambda: merge(other.id, cast.cleo.id), lambda: merge(cast.cleo.id, other.id))
    assert outcomes.count("done") == 1
