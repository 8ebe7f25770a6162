"""What a missed promise costs: kept with its clock, told in the ledger, on the case and in the report."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from desk.actions.cases.edits import CaseEdit, edit_case
from desk.actions.clocks.by_time import note_time
from desk.actions.clocks.targets import change_targets, targets_shown
from desk.actions.clocks.targets_trial import targets_tried
from desk.actions.messages.reply import withdraw_reply
from desk.model.agent import Agent
from desk.model.case import Priority
from desk.model.sla import SlaClock
from desk.store.clocks.reading import ledger_of
from desk.store.insights.metrics import METRICS
from desk.store.unit_of_work import Store
from tests.integration.test_clocks import FIRST, RESOLUTION, Stage, stage  # noqa: F401 - a fixture
from tests.people import STAGE, Cast, minutes
from tests.security.browser import Browser

HOUR = 3600
PENALTY = {"clocks": ["first_response"], "amount": "50", "currency": "EUR", "per_hour": "10", "cap": "75"}
TARGETS: list[dict[str, Any]] = [
    {"priorities": ["low"], "first_response": 9 * HOUR},
    {"first_response": HOUR, "resolution": 8 * HOUR, "penalty": PENALTY},
]


@pytest.fixture(autouse=True)
def promised(store: Store, cast: Cast) -> None:
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(0)) as work:
        change_targets(work, TARGETS)


def penalties(store: Store, clock_id: int) -> list[Decimal | None]:
    """What each line of a ledger says that it costs."""
    with store.reading(STAGE) as work:
        return [line.penalty for line in ledger_of(work.session, [clock_id])]


def missed(store: Store, stage: Stage) -> int:  # noqa: F811
    """A case whose first answer is due at minute 60; noted by time alone at minute 90."""
    case_id = stage.mail(0)
    for at in (50, 90):
        with store.unit_of_work(STAGE, now=minutes(at)) as work:
            note_time(work, 100)
    return case_id


def test_a_miss_costs_its_amount_and_each_hour_late_more(store: Store, stage: Stage) -> None:  # noqa: F811
    case_id = missed(store, stage)
    clock = stage.clock(case_id, FIRST)
    assert (clock.penalty, penalties(store, clock.id)) == (Decimal(50), [None, None, Decimal(50)])
    reply = stage.reply(130, case_id, hold=60)
    assert stage.clock(case_id, FIRST).penalty == Decimal(70)
    stage.do(130.5, withdraw_reply, reply)
    assert stage.clock(case_id, FIRST).penalty == Decimal(50)
    stage.reply(300, case_id)
    assert stage.clock(case_id, FIRST).penalty == Decimal(75)
    assert penalties(store, clock.id)[-1] == Decimal(75)
    assert stage.clock(case_id, RESOLUTION).penalty is None


def test_a_deed_that_finds_the_miss_notes_what_it_costs(stage: Stage) -> None:  # noqa: F811
    case_id = stage.mail(0)
    stage.reply(61, case_id)
    assert stage.clock(case_id, FIRST).penalty == Decimal(60)


def test_what_was_missed_is_not_made_cheaper_by_another_priority(store: Store, stage: Stage) -> None:  # noqa: F811
    case_id = missed(store, stage)
    stage.do(100, edit_case, case_id, CaseEdit(frozenset({"priority"}), priority=Priority.LOW))
    stage.reply(150, case_id)
    assert stage.clock(case_id, FIRST).penalty == Decimal(70)


def test_the_case_the_report_and_the_metric_say_what_it_cost(
    store: Store,
    stage: Stage,  # noqa: F811
    cast: Cast,
    as_agent: Callable[[Agent], Browser],
) -> None:
    case_id = missed(store, stage)
    stage.reply(130, case_id)
    sam: Any = as_agent(cast.sam)
    owed = [{"amount": "70.00", "currency": "EUR"}]
    assert sam.api("GET", f"/cases/{case_id}").json["case"]["penalties"] == owed
    shown = sam.api("GET", f"/cases/{case_id}/clocks").json["rows"]
    assert [clock["penalty"] for clock in shown if clock["kind"] == "first_response"] == owed
    days = "first=2026-03-02&last=2026-03-02"
    report = sam.api("GET", f"/reports/sla?{days}").json
    assert report["penalties"] == owed
    assert [(row["missed"], row["penalties"]) for row in report["rows"]] == [(1, owed)]
    assert "70.00,EUR" in sam.api("GET", f"/exports/sla.csv?{days}").text
    card = sam.api("GET", f"/reports/scorecard?{days}&group=finance").json
    [row] = [one for one in card["rows"] if one["metric"] == METRICS["sla_penalties"].key]
    assert row["value"] == 70
    told = sam.api("GET", "/targets").json
    wrong = {**TARGETS[1], "penalty": {**PENALTY, "amount": "-1"}}
    refused = sam.api("PUT", "/targets", {"targets": [wrong]})
    assert (refused.status_code, sam.api("GET", "/targets").json) == (422, told)


def test_other_targets_are_tried_on_what_was_and_on_what_is_open(
    store: Store,
    stage: Stage,  # noqa: F811
    cast: Cast,
) -> None:
    answered_late, answered_soon, _ = (stage.mail(0) for _ in range(3))
    stage.reply(130, answered_late)
    stage.reply(30, answered_soon)
    lenient = [{"first_response": 4 * HOUR, "penalty": {**PENALTY, "amount": "5"}}]
    strict = [{"first_response": HOUR // 4, "penalty": {**PENALTY, "currency": "DKK"}}]
    with store.reading(cast.actor(cast.sam), now=minutes(140)) as work:
        tried, tried_hard = targets_tried(work, lenient), targets_tried(work, strict)
        nothing = targets_tried(work, [])
        assert targets_shown(work)["number"] == 1
    [first] = tried["rows"]
    assert first == {
        "tier": "bronze", "kind": "first_response", "kept": 1, "missed": 1, "kept_then": 2, "missed_then": 0,
    }  # fmt: skip
    assert tried["penalties"] == [{"amount": "70.00", "currency": "EUR"}]
    assert tried["penalties_then"] == [{"amount": "0.00", "currency": "EUR"}]
    assert tried_hard["rows"][0]["missed_then"] == 2
    # Late by 15 minutes and by 115: an hour that begins, and two.
    assert tried_hard["penalties_then"] == [{"amount": "130.00", "currency": "DKK"}]
    assert nothing["rows"][0]["kept_then"] == nothing["rows"][0]["missed_then"] == 0
    assert [one["open"]["overdue"] for one in (tried, tried_hard)] == [1, 1]
    assert [one["open"]["overdue_then"] for one in (tried, tried_hard, nothing)] == [0, 1, 0]


def test_the_penalty_of_a_trial_is_that_of_a_miss(store: Store, stage: Stage, cast: Cast) -> None:  # noqa: F811
    for at in (61, 119, 121, 240, 900):
        stage.reply(at, stage.mail(0))
    with store.reading(cast.actor(cast.sam), now=minutes(1000)) as work:
        tried = targets_tried(work, TARGETS)
        owed = work.session.scalar(select(func.sum(SlaClock.penalty)))
    assert tried["penalties"] == tried["penalties_then"] == [{"amount": f"{owed:.2f}", "currency": "EUR"}]


def test_targets_that_cannot_be_meant_are_not_tried_either(
    as_agent: Callable[[Agent], Browser], cast: Cast
) -> None:
    sam = as_agent(cast.sam)
    refused = sam.api("POST", "/targets/trial", {"targets": [{"tiers": ["gold"]}]})
    assert (refused.status_code, "promises nothing" in refused.text) == (422, True)
