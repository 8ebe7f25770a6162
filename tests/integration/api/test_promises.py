"""Calendars, targets and ledgers over HTTP: a manager promises, and everybody sees what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desk.actions.cases.deeds import await_customer
from desk.model.agent import Agent
from desk.store.unit_of_work import Store
from tests.integration.test_clocks import MORNINGS, Stage
from tests.people import Cast, minutes
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]
HOUR = {"first_response": 3600, "resolution": 28_800}


@pytest.fixture
def sam(as_agent: SignIn, cast: Cast) -> Browser:
    return as_agent(cast.sam)


def promise(browser: Browser, *targets: dict[str, Any], note: str = "") -> Any:
    return browser.api("PUT", "/targets", json={"targets": list(targets), "note": note})


def test_targets_are_kept_version_by_version_and_taken_back(sam: Browser) -> None:
    assert sam.api("GET", "/targets").json == {"number": None, "targets": [], "versions": []}
    promise(sam, HOUR, note="First")
    promise(sam, {"tiers": ["gold"], "first_response": 600}, HOUR)
    assert sam.api("PUT", "/targets/version", json={"number": 1}).json["number"] == 3
    shown = sam.api("GET", "/targets").json
    assert [one["number"] for one in shown["versions"]] == [3, 2, 1]
    assert shown["versions"][2]["note"] == "First"
    assert shown["targets"][0]["first_response"] == 3600
    assert sam.api("PUT", "/targets/version", json={"number": 9}).status_code == 404


def test_who_saw_an_older_version_is_told_before_writing_over_it(sam: Browser) -> None:
    def save(expected: int) -> Any:
        return sam.api("PUT", "/targets", json={"targets": [HOUR], "note": "", "expected": expected})

    assert save(0).json["number"] == 1
    refused = save(0)

    assert refused.status_code == 409
    assert refused.json["error"]["current"] == {"number": 1}
    assert len(sam.api("GET", "/targets").json["versions"]) == 1
    assert save(1).json["number"] == 2


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        ([HOUR, {"tiers": ["gold"], "first_response": 60}], "Target 2 is never reached"),
        ([{"tiers": ["gold"]}], "promises nothing"),
        ([{"first_response": 1}], "from 10 seconds"),
        ([{"tiers": ["diamond"], "first_response": 60}], "bronze"),
    ],
)
def test_targets_that_cannot_be_meant_change_nothing(
    sam: Browser, targets: list[dict[str, Any]], words: str
) -> None:
    refused = promise(sam, *targets)
    assert (refused.status_code, words in refused.get_data(as_text=True)) == (422, True)
    assert sam.api("GET", "/targets").json["versions"] == []


def test_a_calendar_is_made_changed_and_given_to_queues(sam: Browser, cast: Cast) -> None:
    made = sam.api(
        "POST", "/calendars", json={"name": "Office", "hours": {"zone": "Europe/Berlin", "days": MORNINGS}}
    )
    assert (made.status_code, made.json["default"], made.json["version"]) == (201, True, 1)
    special = ["2026-12-24 09:00-12:00 Christmas Eve", "2026-12-31 Stocktaking"]
    change = {"country": "DE", "region": "BE", "queue_ids": [cast.support.id], "special": special}
    changed = sam.api("PATCH", f"/calendars/{made.json['id']}", json=change).json
    assert (changed["version"], changed["queue_ids"]) == (2, [cast.support.id])
    assert (changed["special"], changed["hours"]["days"]["mon"]) == (special, [["09:00", "12:00"]])
    renamed = sam.api("PATCH", f"/calendars/{made.json['id']}", json={"name": "Shop"}).json
    assert (renamed["name"], renamed["version"], renamed["country"]) == ("Shop", 2, "DE")
    twice = sam.api("POST", "/calendars", json={"name": "Shop"})
    assert (twice.status_code, twice.json["error"]["field"]) == (422, "name")


def test_a_calendar_without_hours_is_open_around_the_clock(sam: Browser) -> None:
    made = sam.api("POST", "/calendars", json={"name": "Always"}).json
    assert (made["hours"], made["special"]) == (None, [])


def test_a_calendar_with_no_open_hour_is_refused_in_words(sam: Browser) -> None:
    refused = sam.api("POST", "/calendars", json={"name": "Never", "hours": {"days": {"mon": []}}})
    assert refused.status_code == 422
    assert "no open hour" in refused.json["error"]["sentence"]
    assert sam.api("GET", "/calendars").json["rows"] == []


def test_a_calendar_goes_only_when_nothing_holds_on_to_it(sam: Browser, cast: Cast) -> None:
    default = sam.api("POST", "/calendars", json={"name": "Office", "hours": {"days": MORNINGS}}).json["id"]
    other = sam.api("POST", "/calendars", json={"name": "Nights", "queue_ids": [cast.support.id]}).json["id"]
    assert "default" in sam.api("DELETE", f"/calendars/{default}").json["error"]["sentence"]
    assert "queues work by Nights" in sam.api("DELETE", f"/calendars/{other}").json["error"]["sentence"]
    sam.api("PATCH", f"/calendars/{other}", json={"queue_ids": []})
    assert sam.api("DELETE", f"/calendars/{other}").status_code == 204
    assert [row["name"] for row in sam.api("GET", "/calendars").json["rows"]] == ["Office"]


def test_the_due_list_begins_with_what_is_due_first(
    sam: Browser, as_agent: SignIn, store: Store, cast: Cast
) -> None:
    promise(sam, {"priorities": ["urgent"], "first_response": 60}, HOUR)
    stage = Stage(store, cast)
    late, later, paused = stage.mail(0), stage.mail(5), stage.mail(1)
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(2)) as work:
        await_customer(work, paused)
    rows = as_agent(cast.ada).api("GET", "/cases?view=all&tab=due").json["rows"]
    assert [row["id"] for row in rows] == [late, later]
    assert (rows[0]["due_clock"], rows[0]["due_at"]) == ("first_response", "2026-03-02T10:00:00Z")
    first = as_agent(cast.ada).api("GET", "/cases?view=all&tab=due&limit=1").json
    second = as_agent(cast.ada).api("GET", f"/cases?view=all&tab=due&limit=1&cursor={first['next']}").json
    assert [row["id"] for row in second["rows"]] == [later]


def test_a_case_tells_why_it_is_late(sam: Browser, store: Store, cast: Cast) -> None:
    promise(sam, HOUR)
    stage = Stage(store, cast)
    case_id = stage.mail(0)
    stage.reply(75, case_id)
    first, resolution = sam.api("GET", f"/cases/{case_id}/clocks").json["rows"]
    assert [line["kind"] for line in first["ledger"]] == ["started", "missed", "met"]
    assert first["missed_at"] == "2026-03-02T10:00:00Z"
    assert resolution["ledger"][-1]["sentence"] == "Ada Lovelace answered."
    shown = sam.api("GET", f"/cases/{case_id}").json["case"]
    assert [(clock["kind"], clock["phase"]) for clock in shown["clocks"]] == [("resolution", "paused")]


def test_the_report_counts_what_was_kept_and_leads_to_the_cases(
    sam: Browser, as_agent: SignIn, store: Store, cast: Cast
) -> None:
    promise(sam, HOUR)
    stage = Stage(store, cast)
    kept, late, running = stage.mail(0), stage.mail(1), stage.mail(2)
    stage.reply(30, kept)
    stage.reply(90, late)
    days = "first=2026-03-02&last=2026-03-02"
    rows = sam.api("GET", f"/reports/sla?{days}&by=channel").json["rows"]
    [first] = [row for row in rows if row["kind"] == "first_response"]
    assert (first["group"], first["kept"], first["missed"]) == ("email", 1, 1)
    assert first["median_seconds"] == (30 + 89) / 2 * 60
    by_day = sam.api("GET", f"/reports/sla?{days}&by=day").json["rows"]
    assert [row["group"] for row in by_day] == ["2026-03-02"]
    wanted = f"{days}&by=channel&group=email&kind=first_response&outcome=missed"
    [clock] = sam.api("GET", f"/reports/sla/clocks?{wanted}").json["rows"]
    assert (clock["case_id"], clock["used_seconds"]) == (late, 89 * 60)
    csv = sam.api("GET", f"/exports/sla.csv?{days}").get_data(as_text=True).splitlines()
    assert len(csv) == 3 and csv[0].startswith("case_id,subject,channel")
    assert running not in (kept, late)
    assert sam.api("GET", "/reports/sla?first=2026-03-03&last=2026-03-02").status_code == 422
    assert as_agent(cast.ada).api("GET", f"/reports/sla?{days}").status_code == 403
