"""Lists: what each view holds, page by page, and counters that agree with them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask.json.provider import DefaultJSONProvider

from desk.model.case import Case, CaseRead, CaseStatus, CaseWatch, Draft
from desk.model.errors import Invalid
from desk.model.message import MessageKind
from desk.store.cases.lists import CaseFilter, counters, every_case, page_of_cases
from desk.store.unit_of_work import Store
from tests.people import MORNING, STAGE, Cast, a_case, a_message, minutes
from tests.statements import statements

VIEWS = {
    "mine": CaseFilter("mine"),
    "unassigned": CaseFilter("unassigned"),
    "mentions": CaseFilter("mentions"),
    "snoozed": CaseFilter("snoozed"),
    "all_open": CaseFilter("all"),
}


def a_busy_morning(store: Store, cast: Cast) -> dict[str, int]:
    """Cases in every state, by a name to speak of them."""
    with store.unit_of_work(STAGE, now=MORNING) as work:
        cases = {
            "waiting": a_case(work, cast.cleo, "Tea", queue=cast.support, text="Hello?", at=minutes(1)),
            "adas": a_case(work, cast.cleo, "Cup", queue=cast.support, assignee=cast.ada, at=minutes(2)),
            "billed": a_case(work, cast.cleo, "Bill", queue=cast.billing, assignee=cast.ben, at=minutes(3)),
            "nowhere": a_case(work, cast.cleo, "Lost", at=minutes(4)),
            "asleep": a_case(work, cast.cleo, queue=cast.support, status=CaseStatus.SNOOZED, at=minutes(5)),
            "answered": a_case(work, cast.cleo, queue=cast.support, status=CaseStatus.WAITING, at=minutes(6)),
            "done": a_case(work, cast.cleo, queue=cast.support, status=CaseStatus.RESOLVED, at=minutes(7)),
        }
        a_message(
            work, cases["billed"], "@Ada?", kind=MessageKind.NOTE, agent=cast.ben, mentions=[cast.ada.id]
        )
        work.session.add(CaseWatch(case_id=cases["billed"].id, agent_id=cast.ada.id))
        return {name: case.id for name, case in cases.items()}


def seen(store: Store, cast: Cast, who: str, wanted: CaseFilter) -> list[int]:
    actor = cast.actor(getattr(cast, who))
    with store.reading(actor) as work:
        return [row["id"] for row in page_of_cases(work.session, actor, wanted)[0]]


def test_each_view_holds_its_own_newest_first(store: Store, cast: Cast) -> None:
    case = a_busy_morning(store, cast)

    assert seen(store, cast, "ada", CaseFilter("mine")) == [case["adas"]]
    assert seen(store, cast, "ada", CaseFilter("mentions")) == [case["billed"]]
    assert seen(store, cast, "ada", CaseFilter("snoozed")) == [case["asleep"]]
    assert seen(store, cast, "ada", CaseFilter("all")) == [
        case[name] for name in ("answered", "nowhere", "billed", "adas", "waiting")
    ]
    assert seen(store, cast, "ada", CaseFilter("all", tab="resolved")) == [case["done"]]


def test_an_agent_without_the_queue_sees_its_cases_in_no_list(store: Store, cast: Cast) -> None:
    case = a_busy_morning(store, cast)

    assert seen(store, cast, "ben", CaseFilter("all")) == [case["nowhere"], case["billed"]]
    assert seen(store, cast, "ben", CaseFilter("all", queue_id=cast.support.id)) == []
    assert len(seen(store, cast, "sam", CaseFilter("all", queue_id=cast.support.id))) == 3


def test_due_reads_longest_waiting_first_and_unread_what_the_reader_has_not_reached(
    store: Store, cast: Cast
) -> None:
    case = a_busy_morning(store, cast)

    due = CaseFilter("all", tab="due")
    unread = CaseFilter("all", tab="unread")
    assert seen(store, cast, "ada", due)[:2] == [case["waiting"], case["adas"]]
    assert seen(store, cast, "ada", unread) == [case["waiting"]]
    with store.unit_of_work(STAGE) as work:
        work.session.add(CaseRead(case_id=case["waiting"], agent_id=cast.ada.id, position=1))
    assert seen(store, cast, "ada", unread) == []
    assert seen(store, cast, "sam", unread) == [case["waiting"]]


def test_every_filter_narrows(store: Store, cast: Cast) -> None:
    case = a_busy_morning(store, cast)
    with store.unit_of_work(STAGE) as work:
        work.session.get_one(Case, case["adas"]).tags = ["gift", "100%"]

    assert seen(store, cast, "sam", CaseFilter(tag="gift")) == [case["adas"]]
    assert seen(store, cast, "sam", CaseFilter(tag="100_")) == []
    assert seen(store, cast, "sam", CaseFilter(status=CaseStatus.RESOLVED)) == [case["done"]]
    assert seen(store, cast, "sam", CaseFilter(assignee_id=cast.ben.id)) == [case["billed"]]
    assert seen(store, cast, "sam", CaseFilter(q="te")) == []
    assert seen(store, cast, "sam", CaseFilter(q="bil")) == [case["billed"]]
    assert seen(store, cast, "sam", CaseFilter(q=f"#{case['nowhere']}")) == [case["nowhere"]]


def test_every_counter_is_the_length_of_its_list(store: Store, cast: Cast) -> None:
    a_busy_morning(store, cast)

    for who in ("ada", "ben", "sam", "otto"):
        actor = cast.actor(getattr(cast, who))
        with store.reading(actor) as work:
            counted = counters(work.session, actor)
        listed = {name: len(seen(store, cast, who, wanted)) for name, wanted in VIEWS.items()}
        assert {name: counted[name] for name in VIEWS} == listed
        for queue in (cast.support, cast.billing):
            in_queue = seen(store, cast, who, CaseFilter("all", queue_id=queue.id))
            assert counted["queues"].get(str(queue.id), 0) == len(in_queue)


def test_the_counters_of_an_empty_desk_are_zero(store: Store, cast: Cast) -> None:
    actor = cast.actor(cast.ada)

    with store.reading(actor) as work:
        counted = counters(work.session, actor)

    assert counted == {
        "mine": 0, "unassigned": 0, "mentions": 0, "snoozed": 0, "all_open": 0, "queues": {}, "quarantine": 0,
    }  # fmt: skip


def test_pages_neither_miss_nor_double_a_row_while_others_change(store: Store, cast: Cast) -> None:
    actor = cast.actor(cast.sam)
    with store.unit_of_work(STAGE, now=MORNING) as work:
        # Two cases a moment, so that the number has to break the tie.
        ids = [a_case(work, cast.cleo, queue=cast.support, at=minutes(turn // 2)).id for turn in range(20)]
    met: list[int] = []
    cursor: str | None = None
    moved = [ids[3], ids[16]]
    while True:
        with store.reading(actor) as work:
            rows, cursor = page_of_cases(work.session, actor, CaseFilter(), cursor=cursor, limit=3)
        met += [row["id"] for row in rows]
        if cursor is None:
            break
        if moved:
            with store.unit_of_work(STAGE) as work:
                work.session.get_one(Case, moved.pop()).last_at = MORNING + timedelta(days=1)

    still = [key for key in reversed(ids) if key not in (ids[3], ids[16])]
    assert [key for key in met if key in still] == still
    assert len(met) == len(set(met))


def test_a_cursor_of_another_order_or_of_nobody_is_refused(store: Store, cast: Cast) -> None:
    actor = cast.actor(cast.sam)
    with store.unit_of_work(STAGE) as work:
        for _ in range(3):
            a_case(work, cast.cleo)
    with store.reading(actor) as work:
        _, cursor = page_of_cases(work.session, actor, CaseFilter(), limit=1)
        assert cursor is not None
        for wrong in (cursor, "", "x", "W10", "WyJsYXN0IiwxZTk5OSwxXQ", "é"):
            with pytest.raises(Invalid):
                page_of_cases(work.session, actor, CaseFilter(tab="due"), cursor=wrong)


def test_a_row_is_one_statement_and_small(store: Store, cast: Cast) -> None:
    actor = cast.actor(cast.ada)
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, "Where is my order of the ninth?", queue=cast.support, text="x" * 500)
        work.session.add(
            Draft(agent_id=cast.ada.id, case_id=case.id, kind="reply", content={}, saved_at=work.now)
        )
    with store.reading(actor) as work, statements(store.engine) as asked:
        rows, _ = page_of_cases(work.session, actor, CaseFilter())

    assert len(asked) == 1
    assert rows[0]["draft"] and rows[0]["unread"] and rows[0]["name"] == "Cleo Patterson"
    # Of its numbers, which grow with the desk, one digit each is counted.
    row = {key: 1 if key == "id" or key.endswith("_id") else value for key, value in rows[0].items()}
    assert len(json.dumps(row, default=DefaultJSONProvider.default, separators=(",", ":"))) < 560


def test_the_whole_list_is_streamed_in_its_order(store: Store, cast: Cast) -> None:
    case = a_busy_morning(store, cast)
    actor = cast.actor(cast.sam)

    with store.reading(actor) as work:
        streamed = [row["id"] for row in every_case(work.session, actor, CaseFilter("all"))]

    assert streamed == seen(store, cast, "sam", CaseFilter("all"))
    assert case["waiting"] in streamed
