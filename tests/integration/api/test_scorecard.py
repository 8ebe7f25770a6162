"""The scorecard over HTTP: who sees it, who aims, and what stands behind a figure."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from desk.model.agent import Agent
from desk.model.case import CaseChange
from desk.store.insights.metrics import METRICS
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]
SCORECARD = "/reports/scorecard"


@pytest.fixture
def sam(as_agent: SignIn, cast: Cast) -> Browser:
    return as_agent(cast.sam)


@pytest.fixture
def solved(store: Store, cast: Cast) -> int:
    """A case that was opened five days ago and took two hours."""
    opened = datetime.now(UTC) - timedelta(days=5)
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, queue=cast.support, at=opened, text="Where is it?")
        case.resolved_at = opened + timedelta(hours=2)
        resolution = CaseChange(
            case_id=case.id, at=case.resolved_at, actor="t", sentence="…", what="status", before="open",
            after="resolved",
        )  # fmt: skip
        work.session.add(resolution)
        return case.id


def row(browser: Browser, key: str, asked: str = "") -> dict[str, object]:
    rows = browser.api("GET", f"{SCORECARD}{asked}").json["rows"]
    return next(one for one in rows if one["metric"] == key)


def test_every_metric_stands_with_its_definition_and_what_is_missing_with_its_reason(sam: Browser) -> None:
    shown = sam.api("GET", "/reports/metrics").json
    assert [one["metric"] for one in shown["rows"]] == list(METRICS)
    assert shown["rows"][0]["formula"] == "cases that one contact solved / cases resolved"
    why = "How long an agent has a case is kept; how long it was worked on is not."
    assert {"title": "Handle time of written cases", "why": why} in shown["missing"]


def test_an_empty_desk_has_no_figures_but_none_that_waits(sam: Browser) -> None:
    shown = sam.api("GET", SCORECARD).json
    assert len(shown["weeks"]) == 13
    assert shown["last"] == f"{datetime.now(UTC):%Y-%m-%d}"
    people = sam.api("GET", f"{SCORECARD}?group=people").json["rows"]
    assert {one["metric"] for one in people} == {"occupancy", "chat_handle_time", "offers_taken"}
    assert {one["metric"]: one["value"] for one in shown["rows"] if one["value"] is not None} == {
        "backlog": 0
    }


def test_a_goal_is_kept_with_who_and_when_and_judged(sam: Browser, cast: Cast, solved: int) -> None:
    goal = f"{SCORECARD}/resolution_time/goal"
    aimed = sam.api("PUT", goal, {"target": 3600, "owner_id": cast.ada.id, "rhythm": "monthly"})
    assert (aimed.json["owner"], aimed.json["by"]) == ("Ada Lovelace", "Sam Beckett")
    assert row(sam, "resolution_time")["verdict"] == "missed"
    sam.api("PUT", goal, {"target": 7200})
    shown = row(sam, "resolution_time")
    assert (shown["value"], shown["verdict"], shown["few"]) == (7200, "met", True)
    kept = sam.api("GET", f"{SCORECARD}/resolution_time/goals").json["rows"]
    assert [(one["target"], one["owner"], one["rhythm"]) for one in kept] == [
        (7200, None, "weekly"),
        (3600, "Ada Lovelace", "monthly"),
    ]


@pytest.mark.parametrize(
    ("metric", "given", "status", "words"),
    [
        ("sla_attainment", {"target": 95}, 422, "from 0 to 100 percent"),
        ("sla_attainment", {"target": -1}, 422, "Give 0 or more"),
        ("sla_attainment", {"target": 0.9, "owner_id": 999_999}, 422, "no such person"),
        ("tea_time", {"target": 0.9}, 404, "no metric"),
    ],
)
def test_a_goal_that_cannot_be_changes_nothing(
    sam: Browser, metric: str, given: dict[str, object], status: int, words: str
) -> None:
    refused = sam.api("PUT", f"{SCORECARD}/{metric}/goal", given)
    assert (refused.status_code, words in refused.get_data(as_text=True)) == (status, True)
    assert all(one["goal"] is None for one in sam.api("GET", SCORECARD).json["rows"])


def test_a_period_and_a_queue_narrow_the_figures(sam: Browser, cast: Cast, solved: int) -> None:
    assert row(sam, "resolution_time", f"?queue={cast.support.id}")["count"] == 1
    assert row(sam, "resolution_time", f"?queue={cast.billing.id}")["count"] == 0
    assert row(sam, "resolution_time", "?channel=chat&tier=gold")["count"] == 0
    assert row(sam, "resolution_time", "?days=2")["count"] == 0
    assert row(sam, "resolution_time", "?first=2026-01-01&last=2026-01-31")["count"] == 0
    helpful = row(sam, "helpful_articles", f"?queue={cast.support.id}")
    assert (helpful["narrowed"], helpful["value"]) == (False, None)
    assert sam.api("GET", f"{SCORECARD}?first=2026-02-02&last=2026-02-01").status_code == 422


def test_behind_a_figure_stand_its_cases(sam: Browser, solved: int) -> None:
    [behind] = sam.api("GET", f"{SCORECARD}/resolution_time/cases").json["rows"]
    assert (behind["case_id"], behind["value"]) == (solved, 7200)
    assert sam.api("GET", f"{SCORECARD}/helpful_articles/cases").json["rows"] == []


def test_the_scorecard_leaves_as_csv_with_a_column_a_week(sam: Browser, solved: int) -> None:
    lines = list(csv.DictReader(sam.get("/api/v1/exports/scorecard.csv").text.splitlines()))
    assert [line["metric"] for line in lines] == list(METRICS)
    assert sum(name.startswith("week ") for name in lines[0]) == 13
    [line] = [line for line in lines if line["metric"] == "resolution_time"]
    assert (line["value"], line["count"]) == ("7200.0", "1")


def test_managers_aim_auditors_look_and_agents_do_neither(as_agent: SignIn, cast: Cast) -> None:
    goal = f"{SCORECARD}/backlog/goal"
    auditor, agent = as_agent(cast.otto), as_agent(cast.ada)
    assert auditor.api("GET", SCORECARD).status_code == 200
    assert auditor.api("PUT", goal, {"target": 5}).status_code == 403
    assert auditor.get("/api/v1/exports/scorecard.csv").status_code == 403
    assert agent.api("GET", SCORECARD).status_code == 403
    assert agent.api("GET", f"{SCORECARD}/backlog/cases").status_code == 403
