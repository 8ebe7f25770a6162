"""The figures of questions over HTTP: counted, compared, opened, and shown to whom they are for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from desk.actions.insights import question_report
from desk.jobs.read_questions import read_questions
from desk.jobs.reading_space import Reading
from desk.jobs.watch_topics import watch_topics
from desk.model.agent import Agent
from desk.model.assignment import Assignment
from desk.model.message import MessageKind
from desk.model.worth import CustomerValue, ValueRun
from desk.store.unit_of_work import Store
from tests.integration.topics.conftest import EVENING, ask, find
from tests.people import MORNING, STAGE, Cast, a_case, a_customer, a_message
from tests.security.browser import Browser
from tests.unit.insights.asked import QUESTIONS, SAID

SignIn = Callable[[Agent], Browser]
DAYS = "first=2026-04-30&last=2026-05-06"


@pytest.fixture
def sam(as_agent: SignIn, cast: Cast) -> Browser:
    return as_agent(cast.sam)


def shown_to(browser: Browser, days: str = DAYS) -> Any:
    """The page's figures, of the week after the evening unless other days are asked for."""
    return got(browser, f"/questions?{days}")


def got(browser: Browser, path: str) -> Any:
    return browser.api("GET", path).json


@pytest.fixture
def late(store: Store, cast: Cast, asked_for_weeks: Reading) -> int:
    """Cleo asks for her invoice twice within a week; Ada answers the first within ten minutes. The case."""
    with store.unit_of_work(STAGE, now=EVENING) as work:
        run = ValueRun(asked_at=EVENING, asked_by="test", finished_at=EVENING)
        work.session.add(run)
        work.session.flush()
        work.session.add(_value(cast.cleo.id, run.id))
        first = a_case(work, cast.cleo, queue=cast.support, text=SAID["invoice"][0], at=EVENING)
        work.session.add(
            Assignment(
                case_id=first.id, agent_id=cast.ada.id, assigned_at=EVENING + timedelta(minutes=2), reason={}
            )
        )
        a_message(
            work,
            first,
            "Here it is.",
            kind=MessageKind.OUTBOUND,
            agent=cast.ada,
            at=EVENING + timedelta(minutes=12),
        )
        a_case(work, cast.cleo, queue=cast.billing, text=SAID["invoice"][0], at=EVENING + timedelta(days=3))
        a_case(work, a_customer(work, "Dan"), queue=cast.billing, text=SAID["refund"][0], at=EVENING)
    read_questions(asked_for_weeks, EVENING + timedelta(days=4))
    return first.id


def _value(customer_id: int, run_id: int) -> CustomerValue:
    return CustomerValue(
        customer_id=customer_id, run_id=run_id, recency=1, frequency=1, monetary=Decimal(50), r=5, f=5, m=5,
        alive=0.9, purchases=2.0, value=Decimal(120), low=Decimal(80), high=Decimal(160), above=0.5,
        worth=1.0, prior=False, spends_less=False, fell_silent=False,
    )  # fmt: skip


def test_a_topic_tells_what_it_costs_and_whom(sam: Browser, late: int) -> None:
    shown = shown_to(sam)
    row = max(shown["topics"], key=lambda one: one["questions"])
    costs = [row[name] for name in ("questions", "person", "repeat", "minutes", "customers", "risk")]
    assert costs == [2, 1, 1, 10.0, 1, 120.0]
    assert row["trend"] == [0, 1, 0, 0, 1, 0, 0] and len(shown["days"]) == 7
    assert shown["totals"]["questions"] == 3 and shown["totals"]["customers"] == 2
    assert shown["totals"]["before"]["questions"] == 0 and shown["totals"]["active_customers"] > 100


def test_filters_narrow_every_figure(sam: Browser, late: int, cast: Cast) -> None:
    def asked(narrowed: str) -> int:
        return int(got(sam, f"/questions?{DAYS}&{narrowed}")["totals"]["questions"])

    assert asked(f"queue_id={cast.support.id}") == 1
    assert got(sam, f"/questions?{DAYS}&channel=email")["totals"]["beyond"] == 0
    assert asked("tier=platinum") == 0 and asked("channel=email") == 3 and asked("language=eo") == 0
    assert sam.api("GET", "/questions?first=2026-05-02&last=2026-05-01").status_code == 422


def test_every_number_opens_its_cases(sam: Browser, late: int) -> None:
    shown = shown_to(sam)
    row = max(shown["topics"], key=lambda one: one["questions"])
    counts = {"questions": 2, "person": 1, "minutes": 1, "repeat": 1, "missed": 0, "risk": 1, "beyond": 0}
    for measure, count in counts.items():
        path = f"/questions/cases?{DAYS}&topic_id={row['id']}&measure={measure}"
        assert len(got(sam, path)["rows"]) == count
    person = got(sam, f"/questions/cases?{DAYS}&topic_id={row['id']}&measure=person")["rows"]
    assert [one["case_id"] for one in person] == [late]
    assert [one["minutes"] for one in person] == [row["minutes"]]


