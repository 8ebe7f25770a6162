"""The board over HTTP: told to whoever watches the floor, decided by whoever sets policies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from desk.jobs.make_proposals import make_proposals
from desk.jobs.reading_space import Reading
from desk.model.agent import Agent
from desk.store.unit_of_work import Store
from tests.integration.topics.planted import SHOE, WHOSE, a_space, asked
from tests.people import MORNING, STAGE, Cast
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]
NOW = MORNING + timedelta(days=60)


@pytest.fixture
def gap(store: Store, cast: Cast, reading: Reading) -> str:
    """An answer that nobody wrote down; the address of its proposal."""
    since = NOW - timedelta(days=20)
    with store.unit_of_work(STAGE, now=since) as work:
        topics = a_space(work, WHOSE)
        asked(work, cast, topics[0], WHOSE[0], 30, since, answer=SHOE, agents=[cast.ada, cast.ben, cast.sam])
    assert make_proposals(reading, NOW) == 1
    with store.reading(STAGE) as work:
        number = work.connection.exec_driver_sql("SELECT id FROM proposals").scalar_one()
    return f"/proposals/{number}"


def told(browser: Browser, method: str, path: str, body: Any = None) -> Any:
    """What the API answers."""
    return browser.api(method, path, body).json


def test_a_proposal_is_taken_up_declined_and_taken_back(cast: Cast, as_agent: SignIn, gap: str) -> None:
    sam = as_agent(cast.sam)
    (card,) = told(sam, "GET", "/proposals")["rows"]
    assert (card["state"], card["kind"], card["contacts"]) == ("new", "faq", 30)
    sam.api("PUT", f"{gap}/acceptance", json={"owner_id": cast.ada.id, "due_on": None})
    done = told(sam, "PUT", f"{gap}/refusal", {"reason": "Not now."})
    whole = told(sam, "GET", gap)
    assert (whole["state"], whole["reason"], whole["undo_id"]) == ("declined", "Not now.", done["event_id"])
    assert sam.api("DELETE", f"/proposal-events/{done['event_id']}").status_code == 204
    whole = told(sam, "GET", gap)
    assert (whole["state"], whole["owner"], whole["reason"]) == ("accepted", "Ada Lovelace", None)
    assert [one["kind"] for one in whole["events"]] == ["taken_back", "declined", "accepted", "made"]


def test_evidence_names_its_cases_and_every_sentence_its_own(cast: Cast, as_agent: SignIn, gap: str) -> None:
    sam = as_agent(cast.sam)
    evidence = told(sam, "GET", gap)["evidence"]
    cases = {one["case_id"] for one in (*evidence["quotes"], *evidence["draft"]["sentences"])}
    assert cases
    assert all(sam.api("GET", f"/cases/{number}").status_code == 200 for number in cases)


def test_hours_and_minutes_are_told_in_money_once_a_minute_has_a_cost(
    cast: Cast, as_agent: SignIn, gap: str
) -> None:
    sam = as_agent(cast.sam)
    assert told(sam, "GET", gap)["money"] is None
    assert sam.api("PATCH", "/policies", {"currency": "euro"}).status_code == 422
    sam.api("PATCH", "/policies", {"agent_minute_cost": 0.5, "currency": "EUR"})
    card = told(sam, "GET", gap)
    assert card["currency"] == "EUR"
    assert card["money"] == pytest.approx([30 * hours for hours in card["hours"]], abs=0.01)
    days = "first=2026-01-01&last=2026-12-31"
    shown = told(sam, "GET", f"/questions?{days}")
    assert (shown["minute_cost"], shown["currency"]) == (0.5, "EUR")
    rows = told(sam, "GET", f"/reports/scorecard?{days}&group=finance")["rows"]
    found = next(row for row in rows if row["metric"] == "cost_per_contact")
    # Each was answered after an hour, of which half counts.
    assert found["value"] == pytest.approx(15)


def test_agents_are_told_nothing_and_auditors_change_nothing(cast: Cast, as_agent: SignIn, gap: str) -> None:
    assert as_agent(cast.ada).api("GET", gap).status_code == 403
    assert as_agent(cast.otto).api("PUT", f"{gap}/refusal", json={"reason": "No."}).status_code == 403


def test_a_wrong_form_is_told_at_its_field(cast: Cast, as_agent: SignIn, gap: str) -> None:
    sam = as_agent(cast.sam)
    for path, body, field in (
        ("refusal", {"reason": " "}, "reason"),
        ("acceptance", {"owner_id": 999_999, "due_on": None}, "owner_id"),
        ("effect", {"since": "soon"}, "since"),
    ):
        answer = sam.api("PUT", f"{gap}/{path}", json=body)
        assert answer.status_code == 422
        found: Any = answer.json
        assert found["error"]["field"] == field
    assert sam.api("GET", "/proposals/999999").status_code == 404