def test_cases_of_a_topic_are_searched_and_listed_by_whoever_may_see_them(
    sam: Browser, as_agent: SignIn, late: int, cast: Cast
) -> None:
    number = max(shown_to(sam)["topics"], key=lambda one: one["questions"])["id"]

    def cases(browser: Browser, path: str, kind: str) -> set[int]:
        return {case["id"] for case in got(browser, path)[kind]}

    ada = as_agent(cast.ada)
    everybody = cases(sam, f"/cases?topic_id={number}&limit=200", "rows")
    hers = cases(ada, f"/cases?topic_id={number}&limit=200", "rows")
    assert late in hers and len(everybody - hers) == 1
    assert cases(ada, f"/search?q=topic:{number}&limit=100", "cases") == hers
    assert got(sam, f"/search?q=topic:{number} parcel&kind=messages")["messages"] == []


def test_figures_are_for_those_who_watch_the_floor(as_agent: SignIn, late: int, cast: Cast) -> None:
    ada, otto = as_agent(cast.ada), as_agent(cast.otto)
    assert ada.api("GET", "/questions").status_code == 403
    assert otto.api("GET", "/questions").status_code == 200
    assert otto.api("POST", "/topic-runs").status_code == 403


def test_a_person_corrects_and_takes_back_over_http(sam: Browser, late: int) -> None:
    rows = shown_to(sam)["topics"]
    one, other = rows[0]["id"], rows[1]["id"]
    merged: Any = sam.api("PUT", f"/topics/{one}/merge", json={"into_id": other}).json
    event = merged["event_id"]
    assert one not in [row["id"] for row in shown_to(sam, "")["topics"]]
    assert sam.api("DELETE", f"/topic-events/{event}").status_code == 204
    assert sam.api("PATCH", f"/topics/{one}", json={"name": "Bills", "area": "Money"}).status_code == 200
    shown = got(sam, f"/topics/{one}")
    assert (shown["name"], shown["area"]) == ("Bills", "Money")
    assert [event["kind"] for event in shown["events"]][:2] == ["area_changed", "renamed"]
    assert sam.api("PUT", f"/topics/{one}/merge", json={"into_id": one}).status_code == 422
    assert sam.api("GET", "/topics/999999").status_code == 404


def test_the_table_leaves_as_csv(sam: Browser, late: int) -> None:
    answer = sam.api("GET", f"/exports/questions.csv?{DAYS}")
    lines = answer.text.splitlines()
    assert lines[0].startswith("topic_id,topic,area,state,questions")
    assert any(",2,0,1,0,1,10.0,1,120.0" in line for line in lines)


def test_before_the_first_discovery_the_page_says_how_far_it_is(
    sam: Browser, store: Store, cast: Cast, reading: Reading
) -> None:
    ask(store, cast, ["Where is my parcel?"], MORNING)
    read_questions(reading, MORNING)
    assert shown_to(sam, "")["standing"] == {"questions": 1, "behind": False, "needed": 200, "run": None}
    assert sam.api("POST", "/topic-runs").status_code == 202


def test_while_much_is_unread_the_page_says_that_figures_are_not_whole(
    sam: Browser, store: Store, cast: Cast, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(question_report, "MANY_UNREAD", 3)
    ask(store, cast, ["Where is my parcel?", "How do I return this?", "My invoice, please?"], MORNING)
    assert shown_to(sam, "")["standing"]["behind"]
    read_questions(reading, MORNING)
    assert not shown_to(sam, "")["standing"]["behind"]


def test_a_burst_raises_an_alert_that_says_what_its_cases_share(
    sam: Browser, store: Store, cast: Cast, reading: Reading
) -> None:
    for day in range(70):
        ask(
            store,
            cast,
            [QUESTIONS[(day * 12 + number * 17) % 192] for number in range(12)],
            MORNING + timedelta(days=day),
        )
    find(reading, MORNING + timedelta(days=70))
    today = MORNING + timedelta(days=70, hours=2)
    assert watch_topics(reading, today) == 0
    ask(store, cast, [f"{one} DHL says delivered" for one in SAID["delivery"]][:30], today)
    read_questions(reading, today)
    watch_topics(reading, today + timedelta(minutes=1))
    alerts = shown_to(sam, "")["alerts"]
    alert = alerts[0]
    assert alert["began_on"] == "2026-05-11" and alert["asked"] > 3 * alert["expected"]
    assert alert["cause"]["value"] == "DHL" and alert["cause"]["share"] > 0.9
    assert sam.api("PUT", f"/topic-alerts/{alert['id']}/seen").status_code == 204
    assert shown_to(sam, "")["alerts"][0]["seen"]
    watch_topics(reading, today + timedelta(days=4))
    assert shown_to(sam, "")["alerts"] == []
